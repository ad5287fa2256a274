# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is wrong with the machines at this moment, whether it lasts or not.

Town halls switch their kiosks off at night and over the week-end: that a kiosk is silent is
wrong only where somebody is expected at it, or where it was so for days and town halls work.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.this_machine import NOBODY_LOOKS
from booking_web.domain.fleet.alerts.worked_hours import is_worked
from booking_web.domain.fleet.limits import (
    ends_soon,
    is_backup_old,
    is_disk_low,
    is_security_old,
)
from booking_web.domain.fleet.machines_now import KioskMachine, kiosk_machines, nodes
from booking_web.domain.fleet.self_tests import failures_of
from booking_web.domain.journal.looks import last_look
from booking_web.domain.kiosks.watch import is_watched
from booking_web.tables.alerts import AlertKind
from booking_web.tables.appointment import Appointment
from booking_web.tables.fleet import MachineReport, NodeReport, SelfTest, UpdateState
from booking_web.tables.presence import THE_WATCH, Presence, PresenceWatch
from booking_web.tables.states import AppointmentState

SILENT_AFTER = timedelta(minutes=10)
# An appointment so far ahead, or begun so long ago, is near.
EXPECTED_WITHIN, EXPECTED_UNTIL = timedelta(hours=1), timedelta(minutes=30)
STRANGER_NEWS = timedelta(minutes=10)
# The journal is held to its chain each night: three that passed without are no chance.
LOOKED_AT_WITHIN = timedelta(hours=80)
# An upgrade stops the server's watch for minutes.
LATE_WATCH = timedelta(minutes=15)
# A kiosk tries an update each night.
TRIED_AGAIN_WITHIN = timedelta(hours=26)


class Subject(NamedTuple):
    """What an alert is about."""

    kind: AlertKind
    # The name of a kiosk, a host, a relay or an organisation; empty: the site.
    name: str


@dataclass(frozen=True)
class Finding:
    """Something that is wrong now; the detail is in codes and figures."""

    subject: Subject
    detail: str = ""
    # Where it is wrong only if it lasts for longer than others of its kind.
    patience: timedelta | None = None


def find(
    session: Session,
    raised: Collection[Subject],
    silent_for: timedelta,
    now: datetime,
    given_out: Collection[str] | None = None,
) -> list[Finding]:
    """Look at everything. `raised` is what was told already, which ends later than it began.

    A kiosk that is `silent_for` so long while town halls work is told of. `given_out` are the
    versions that kiosks are given now; None: that is not known.
    """
    found = [*_of_site(session, now)]
    for node in nodes(session):
        found += _of_node(node, raised, now)
    expected = _expected_at(session, now)
    for machine in kiosk_machines(session, now):
        is_expected = machine.kiosk_id in expected
        found += _of_kiosk(session, machine, raised, is_expected, silent_for, now)
        found += _of_update(machine, given_out)
        found += _of_security(machine, now)
    return found


def _of_site(session: Session, now: datetime) -> Iterator[Finding]:
    watch = session.get(PresenceWatch, THE_WATCH)
    if watch is not None and not is_watched(session, now):
        yield Finding(Subject(AlertKind.DISPATCHER_SILENT, ""))
    look = last_look(session)
    if look is None:
        return
    at = look.looked_at.isoformat(timespec="minutes")
    if look.wrong:
        detail = f"{look.wrong} {look.last_sound} {at}"
        yield Finding(Subject(AlertKind.JOURNAL_BROKEN, ""), detail)
    elif now - look.looked_at > LOOKED_AT_WITHIN:
        yield Finding(Subject(AlertKind.JOURNAL_BROKEN, ""), f"0 - {at}")


def _of_node(
    node: NodeReport, raised: Collection[Subject], now: datetime
) -> Iterator[Finding]:
    yield from _of_machine(node, node.name, raised, now)
    if node.is_backup_watched and is_backup_old(node.backed_up_at, now):
        at = node.backed_up_at
        detail = at.isoformat(timespec="minutes") if at else ""
        # A new server has its first night before it.
        patience = None if at else timedelta(hours=36)
        yield Finding(Subject(AlertKind.BACKUP_OLD, node.name), detail, patience)

    if node.failing:
        # The server's own watch believes nothing at once; that it does not look is new here.
        patience = LATE_WATCH if node.failing == NOBODY_LOOKS else None
        yield Finding(
            Subject(AlertKind.SERVER_FAILING, node.name), node.failing, patience
        )


def _of_kiosk(
    session: Session,
    machine: KioskMachine,
    raised: Collection[Subject],
    is_expected: bool,
    silent_for: timedelta,
    now: datetime,
) -> Iterator[Finding]:
    if machine.is_revoked:
        # An administrator shut it out: that it says nothing is no news.
        return
    silence = Subject(AlertKind.KIOSK_SILENT, machine.slug)
    if _is_missed(machine, silence in raised, is_expected, silent_for, now):
        at = machine.heard_at
        yield Finding(silence, at.isoformat(timespec="minutes") if at else "")
    if machine.test is not None and _is_red_again(session, machine.test):
        failed = failures_of(machine.test)
        detail = " ".join(f"{each.name}:{each.cause or '-'}" for each in failed)
        yield Finding(Subject(AlertKind.SELF_TEST_FAILED, machine.slug), detail)
    if machine.not_wiped is not None and machine.presence != Presence.OFFLINE:
        # One that was switched off meanwhile wipes as it starts.
        detail = machine.not_wiped.failures
        yield Finding(Subject(AlertKind.NOT_WIPED, machine.slug), detail)
    told = machine.report
    if told is None:
        return
    if told.stranger_at is not None and now - told.stranger_at <= STRANGER_NEWS:
        yield Finding(
            Subject(AlertKind.OTHER_MACHINE, machine.slug), told.stranger_address
        )
    if machine.is_token_misused:
        yield Finding(
            Subject(AlertKind.TOKEN_MISUSED, machine.slug), told.misused_address
        )
    if told.clock_ahead_seconds:
        detail = str(told.clock_ahead_seconds)
        yield Finding(Subject(AlertKind.CLOCK_WRONG, machine.slug), detail)
    yield from _of_machine(told, machine.slug, raised, now)


def _of_update(
    machine: KioskMachine, given_out: Collection[str] | None
) -> Iterator[Finding]:
    update = machine.update
    if update is None or machine.is_revoked or not machine.lacks_update(given_out):
        return
    # What could not be installed is tried again the next night; what was taken back is not.
    is_tried_again = update.state == UpdateState.FAILED
    yield Finding(
        Subject(AlertKind.UPDATE_FAILED, machine.slug),
        f"{update.state} {update.to_version} {update.cause or '-'}",
        TRIED_AGAIN_WITHIN if is_tried_again else None,
    )


def _of_security(machine: KioskMachine, now: datetime) -> Iterator[Finding]:
    told = machine.report
    if told is None or machine.is_revoked or not told.tells_security:
        return
    signed_at = told.security_signed_at
    if is_security_old(signed_at, told.heard_at or now):
        detail = signed_at.isoformat(timespec="minutes") if signed_at else ""
        # One that was off for weeks reads them within the day.
        subject = Subject(AlertKind.SECURITY_OLD, machine.slug)
        yield Finding(subject, detail, TRIED_AGAIN_WITHIN)


def _of_machine(
    told: MachineReport | NodeReport,
    name: str,
    raised: Collection[Subject],
    now: datetime,
) -> Iterator[Finding]:
    disk = Subject(AlertKind.DISK_LOW, name)
    if is_disk_low(told.disk_free_bytes, told.disk_bytes, was=disk in raised):
        yield Finding(disk, str(told.disk_free_bytes))
    certificate, ends = Subject(AlertKind.CERTIFICATE_ENDS, name), told.certificate_ends
    if ends is not None and ends_soon(ends, now, was=certificate in raised):
        yield Finding(certificate, ends.isoformat(timespec="minutes"))


def _is_missed(
    machine: KioskMachine,
    was_missed: bool,
    is_expected: bool,
    silent_for: timedelta,
    now: datetime,
) -> bool:
    """Tell whether somebody has to see to it that the kiosk is silent."""
    is_there = machine.presence in (Presence.READY, Presence.IN_CALL)
    if machine.heard_at is None or is_there:
        return False
    silence = now - machine.heard_at
    if silence <= SILENT_AFTER:
        return False
    # What was told is over when the kiosk is heard again, not when the town hall closes.
    return (
        was_missed
        or is_expected
        or (silence >= silent_for and is_worked(machine.zone, now))
    )


def _is_red_again(session: Session, test: SelfTest) -> bool:
    """Tell whether the last two self-tests were red."""
    if test.is_ok:
        return False
    before = session.scalar(
        select(SelfTest.is_ok)
        .where(SelfTest.kiosk_id == test.kiosk_id, SelfTest.id < test.id)
        .order_by(SelfTest.id.desc())
        .limit(1)
    )
    return before is False


def _expected_at(session: Session, now: datetime) -> set[int]:
    """Give the kiosks at which somebody is expected now."""
    query = select(Appointment.kiosk_id).where(
        Appointment.state.in_((AppointmentState.BOOKED, AppointmentState.ARRIVED)),
        Appointment.starts_at > now - EXPECTED_UNTIL,
        Appointment.starts_at <= now + EXPECTED_WITHIN,
    )
    return set(session.scalars(query))
