# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a kiosk is, in one line: its telephone, its devices, its last self-test."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from booking_web.domain.fleet.orders import open_orders
from booking_web.domain.fleet.self_tests import Check, failures_of, latest_self_tests
from booking_web.domain.kiosks.wipes import kiosks_not_wiped
from booking_web.pages.rows.devices import DevicesLine, devices_line
from booking_web.tables.fleet import OrderKind, SelfTest
from booking_web.tables.presence import EndpointPresence, Presence
from booking_web.tables.wipes import KioskWipe
from booking_web.words import readiness as wording
from booking_web.words.readiness import Look
from booking_web.words.self_tests import cause_for_secretary
from booking_web.words.wipes import cause_for_secretary as cause_of_wipe
from provisioning.database.models import Kiosk

# Of a kiosk where everything fails: who mends these sees the others next.
CAUSES_SHOWN = 2


@dataclass(frozen=True)
class ReadyLine:
    """A kiosk or an organisation: how it is, in a word and an icon, and why."""

    key: str
    name: str
    look: Look
    causes: tuple[str, ...] = ()
    # The kiosk that may be asked to test itself again from here, where that would help.
    kiosk_to_test: int | None = None
    is_testing: bool = False

    @property
    def announcement(self) -> str:
        """Say it in one sentence for those who listen to the page."""
        said = gettext("%(name)s : %(what)s.", name=self.name, what=self.look.word)
        return " ".join((said, *self.causes))


def kiosk_lines(
    session: Session,
    kiosks: Sequence[Kiosk],
    presence: dict[str, EndpointPresence] | None,
    now: datetime,
) -> list[ReadyLine]:
    """Give the line of each kiosk; without `presence` nobody watches."""
    ids = [kiosk.id for kiosk in kiosks]
    tests = latest_self_tests(session, ids) if ids else {}
    testing = {
        order.kiosk_id
        for order in (open_orders(session, ids) if ids else ())
        if order.kind == OrderKind.SELF_TEST
    }
    lines = [
        _line(session, kiosk, presence, tests.get(kiosk.id), kiosk.id in testing, now)
        for kiosk in kiosks
    ]
    not_wiped = kiosks_not_wiped(session, ids, now)
    return [
        _not_wiped(line, not_wiped[kiosk.id]) if kiosk.id in not_wiped else line
        for kiosk, line in zip(kiosks, lines, strict=True)
    ]


def kiosk_name(kiosk: Kiosk) -> str:
    """Name a kiosk by its relay, and by its own name where that has several."""
    several = len(kiosk.relay.kiosks) > 1
    return f"{kiosk.relay.name} ({kiosk.slug})" if several else kiosk.relay.name


def _line(
    session: Session,
    kiosk: Kiosk,
    presence: dict[str, EndpointPresence] | None,
    test: SelfTest | None,
    is_testing: bool,
    now: datetime,
) -> ReadyLine:
    name = gettext("Borne – %(relay)s", relay=kiosk_name(kiosk))
    key = f"kiosk-{kiosk.id}"
    if presence is None:
        return ReadyLine(key, name, wording.unknown(), (wording.nobody_watches(),))
    row = presence.get(kiosk.slug)
    zone = ZoneInfo(kiosk.relay.time_zone)
    if row is None or row.state == Presence.OFFLINE:
        since = row.since if row else None
        return ReadyLine(key, name, wording.switched_off(since, zone, now))
    devices = devices_line(session, kiosk.id, now)
    of_devices = _device_causes(devices, zone)
    of_test = _test_causes(test, devices)
    causes = _first_of([*of_devices, *of_test])
    if row.state == Presence.IN_CALL:
        return ReadyLine(key, name, wording.in_call(), causes)
    look = wording.to_check() if causes else wording.ready()
    # Whoever has mended what a self-test found has it looked at again.
    to_test = kiosk.id if of_test and not is_testing else None
    return ReadyLine(key, name, look, causes, to_test, is_testing)


def _not_wiped(line: ReadyLine, wipe: KioskWipe) -> ReadyLine:
    """Say that nobody may be called there; one that is off wipes as it starts."""
    if line.look.state == "off":
        return line
    causes = (cause_of_wipe(wipe.failures), *line.causes)
    # Where nobody watches it may be off by now: only what it told itself is known.
    if line.look.state == "unknown":
        return replace(line, causes=causes)
    return replace(line, look=wording.out_of_order(), causes=causes)


def _first_of(causes: list[str]) -> tuple[str, ...]:
    shown = list(dict.fromkeys(causes))
    more = len(shown) - CAUSES_SHOWN
    if more <= 0:
        return tuple(shown)
    told = ngettext(
        "Et %(num)d autre chose à voir.", "Et %(num)d autres choses à voir.", more
    )
    return (*shown[:CAUSES_SHOWN], told)


def _test_causes(test: SelfTest | None, devices: DevicesLine) -> list[str]:
    return [
        cause_for_secretary(check.name, check.cause)
        for check in failures_of(test)
        if test is not None and not _is_said(check, test, devices)
    ]


def _is_said(check: Check, test: SelfTest, devices: DevicesLine) -> bool:
    """Tell whether something newer than the self-test speaks of the same.

    A queue of CUPS that finds nothing wrong does not: it knows the printer from before.
    """
    if check.name == "printer":
        return devices.printer_fails and not devices.is_silent
    if check.name == "scanner":
        return devices.scanner_fails and not devices.is_silent
    if check.name == "clock":
        return devices.heard_at is not None and devices.heard_at >= test.heard_at
    # Of a kiosk whose telephone is there, as this one's is.
    return check.name == "phone"


def _device_causes(devices: DevicesLine, zone: ZoneInfo) -> tuple[str, ...]:
    if devices.heard_at is None:
        return (wording.devices_unknown(),)
    if devices.is_silent:
        return (wording.devices_silent(devices.heard_at, zone),)
    causes = []
    if devices.printer_fails:
        causes.append(devices.printer)
    if devices.scanner_fails:
        causes.append(devices.scanner)
    if devices.clock:
        causes.append(devices.clock)
    return tuple(causes)
