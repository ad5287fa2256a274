# SPDX-License-Identifier: AGPL-3.0-or-later
"""The day of an interpreter: when, where and with whom, and nobody's name.

Who comes and why is the organisation's; what an interpreter sees is `Person.interpretations`.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.rights.person import Person
from booking_web.tables.appointment import Appointment
from booking_web.tables.interpreters import GOING_ON, InterpreterCall, InterpreterState
from booking_web.tables.states import ON_THE_LINE, OVER, AppointmentState
from booking_web.words.appointments import StateWording, wording_of
from booking_web.words.interpreters import kind_words
from booking_web.words.languages import other_language
from provisioning.database.models import InterpreterKind, Kiosk, Organisation


@dataclass(frozen=True)
class Interpretation:
    """One appointment of others in which somebody of this service interprets."""

    id: int
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    relay: str
    organisation: str
    # Which of the service's counters is held for it.
    counter: str
    kind: str
    state: AppointmentState
    wording: StateWording
    # Who of the service is in it now; `is_asked`: the telephones ring.
    interpreter: str = ""
    is_asked: bool = False
    # They write to the resident, and one of the service is in the call.
    may_write: bool = False
    # Another language than French that the kiosk speaks in it, by its name.
    language: str = ""

    @property
    def order(self) -> str:
        """Give where the row stands in the list: those in call on top."""
        is_over = self.state in OVER
        at = f"{self.starts_at.isoformat()} {self.id:012}"
        return f"{self.state not in ON_THE_LINE:d}{is_over:d} {at}"


def is_interpreter(session: Session, viewer: Person) -> bool:
    """Tell whether this person works for a service of interpreters."""
    if viewer.organisation_id is None:
        return False
    interprets = select(Organisation.interprets).where(
        Organisation.id == viewer.organisation_id
    )
    return bool(session.scalar(interprets))


def interpretations(
    session: Session, viewer: Person, between: tuple[datetime, datetime]
) -> list[Interpretation]:
    """List what this person's service interprets in this time, those in call on top."""
    appointments = session.scalars(
        viewer.interpretations()
        .where(
            Appointment.starts_at > between[0],
            Appointment.starts_at < between[1],
        )
        .options(
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.organisation),
        )
    ).all()
    calls = session.scalars(
        select(InterpreterCall)
        .where(
            InterpreterCall.appointment_id.in_([each.id for each in appointments]),
            InterpreterCall.state.in_(GOING_ON),
            InterpreterCall.guest_id.is_(None),
        )
        .options(
            joinedload(InterpreterCall.interpreter),
            joinedload(InterpreterCall.organisation),
        )
    )
    going_on = {call.appointment_id: call for call in calls}
    rows = [_row_of(each, going_on.get(each.id)) for each in appointments]
    return sorted(rows, key=lambda row: row.order)


def _row_of(appointment: Appointment, call: InterpreterCall | None) -> Interpretation:
    relay, counter = appointment.kiosk.relay, appointment.interpreter_counter
    state = AppointmentState(appointment.state)
    interpreter = call.interpreter if call is not None else None
    return Interpretation(
        id=appointment.id,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        zone=ZoneInfo(relay.time_zone),
        relay=relay.name,
        organisation=appointment.organisation.name,
        counter=counter.name if counter is not None else "",
        kind=kind_words(appointment.interpreter),
        state=state,
        wording=wording_of(state, appointment.call_requested_at is not None),
        interpreter=interpreter.name if interpreter is not None else "",
        is_asked=call is not None and call.state == InterpreterState.ASKED,
        may_write=(
            call is not None
            and call.state == InterpreterState.HERE
            and call.organisation.interprets == InterpreterKind.TYPED
        ),
        language=other_language(appointment.language),
    )
