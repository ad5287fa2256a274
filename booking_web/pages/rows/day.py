# SPDX-License-Identifier: AGPL-3.0-or-later
"""The day's list as the page shows it: each appointment with its words and buttons."""

from collections import Counter as Counted
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import LazyString, gettext
from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import Session, joinedload

from booking_web.base.local_time import day_bounds, local_day
from booking_web.domain.appointments.empty_chairs import called_in_vain
from booking_web.domain.appointments.line.keeping import keeping_of
from booking_web.domain.appointments.line.standing import Standing, standing_of
from booking_web.domain.appointments.setting_back import mistakes
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.domain.rights.person import Person
from booking_web.pages.rows.buttons import (
    Button,
    buttons_of,
    may_have_been_absent,
    set_back_button,
)
from booking_web.pages.rows.consents import NOT_ASKED, ConsentLine, consent_lines
from booking_web.pages.rows.day_parts import (
    DayPart,
    Part,
    is_behind,
    page_asked_for,
    page_of,
    part_of,
)
from booking_web.pages.rows.interpreter_doubts import (
    InterpreterDoubt,
    interpreter_doubts,
)
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.states import (
    ON_THE_LINE,
    OVER,
    AppointmentState,
)
from booking_web.words.appointments import (
    IN_LINE,
    StateWording,
    reason_sentence,
    wording_of,
)
from booking_web.words.awaited import awaited_words
from booking_web.words.interpreters import interpreter_words
from booking_web.words.languages import other_language
from booking_web.words.line import standing_words
from provisioning.database.models import Counter, Kiosk, Paper, Relay

_S = AppointmentState


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    id: int
    resident_name: str
    reason: str
    organisation: str
    relay: str
    # None where the relay has a single kiosk.
    kiosk: str | None
    counsellor: str | None
    starts_at: datetime
    state_since: datetime
    zone: ZoneInfo
    state: AppointmentState
    wording: StateWording
    state_reason: LazyString | str
    buttons: list[Button]
    is_over: bool
    organisation_id: int
    # Why the resident comes, in the inventory's words; empty where none was chosen.
    visit_reason: str = ""
    telephone: str = ""
    # What to bring for that reason.
    papers: tuple[Paper, ...] = ()
    # Of one who waits in a line: position, estimate, and what is waited for.
    place: str = ""
    # What it waits for, and until when its place is kept.
    awaited: str = ""
    # The slip is of use: it is still to come.
    has_slip: bool = False
    # After a call: what the resident answered, and whether it can be asked.
    was_useful: bool | None = None
    asks_usefulness: bool = False
    # Where the town hall booked at a neighbour's kiosk: that relay's name.
    elsewhere: str = ""
    # A call was made, and perhaps nobody sat before it.
    may_have_been_absent: bool = False
    # In which list of the day it stands, and whether its hour is long past.
    part: Part = Part.TO_COME
    is_behind: bool = False
    # Another language than French that the kiosk speaks in it, by its name.
    language: str = ""
    # The service that interprets, with its kind; empty and None where nobody does.
    interpreter: str = ""
    interpreter_id: int | None = None
    # Of a discreet one: what others read in place of the name.
    alias: str = ""
    # Where it is not certain that the interpreter comes.
    doubt: InterpreterDoubt | None = None
    # Whether the resident agrees to what they were told.
    consent: ConsentLine = NOT_ASKED

    @property
    def order(self) -> str:
        """Give where the row stands in its list: by it the texts sort."""
        return f"{self.starts_at.isoformat()} {self.id:012}"

    @property
    def turn(self) -> str:
        """Give where the row stands among those of its part: long past hours go last."""
        return f"{self.is_behind:d} {self.order}"

    @property
    def console_order(self) -> str:
        """Give where the row stands in a counsellor's list: those in call on top."""
        return f"{self.state not in ON_THE_LINE:d}{self.is_over:d} {self.order}"

    @property
    def announcement(self) -> str:
        """Say the present state in one sentence for those who listen to the page."""
        return gettext(
            "%(name)s, %(organisation)s : %(state)s. %(reason)s",
            name=self.resident_name,
            organisation=self.organisation,
            state=self.wording.word,
            reason=self.state_reason,
        ).strip()


def rows_of_day(
    session: Session,
    viewer: Person,
    day: date,
    relay: Relay | None,
    now: datetime,
    *,
    only: Collection[int] | None = None,
) -> list[Row]:
    """List the day's appointments by hour; those of another day that are on now come too.

    `relay` limits the list; each relay's day is that of its own time zone. With `only`
    nothing is listed but these appointments, and who waits in a line.
    """
    relays = [relay] if relay is not None else viewer.relays(session)
    rows: list[Row] = []
    for each in relays:
        query = (
            _listed(each, viewer, day, now)
            .options(
                joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
                joinedload(Appointment.organisation),
                joinedload(Appointment.counsellor),
                joinedload(Appointment.visit_reason),
            )
            .order_by(Appointment.starts_at, Appointment.id)
        )
        if only is not None:
            query = query.where(or_(Appointment.id.in_(only), Appointment.in_line))
        appointments = session.scalars(query).all()
        telephones = _telephones(session, appointments)
        in_vain = called_in_vain(session, appointments)
        formers = mistakes(session, appointments, now)
        doubts = interpreter_doubts(session, appointments, with_others=True)
        consents = consent_lines(session, [each.id for each in appointments])
        kiosks = Counted(kiosk.relay_id for kiosk in each.kiosks)
        rows.extend(
            row_of(
                appointment,
                now,
                has_several_kiosks=kiosks[each.id] > 1,
                listed_at=each.id,
                standing=_standing_of(session, appointment, now),
                telephone=telephones.get(appointment.resident_id or 0, ""),
                doubt=doubts.get(appointment.id),
                consent=consents[appointment.id],
                was_called=appointment.id in in_vain,
                former=(
                    formers[appointment.id].before
                    if appointment.id in formers
                    else None
                ),
            )
            for appointment in appointments
        )
    return sorted(rows, key=lambda row: (row.starts_at, row.id))


def organisations_of_day(
    session: Session, viewer: Person, day: date, relay: Relay | None, now: datetime
) -> set[int]:
    """Number the organisations with which somebody has still an appointment on the day.

    And the services whose interpreters are expected in one.
    """
    found: set[int] = set()
    for each in [relay] if relay is not None else viewer.relays(session):
        query = _listed(each, viewer, day, now).where(Appointment.state.not_in(OVER))
        numbers = query.outerjoin(
            Counter, Counter.id == Appointment.interpreter_counter_id
        ).with_only_columns(Appointment.organisation_id, Counter.organisation_id)
        for receives, interprets in session.execute(numbers):
            found |= {receives, interprets} - {None}
    return found


def _listed(
    relay: Relay, viewer: Person, day: date, now: datetime
) -> Select[Appointment]:
    """Select what the relay's list of the day has."""
    zone = ZoneInfo(relay.time_zone)
    begins, ends = day_bounds(day, zone)
    of_the_day: ColumnElement[bool] = (Appointment.starts_at >= begins) & (
        Appointment.starts_at < ends
    )
    if day == local_day(now, zone):
        # Also who came just before midnight and is about to be called.
        is_asked_for = (Appointment.state == _S.ARRIVED) & (
            Appointment.call_requested_at.is_not(None)
        )
        of_the_day = or_(of_the_day, Appointment.state.in_(ON_THE_LINE), is_asked_for)
    return viewer.appointments().where(_listed_at(relay, viewer), of_the_day)


def parts_of_day(rows: list[Row]) -> dict[Part, DayPart[Row]]:
    """Sort the day's rows into its lists, and take the page of each that is asked for."""
    by_turn = sorted(rows, key=lambda row: row.turn)
    return {
        part: page_of(
            [row for row in by_turn if row.part is part], page_asked_for(part)
        )
        for part in Part
    }


def parts_with(rows: list[Row]) -> dict[Part, DayPart[Row]]:
    """Sort these rows into the day's lists, whatever page is shown."""
    return {
        part: DayPart([row for row in rows if row.part is part], len(rows), 1)
        for part in Part
    }


def row_of(
    appointment: Appointment,
    now: datetime,
    *,
    has_several_kiosks: bool = False,
    listed_at: int | None = None,
    standing: Standing | None = None,
    telephone: str = "",
    was_called: bool = False,
    former: AppointmentState | None = None,
    doubt: InterpreterDoubt | None = None,
    consent: ConsentLine = NOT_ASKED,
) -> Row:
    """Turn an appointment into its line, in the list of the relay `listed_at`.

    `was_called` tells of one whose resident was absent that a counsellor had come, `former`
    is the state to which a mistake can be set back.
    """
    state = AppointmentState(appointment.state)
    requested = appointment.call_requested_at is not None
    relay = appointment.kiosk.relay
    zone = ZoneInfo(relay.time_zone)
    counsellor = appointment.counsellor
    visit_reason = appointment.visit_reason
    return Row(
        id=appointment.id,
        resident_name=appointment.resident_name or gettext("(nom effacé)"),
        reason=appointment.reason,
        organisation=appointment.organisation.short_name,
        relay=relay.name,
        kiosk=appointment.kiosk.slug if has_several_kiosks else None,
        counsellor=(counsellor.name if counsellor and state is _S.IN_CALL else None),
        starts_at=appointment.starts_at,
        state_since=appointment.state_since,
        zone=zone,
        state=state,
        wording=(
            IN_LINE
            if appointment.in_line
            else wording_of(
                state, requested, was_called, appointment.kept_since is not None
            )
        ),
        state_reason=reason_sentence(appointment.state_reason),
        buttons=buttons_of(appointment, state, requested, now, zone)
        + set_back_button(former),
        is_over=state in OVER,
        elsewhere=relay.name if listed_at not in (None, relay.id) else "",
        organisation_id=appointment.organisation_id,
        visit_reason=visit_reason.name if visit_reason else "",
        papers=tuple(visit_reason.papers) if visit_reason else (),
        telephone=readable_telephone(telephone),
        place=standing_words(standing) if standing else "",
        awaited=awaited_words(appointment, now, keeping_of(services().settings), zone),
        has_slip=state is _S.BOOKED,
        was_useful=appointment.was_useful,
        asks_usefulness=state is _S.DONE,
        may_have_been_absent=may_have_been_absent(appointment, state, now, zone),
        part=part_of(state, appointment.state_since, now),
        is_behind=is_behind(state, appointment.starts_at, now),
        language=other_language(appointment.language),
        interpreter=interpreter_words(appointment.interpreter),
        interpreter_id=appointment.interpreter_id,
        alias=appointment.name_on_boards if appointment.discreet else "",
        doubt=doubt,
        consent=consent,
    )


def _standing_of(
    session: Session, appointment: Appointment, now: datetime
) -> Standing | None:
    if not appointment.in_line:
        return None
    return standing_of(session, appointment, now, keeping_of(services().settings))


def _telephones(
    session: Session, appointments: Sequence[Appointment]
) -> dict[int, str]:
    residents = {each.resident_id for each in appointments if each.resident_id}
    if not residents:
        return {}
    rows = session.execute(
        select(Resident.id, Resident.telephone).where(Resident.id.in_(residents))
    )
    return {number: telephone for number, telephone in rows}


def _listed_at(relay: Relay, viewer: Person) -> ColumnElement[bool]:
    # A secretary's own list also has what the town hall booked at a neighbour's kiosk.
    return true() if viewer.relay_id == relay.id else Kiosk.relay_id == relay.id
