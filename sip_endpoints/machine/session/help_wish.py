# SPDX-License-Identifier: AGPL-3.0-or-later
"""A wish for help that nobody was told of yet: kept while browsers come and go.

A page says by its title that it has one, and is given it by its address; which page it is makes
no difference. Nothing of a person is in it.
"""

import time
from collections.abc import Callable
from pathlib import Path

from sip_endpoints.log import Log

log = Log(__name__)

# Whoever asked so long ago is no longer there; static/kiosk/help-key.js gives up as soon.
KEPT_SECONDS = 15 * 60.0
# In the part (#) of the address of a page that is to ask for help as it is opened; last there,
# since another program's word may be in it too.
WORD = "aide"


def since_boot() -> float:
    """Give the seconds since the machine started, which no clock that is set changes."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class HelpWish:
    """The wish and until when it is kept, in a file of this start of the machine."""

    def __init__(self, file: Path, clock: Callable[[], float] = since_boot) -> None:
        self._file = file
        self._clock = clock
        self._until = self._read()

    def hear(self, is_wanted: bool | None) -> None:
        """Take what the page says: it has a wish, it has none (any more), or nothing."""
        if is_wanted is None or is_wanted == self._is_kept:
            return
        self._until = self._clock() + KEPT_SECONDS if is_wanted else 0.0
        log.info("a wish for help", is_told=not is_wanted)
        try:
            if is_wanted:
                self._file.write_text(f"{self._until:.0f}", encoding="ascii")
            else:
                self._file.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the wish for help is not kept", why=str(error.strerror))

    def to(self, address: str) -> str:
        """Give the address of a page, which asks for help where that is to be told still."""
        if not self._is_kept:
            return address
        return f"{address}{'&' if '#' in address else '#'}{WORD}"

    @property
    def _is_kept(self) -> bool:
        return self._clock() < self._until

    def _read(self) -> float:
        try:
            until = float(self._file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0.0
        return min(until, self._clock() + KEPT_SECONDS)
