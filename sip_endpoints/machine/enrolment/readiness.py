# SPDX-License-Identifier: AGPL-3.0-or-later
"""Waits for a kiosk that starts, has it test itself, and says whether it is ready."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sip_endpoints.machine.checks.check import (
    BEFORE_UPDATE,
    Check,
    CheckName,
    CheckReason,
    CheckState,
    is_ready,
)
from sip_endpoints.machine.checks.owed import read_owed
from sip_endpoints.machine.checks.self_test import phone_status, read_kept
from sip_endpoints.machine.checks.sentences import missing
from sip_endpoints.machine.session.browsing import BROWSER
from sip_endpoints.machine.session.outputs import (
    Session,
    SessionAway,
    chosen,
    notice_order,
)
from sip_endpoints.machine.system.choices import Screens
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.units import SELF_TEST, Units

WAIT_SECONDS, TEST_SECONDS, NOTICE_SECONDS = 60.0, 180.0, 60
_EVERY_SECONDS = 0.5
READY = "La borne est prête."
AFTER_CALL = (
    "Un appel est en cours : la borne fonctionne, et fera son essai d'elle-même après "
    "l'appel. Il n'y a rien d'autre à faire."
)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a self-test found; none where none could be made."""

    checks: tuple[Check, ...]
    tested: dict[str, Any] = field(default_factory=dict)
    # A call is up: the agent has the self-test made after it.
    is_owed: bool = False

    @property
    def is_ready(self) -> bool:
        """Say whether everything works."""
        return bool(self.checks) and is_ready(self.checks)

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        if self.is_ready:
            return READY
        if self.is_owed:
            return AFTER_CALL
        if not self.checks:
            return "La borne n'a pas pu s'essayer : voyez journalctl -u 'guichet-self-test@*'."
        count = len(missing(self.checks))
        return f"La borne n'est pas prête : {count} point{'s' if count > 1 else ''} à corriger."


def await_start(places: Places, wait_seconds: float = WAIT_SECONDS) -> None:
    """Wait until the telephone is registered and the browser is there, but not for ever."""
    session = Session(places.sway_socket)
    _await(lambda: _is_registered(places) and _has_browser(session), wait_seconds)


def make_self_test(places: Places, units: Units, reason: CheckReason) -> Readiness:
    """Have the kiosk test itself as its own user, and give what it found."""
    return _test(places, units, reason.value, places.self_test)


def look_before_update(places: Places, units: Units) -> Readiness:
    """Have it test itself just before its version changes; nobody is told."""
    return _test(places, units, BEFORE_UPDATE, places.self_test_before)


def _test(places: Places, units: Units, instance: str, result: Path) -> Readiness:
    began_at = datetime.now(UTC).isoformat(timespec="seconds")
    units.start_now(SELF_TEST.format(instance), TEST_SECONDS)
    kept = read_kept(result)
    if kept is None or str(kept.get("at")) < began_at:
        owed = read_owed(places.self_test_owed)
        return Readiness((), is_owed=owed is not None and owed.at >= began_at)
    return Readiness(read_checks(kept), kept)


def read_checks(kept: dict[str, Any]) -> tuple[Check, ...]:
    """Read the checks of a self-test that was kept."""
    return tuple(
        Check(
            CheckName(each["name"]),
            CheckState(each["state"]),
            each.get("cause") or "",
            each.get("details") or {},
        )
        for each in kept.get("checks", ())
    )


def show(places: Places, sentence: str) -> None:
    """Write a sentence on the screens; without a session nobody reads it there."""
    try:
        session = Session(places.sway_socket)
        outputs = session.outputs()
        call, pages = chosen(Screens(), outputs)
        for output in outputs:
            # The pages have their whole screen always, a call only while it lasts.
            is_covered = output.name == call and call != pages
            session.order(
                notice_order(
                    output.name, sentence, NOTICE_SECONDS, is_covered=is_covered
                )
            )
    except SessionAway:
        return


def _await(is_so: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not is_so():
        time.sleep(_EVERY_SECONDS)


def _is_registered(places: Places) -> bool:
    return bool((phone_status(places) or {}).get("registered"))


def _has_browser(session: Session) -> bool:
    try:
        return bool(session.windows_of(BROWSER))
    except SessionAway:
        return False
