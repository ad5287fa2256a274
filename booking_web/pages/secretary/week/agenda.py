# SPDX-License-Identifier: AGPL-3.0-or-later
"""The appointments of some days, as the week, the lists and the spreadsheets show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.local_time import day_bounds
from booking_web.domain.appointments.empty_chairs import called_in_vain
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.domain.rights.person import Person
from booking_web.shell.asked_day import asked_day
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.states import OVER, AppointmentSource, AppointmentState
from booking_web.words.appointments import StateWording, wording_of
from booking_web.words.interpreters import interpreter_words
from provisioning.database.models import Kiosk, Paper, Relay

# Shown also where nothing is booked, so that a free morning is seen to be free.
FIRST_HOUR, LAST_HOUR = 8, 17
SUNDAY = 6


@dataclass(frozen=True, kw_only=True)
class AgendaRow:
    """One appointment."""

    id: int
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    resident_name: str
    telephone: str
    organisation: str
    visit_reason: str
    reason: str
    papers: list[Paper]
    relay: str
    kiosk: str
    counter: str
    source: AppointmentSource
    state: AppointmentState
    wording: StateWording
    # The service that interprets, with its kind; empty where nobody does.
    interpreter: str = ""

    @property
    def local_start(self) -> datetime:
        """Give the hour on the relay's wall."""
        return self.starts_at.astimezone(self.zone)

    @property
    def local_end(self) -> datetime:
        """Give the end on the relay's wall."""
        return self.ends_at.astimezone(self.zone)

    @property
    def local_day(self) -> date:
        """Give the date on the relay's wall."""
        return self.local_start.date()

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will come of it."""
        return self.state in OVER


@dataclass(frozen=True)
class Span:
    """Which days of which relays are looked at."""

    relays: list[Relay]
    # None: all of them.
    relay: Relay | None
    first: date
    days: int
    today: date

    @property
    def dates(self) -> list[date]:
        """List the days."""
        return [self.first + timedelta(days=offset) for offset in range(self.days)]

    def parameters(self, shift: int = 0) -> dict[str, str]:
        """Give the address's query of the span that begins `shift` days later."""
        chosen = {"relais": self.relay.slug} if self.relay and self.relays[1:] else {}
        return chosen | {"jour": (self.first + timedelta(days=shift)).isoformat()}


def asked_span(
    session: Session, looking: Person, now: datetime, *, is_week: bool
) -> Span:
    """Read the days that the address asks for; an unknown relay or day is not found (404)."""
    asked = asked_day(session, looking, now)
    first, days = asked.day, 1
    if is_week:
        first, days = first - timedelta(days=first.weekday()), 7
    return Span(asked.relays, asked.relay, first, days, asked.today)


def rows_of_span(session: Session, looking: Person, span: Span) -> list[AgendaRow]:
    """List the span's appointments by hour; each relay's days are its own zone's."""
    rows: list[AgendaRow] = []
    for relay in [span.relay] if span.relay else span.relays:
        zone = ZoneInfo(relay.time_zone)
        begins, _ = day_bounds(span.dates[0], zone)
        _, ends = day_bounds(span.dates[-1], zone)
        found = session.scalars(
            looking.appointments()
            .where(
                Kiosk.relay_id == relay.id,
                Appointment.starts_at >= begins,
                Appointment.starts_at < ends,
            )
            .options(
                joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
                joinedload(Appointment.organisation),
                joinedload(Appointment.counter),
                joinedload(Appointment.visit_reason),
            )
        ).all()
        telephones = _telephones(session, relay, found)
        in_vain = called_in_vain(session, found)
        rows.extend(_row_of(each, zone, telephones, in_vain) for each in found)
    return sorted(rows, key=lambda row: (row.starts_at, row.id))


def hours_of(rows: list[AgendaRow]) -> range:
    """Give the hours of the day that a table of these appointments needs."""
    hours = {row.local_start.hour for row in rows} | {FIRST_HOUR, LAST_HOUR}
    return range(min(hours), max(hours) + 1)


def days_of(span: Span, rows: list[AgendaRow]) -> list[date]:
    """Give the days to show: a Sunday only where somebody comes."""
    busy = {row.local_start.date() for row in rows}
    return [day for day in span.dates if day.weekday() != SUNDAY or day in busy]


def _telephones(
    session: Session, relay: Relay, found: Sequence[Appointment]
) -> dict[int, str]:
    """Give the numbers of the relay's own residents: a neighbour's are its own affair."""
    ids = {each.resident_id for each in found if each.resident_id is not None}
    query = select(Resident.id, Resident.telephone).where(
        Resident.id.in_(ids), Resident.relay_id == relay.id
    )
    return {key: number for key, number in session.execute(query)}


def _row_of(
    appointment: Appointment,
    zone: ZoneInfo,
    telephones: dict[int, str],
    in_vain: set[int],
) -> AgendaRow:
    state = AppointmentState(appointment.state)
    reason = appointment.reason_on_boards
    return AgendaRow(
        id=appointment.id,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        zone=zone,
        resident_name=appointment.name_on_boards or gettext("(nom effacé)"),
        telephone=(
            ""
            if appointment.discreet
            else readable_telephone(telephones.get(appointment.resident_id or 0, ""))
        ),
        organisation=appointment.organisation.short_name,
        visit_reason=reason.name if reason else "",
        reason=appointment.details_on_boards,
        papers=list(reason.papers) if reason else [],
        relay=appointment.kiosk.relay.name,
        kiosk=appointment.kiosk.slug,
        counter=appointment.counter.name,
        source=AppointmentSource(appointment.source),
        state=state,
        wording=wording_of(
            state,
            appointment.call_requested_at is not None,
            appointment.id in in_vain,
        ),
        interpreter=interpreter_words(appointment.interpreter),
    )
