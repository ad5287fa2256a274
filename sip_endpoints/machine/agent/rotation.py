# SPDX-License-Identifier: AGPL-3.0-or-later
"""New secrets in two steps: on the disk first, in force once no call is up.

The server takes both until the new one was shown. Shown in a call it would end the old one
under the telephone's feet: so nothing uses the new ones before the telephone may restart.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sip_endpoints.log import Log
from sip_endpoints.machine.enrolment.grant import (
    grant_text,
    read_grant,
    read_grant_file,
)
from sip_endpoints.machine.enrolment.storing import keep_grant, write_bundles
from sip_endpoints.machine.system.choices import read_choices
from sip_endpoints.machine.system.kept_files import shred_file, write_file
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.units import BRIDGE, PHONE, SCREEN, Units

log = Log(__name__)


class Rotation:
    """The two steps; each may be cut off and done again."""

    def __init__(
        self, places: Places, units: Units, let_phone_end: Callable[[], bool]
    ) -> None:
        self._places = places
        self._units = units
        self._let_phone_end = let_phone_end

    @property
    def _next(self) -> Path:
        return self._places.settings / "grant.next.json"

    def take(self, answer: dict[str, Any]) -> None:
        """Keep the new secrets; raise GrantMalformed for an answer that is none."""
        grant = read_grant(answer)
        write_file(self._next, grant_text(grant), mode=0o600)
        log.info("new secrets kept, to be put in force when no call is up")

    def settle(self) -> None:
        """Put the new secrets in force, if there are any and no call is up."""
        if not self._next.exists() or self._units.is_testing():
            return
        if not self._let_phone_end():
            return
        grant = read_grant_file(self._next.read_text(encoding="utf-8"))
        keep_grant(grant, self._places)
        write_bundles(grant, read_choices(self._places.choices), self._places)
        self._units.restart(PHONE, BRIDGE, SCREEN)
        shred_file(self._next)
        log.info("new secrets in force")
