# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is there and is not used: relays, kiosks and organisations whose machines may be well.

Everything is worked out again from what is written down, so that a clock that was wrong for a
while leaves nothing behind. What is told in days begins while town halls work.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.domain.fleet.alerts.findings import Finding, Subject
from booking_web.domain.fleet.alerts.used_places import (
    UsedKiosk,
    missed_calls,
    used_kiosks,
)
from booking_web.domain.fleet.alerts.worked_hours import (
    WORKED_DAY,
    is_worked,
    is_working_day,
    worked_since,
)
from booking_web.domain.fleet.open_days import DAYS_BACK, OpenDays, open_days_after
from booking_web.domain.kiosks.watch import is_watched
from booking_web.domain.places.published import Calendar
from booking_web.tables.alerts import AlertKind
from booking_web.tables.presence import EndpointPresence, Presence
from provisioning.database.models import Counsellor, Organisation

_DAY = timedelta(days=1)
_THERE = (Presence.READY, Presence.IN_CALL)


@dataclass(frozen=True, kw_only=True)
class DisuseLimits:
    """After how many open days, or calls, somebody is told; 0: never."""

    unused_days: int
    unattended_days: int
    missed_calls: int
    paper_days: int


def find_disuse(
    session: Session,
    raised: Collection[Subject],
    limits: DisuseLimits,
    now: datetime,
) -> list[Finding]:
    """Look at every relay, kiosk and organisation. `raised` is what was told already."""
    looking = _Looking(session, raised, limits, now)
    return [*looking.at_relays(), *looking.at_organisations()]


class _Looking:
    """One look at everything."""

    def __init__(
        self,
        session: Session,
        raised: Collection[Subject],
        limits: DisuseLimits,
        now: datetime,
    ) -> None:
        self._session = session
        self._raised = raised
        self._limits = limits
        self._now = now
        self._days = OpenDays(session, now)
        self._is_watched = is_watched(session, now)

    def at_relays(self) -> Iterator[Finding]:
        """Look at the relays and their kiosks."""
        by_relay: dict[int, list[UsedKiosk]] = {}
        for kiosk in used_kiosks(self._session):
            by_relay.setdefault(kiosk.relay_id, []).append(kiosk)
            yield from self._unreachable(kiosk)
            yield from self._unchecked(kiosk)
        for kiosks in by_relay.values():
            yield from self._unused(kiosks)

    def at_organisations(self) -> Iterator[Finding]:
        """Look at the organisations that residents are booked for."""
        there = self._counsellors()
        missed = missed_calls(self._session, self._now)
        for organisation, calendar in self._days.organisations:
            rows = there.get(organisation.id, [])
            yield from self._without_hours(organisation, calendar)
            yield from self._without_counsellor(organisation, calendar, rows)
            yield from self._missed(organisation, missed.get(organisation.id, 0))

    def _unused(self, kiosks: list[UsedKiosk]) -> Iterator[Finding]:
        known = [each.in_use_since for each in kiosks if each.in_use_since]
        if not known:
            # Nobody knows since when it is there: it may be new.
            return
        first, limit = kiosks[0], self._limits.unused_days
        if self._is_open_for(first, local_day(max(known), first.zone), limit):
            used = [each.honoured_at for each in kiosks if each.honoured_at]
            day = str(local_day(max(used), first.zone)) if used else "-"
            subject = Subject(AlertKind.RELAY_UNUSED, first.relay_slug)
            yield from self._told(subject, first.zone, f"{limit} {day} {first.relay}")

    def _unreachable(self, kiosk: UsedKiosk) -> Iterator[Finding]:
        subject = Subject(AlertKind.KIOSK_UNREACHABLE, kiosk.slug)
        if kiosk.off_since is None or not (self._is_watched or subject in self._raised):
            return
        silence = Subject(AlertKind.KIOSK_SILENT, kiosk.slug)
        if silence in self._raised and subject not in self._raised:
            # That it is silent was told already, and says more.
            return
        off_for = worked_since(
            kiosk.off_since,
            self._now,
            kiosk.zone,
            lambda day: (
                is_working_day(kiosk.zone, day)
                and self._days.is_relay_open(kiosk.relay_id, day)
            ),
            WORKED_DAY,
            DAYS_BACK,
        )
        if off_for >= WORKED_DAY:
            since = kiosk.off_since.isoformat(timespec="minutes")
            yield from self._told(subject, kiosk.zone, f"- {since} {kiosk.relay}")

    def _unchecked(self, kiosk: UsedKiosk) -> Iterator[Finding]:
        checked, limit = kiosk.paper_checked_on, self._limits.paper_days
        if checked is not None and self._is_open_for(kiosk, checked, limit):
            subject = Subject(AlertKind.PAPER_UNCHECKED, kiosk.slug)
            detail = f"{limit} {checked} {kiosk.relay}"
            yield from self._told(subject, kiosk.zone, detail)

    def _is_open_for(self, kiosk: UsedKiosk, since: date, limit: int) -> bool:
        """Tell whether the relay was open on so many days after that one."""

        def is_open(day: date) -> bool:
            return self._days.is_relay_open(kiosk.relay_id, day)

        today = local_day(self._now, kiosk.zone)
        # Most were used a few days ago: of these nothing need be counted.
        if not limit or (today - since).days <= limit:
            return False
        return open_days_after(since, today, is_open, limit) >= limit

    def _without_hours(
        self, organisation: Organisation, calendar: Calendar
    ) -> Iterator[Finding]:
        limit, today = self._limits.unattended_days, self._days.today(calendar)
        if not limit or _has_ranges(calendar, today, today + limit * _DAY):
            return
        subject = Subject(AlertKind.NO_HOURS, organisation.slug)
        if not _has_ranges(calendar, today - DAYS_BACK * _DAY, today):
            # Since when there are none nobody knows: from now on.
            detail = f"{limit} - {organisation.name}"
            yield Finding(subject, detail, limit * _DAY)
        elif not _has_ranges(calendar, today - limit * _DAY, today):
            detail = f"{limit} - {organisation.name}"
            yield from self._told(subject, calendar.zone, detail)

    def _without_counsellor(
        self,
        organisation: Organisation,
        calendar: Calendar,
        rows: list[tuple[str, datetime | None]],
    ) -> Iterator[Finding]:
        limit, today = self._limits.unattended_days, self._days.today(calendar)
        subject = Subject(AlertKind.NO_COUNSELLOR, organisation.slug)
        if not limit or any(state in _THERE for state, _ in rows):
            return
        if not (self._is_watched or subject in self._raised):
            return
        since = [at for _, at in rows if at is not None]
        is_known = bool(rows) and len(since) == len(rows)
        last = local_day(max(since), calendar.zone) if is_known else date.min
        if open_days_after(last, today, calendar.has_hours_on, limit) < limit:
            return
        detail = f"{limit} {last if is_known else '-'} {organisation.name}"
        if is_known:
            yield from self._told(subject, calendar.zone, detail)
        else:
            yield Finding(subject, detail, limit * _DAY)

    def _missed(self, organisation: Organisation, count: int) -> Iterator[Finding]:
        subject = Subject(AlertKind.CALLS_MISSED, organisation.slug)
        limit = self._limits.missed_calls
        # What was told is over well below: a week that leaves one call behind tells nothing.
        bound = limit // 2 + 1 if subject in self._raised else limit
        if limit and count >= bound:
            zone = ZoneInfo(organisation.time_zone)
            yield from self._told(subject, zone, f"{count} - {organisation.name}")

    def _told(self, subject: Subject, zone: ZoneInfo, detail: str) -> Iterator[Finding]:
        """Give the finding, while town halls work or where it was told already."""
        if subject in self._raised or is_worked(zone, self._now):
            yield Finding(subject, detail)

    def _counsellors(self) -> dict[int, list[tuple[str, datetime | None]]]:
        """Give by organisation how each counsellor's telephone is, and since when."""
        found: dict[int, list[tuple[str, datetime | None]]] = {}
        rows = self._session.execute(
            select(
                Counsellor.organisation_id,
                EndpointPresence.state,
                EndpointPresence.since,
            ).join(EndpointPresence, EndpointPresence.slug == Counsellor.slug)
        )
        for number, state, since in rows:
            found.setdefault(number, []).append((state, since))
        return found


def _has_ranges(calendar: Calendar, first: date, last: date) -> bool:
    """Tell whether hours are published for one of these days, whatever closes it."""
    days = [first + number * _DAY for number in range((last - first).days + 1)]
    return any(
        each.is_on(day)
        for by_relay in calendar.schedules.values()
        for schedule in by_relay.values()
        for each in schedule.ranges
        for day in days
    )
