# SPDX-License-Identifier: AGPL-3.0-or-later
"""A printer that was not there when the kiosk was enrolled: taken once it announces itself."""

from collections.abc import Callable

from sip_endpoints.log import Log
from sip_endpoints.machine.devices.found import ChoiceNeeded, Found, Kind, meant
from sip_endpoints.machine.system.choices import NONE, VIRTUAL
from sip_endpoints.machine.system.errors import ProgramFailed

log = Log(__name__)

# To look takes seconds of the agent's, and nobody waits for it.
EVERY_SECONDS = 120.0


class PrinterWatch:
    """Looks for the printer as long as there is no queue."""

    def __init__(
        self,
        choice: Callable[[], str],
        has_queue: Callable[[], bool],
        find: Callable[[], list[Found]],
        make_queue: Callable[[Found], None],
    ) -> None:
        self._choice = choice
        self._has_queue = has_queue
        self._find = find
        self._make_queue = make_queue
        self._look_at = 0.0

    def look(self, now: float) -> bool:
        """Look, if it is time to; say whether the kiosk has a printer that it had not."""
        if now < self._look_at:
            return False
        self._look_at = now + EVERY_SECONDS
        choice = self._choice()
        if choice in (NONE, VIRTUAL):
            return False
        try:
            if self._has_queue():
                return False
            printer = meant(Kind.PRINTER, choice, self._find())
            # Whoever enrols the kiosk looks at the same time.
            if printer is None or self._has_queue():
                return False
            self._make_queue(printer)
        except ChoiceNeeded:
            # Told by `guichet-kiosk devices`, and as missing by the self-test.
            return False
        except ProgramFailed as error:
            log.warning("the printer could not be set up", why=str(error))
            return False
        log.info("a printer was set up", printer=printer.name)
        return True
