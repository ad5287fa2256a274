# SPDX-License-Identifier: AGPL-3.0-or-later
"""Appointments put straight into a database, for tests of what happens to them next.

The secretary's way in is booking_web.domain.appointments.booking, which refuses what is past.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment, Period
from booking_web.tables.states import (
    ON_THE_LINE,
    PERIOD_OF,
    AppointmentState,
    PeriodKind,
)
from provisioning.database.engine import Database
from provisioning.database.models import (
    Counsellor,
    Counter,
    Kiosk,
    Organisation,
    Relay,
    User,
)
from stage.waiting import NotInTime, wait_for

_BEFORE_A_CALL = frozenset({AppointmentState.BOOKED, AppointmentState.ARRIVED})


def put_appointment(
    session: Session,
    kiosk: str,
    organisation: str,
    *,
    starts_at: datetime | None = None,
    minutes: int = 30,
    state: AppointmentState = AppointmentState.ARRIVED,
    call_is_requested: bool = False,
    interpreter: str | None = None,
) -> int:
    """Add an appointment of these slugs and give its id.

    `interpreter` is the slug of a service that interprets.

    Unless told otherwise it is due now and its resident is there.
    """
    now = datetime.now(UTC)
    start = starts_at or now
    counter = _counter_of(session, organisation)
    appointment = Appointment(
        submission=uuid.uuid4().hex,
        kiosk_id=session.scalars(select(Kiosk.id).where(Kiosk.slug == kiosk)).one(),
        counter_id=counter.id,
        interpreter_counter_id=(
            _counter_of(session, interpreter).id if interpreter else None
        ),
        organisation_id=counter.organisation_id,
        resident_name="M. Dupont",
        starts_at=start,
        ends_at=start + timedelta(minutes=minutes),
        state=state,
        state_since=min(now, start),
        call_requested_at=now if call_is_requested else None,
        created_by_id=session.scalars(select(User.id).order_by(User.id)).first() or 0,
        created_at=now,
    )
    session.add(appointment)
    session.flush()
    if state is AppointmentState.ARRIVED:
        session.add(
            Period(
                appointment_id=appointment.id,
                kind=PeriodKind.WAITING,
                started_at=appointment.state_since,
            )
        )
        session.flush()
    return appointment.id


def _counter_of(session: Session, organisation: str) -> Counter:
    counters = select(Counter).join(Counter.organisation)
    counter = session.scalars(counters.where(Organisation.slug == organisation)).first()
    assert counter is not None
    return counter


class AppointmentBook:
    """The appointments of a database, put there and watched by a test."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, kiosk: str, organisation: str, **values: Any) -> int:
        """Add an appointment (see put_appointment); give its id."""
        with self._database.write() as session:
            return put_appointment(session, kiosk, organisation, **values)

    def change(self, number: int, **values: Any) -> None:
        """Set columns of an appointment, as no page would."""
        with self._database.write() as session:
            appointment = session.get_one(Appointment, number)
            for name, value in values.items():
                setattr(appointment, name, value)

    def told(self, number: int) -> tuple[str, str]:
        """Give an appointment's state and why."""
        with self._database.read() as session:
            appointment = session.get_one(Appointment, number)
            return appointment.state, appointment.state_reason

    def wait(
        self,
        number: int,
        state: AppointmentState,
        reason: str = "",
        timeout_seconds: float = 20.0,
    ) -> None:
        """Return once the appointment is in that state for that reason.

        A state on the line may pass between two looks: its period tells that it was there.
        """
        try:
            wait_for(
                lambda: (
                    self.told(number) == (state, reason)
                    or self._has_passed(number, state)
                ),
                f"appointment {number} is {state} {reason}",
                timeout_seconds,
            )
        except NotInTime as error:
            raise NotInTime(f"{error}: it is {' '.join(self.told(number))}") from error

    def _has_passed(self, number: int, state: AppointmentState) -> bool:
        if state not in ON_THE_LINE or self.told(number)[0] in _BEFORE_A_CALL:
            return False
        kinds = [period.kind for period in self.periods(number)]
        # The last call's periods: each call begins with the ringing.
        begins = [n for n, kind in enumerate(kinds) if kind == PeriodKind.RINGING]
        return PERIOD_OF[state] in kinds[begins[-1] if begins else 0 :]

    def periods(self, number: int) -> list[Period]:
        """Give an appointment's periods in their order."""
        with self._database.read() as session:
            return list(session.get_one(Appointment, number).periods)

    def close_all(self) -> None:
        """Leave no appointment that a dispatcher would care for."""
        with self._database.write() as session:
            session.execute(
                update(Appointment).values(state=AppointmentState.CANCELLED)
            )


def put_directory(session: Session, kiosks: int = 3) -> None:
    """Add a relay with kiosks kiosk-1, ..., and the organisations msa and caf."""
    session.add_all(
        [
            Relay(id=1, slug="guise", name="Relais de Guise", commune="Guise"),
            Organisation(id=1, slug="msa", name="MSA", short_name="MSA"),
            Organisation(id=2, slug="caf", name="CAF", short_name="CAF"),
        ]
    )
    session.flush()
    session.add_all(
        [
            *(
                Kiosk(slug=f"kiosk-{n}", relay_id=1, token_digest=f"{n}")
                for n in range(1, kiosks + 1)
            ),
            *(
                Counter(slug=f"{slug}-1", name=slug, organisation_id=number)
                for number, slug in enumerate(("msa", "caf"), 1)
            ),
            Counsellor(slug="counsellor-msa-1", name="Mme Leroy", organisation_id=1),
            User(
                email="mairie@guise.example",
                name="Guise",
                password="unused",
                session_key="guise",
                role="secretary",
                relay_id=1,
            ),
        ]
    )
