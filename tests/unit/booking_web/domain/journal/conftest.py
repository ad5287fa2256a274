# SPDX-License-Identifier: AGPL-3.0-or-later
"""A resident with an address, a program that is told everything, and what both hear."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.domain.appointments import acts
from booking_web.domain.appointments.asked import asked_for, made_before
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.guests.invitations import (
    invite,
    let_in,
    token_of,
)
from booking_web.domain.appointments.guests.numbers import Trunk
from booking_web.domain.appointments.guests.telephoning import Relation, telephone
from booking_web.domain.appointments.guests.visits import hear_of_page, open_link
from booking_web.domain.appointments.interpreters.calls import call_going_on
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.line.joining import join_line
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.places.grid import slot_of
from booking_web.tables.appointment import (
    Appointment,
    JournalEntry,
    LiveEvent,
    Resident,
)
from booking_web.tables.clients import ApiClient
from booking_web.tables.interpreters import InterpreterCall
from booking_web.tables.messages import Message
from booking_web.tables.states import AppointmentState as State
from booking_web.tables.webhooks import EventKind, Webhook, WebhookEvent
from provisioning.database.models import Counter, Organisation, User, UserRole

ACTOR = "user:1"
HOUR = timedelta(hours=1)
TABLES = (JournalEntry, LiveEvent, WebhookEvent, Message)


@dataclass(frozen=True)
class Heard:
    """What was written, each in its order, as words."""

    journal: str = ""
    live: str = ""
    webhooks: str = ""
    messages: str = ""


class World:
    """A resident with an address, a program that is told everything, and what they hear."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self.before = dict.fromkeys(TABLES, 0)

    def request(
        self, starts_at: datetime | None, token: str = "form", **values: object
    ) -> BookingOrder:
        usual = {
            "token": token,
            "user_id": 1,
            "relay": "wassigny",
            "organisation": "msa",
            "resident_name": "M. Dupont",
            "hours": Hours.AGREED,
            "starts_at": starts_at,
            "resident_id": 1,
        }
        return BookingOrder(**usual | values)

    def booked(
        self, starts_at: datetime | None = None, **values: object
    ) -> Appointment:
        starts_at = starts_at or slot_of(self.now) + HOUR
        request = self.request(starts_at, **values)
        return book(self.session, request, self.now).appointment

    def arrived(self, starts_at: datetime | None = None) -> Appointment:
        appointment = self.booked(starts_at)
        acts.mark_arrived(self.session, appointment, ACTOR, self.now)
        return appointment

    def called(self, *states: State) -> Appointment:
        """Give one whose call went through these states."""
        appointment = self.arrived(slot_of(self.now))
        for state in (State.CALLING, *states):
            move(self.session, appointment, state, actor="dispatcher", at=self.now)
        return appointment

    def interpreted(self, *states: State) -> Appointment:
        """Give one with an interpreter, booked or with a call that went through these states."""
        interpreters = Organisation(
            slug="lsf", name="LSF", short_name="LSF", interprets="sign"
        )
        self.session.add(interpreters)
        self.session.flush()
        self.session.add(
            Counter(slug="lsf-1", name="1", organisation_id=interpreters.id)
        )
        self.session.flush()
        appointment = self.booked(interpreter="lsf")
        for state in (State.ARRIVED, State.CALLING, *states) if states else ():
            move(self.session, appointment, state, actor="dispatcher", at=self.now)
        return appointment

    def interpreter_called(self) -> InterpreterCall:
        """Give the call of an interpreter that was placed a moment ago."""
        appointment = self.interpreted(State.QUEUED, State.IN_CALL)
        call = call_going_on(self.session, appointment.id)
        assert call is not None
        call.placed_at = self.now
        return call

    def guest_let_in(self, appointment: Appointment) -> InterpreterCall:
        """Give the call of a guest who came by a link, waited and was let in a moment ago."""
        guest = invite(self.session, appointment, "Mme Petit", "key", ACTOR, self.now)
        open_link(self.session, token_of(guest, "key"), self.now)
        hear_of_page(self.session, guest, self.now, knocks=True)
        let_in(self.session, appointment, ACTOR, self.now)
        call = call_going_on(self.session, appointment.id)
        assert call is not None
        call.placed_at = self.now
        return call

    def telephoned_to(self, appointment: Appointment) -> InterpreterCall:
        """Give the call of somebody outside, placed a moment ago."""
        trunk = Trunk(caller_number="0323000000", calls_an_hour=20)
        telephone(
            self.session,
            appointment,
            "0612345678",
            Relation.RELATIVE,
            "M. Roy",
            trunk,
            ACTOR,
            self.now,
        )
        call = call_going_on(self.session, appointment.id)
        assert call is not None
        call.placed_at = self.now
        return call

    def waits(self, token: str = "walk-in") -> Appointment:
        request = self.request(None, token)
        asked = asked_for(self.session, request)
        there = made_before(self.session, request, asked)
        return there or join_line(self.session, request, asked, self.now)

    def listen(self) -> None:
        """Hear only what comes from now on."""
        self.session.flush()
        for table in TABLES:
            last = self.session.scalar(select(func.max(table.id)))
            self.before[table] = last or 0

    def heard(self) -> Heard:
        self.session.flush()
        return Heard(
            journal=self._written(JournalEntry.act, JournalEntry),
            live=self._written(LiveEvent.kind, LiveEvent),
            webhooks=self._written(WebhookEvent.kind, WebhookEvent),
            messages=self._written(Message.kind, Message),
        )

    def _written(self, column, table) -> str:
        since = table.id > self.before[table]
        found = self.session.scalars(select(column).where(since).order_by(table.id))
        return " ".join(found)


@pytest.fixture
def world(session, now) -> World:
    session.add(
        Resident(
            id=1,
            relay_id=1,
            name="M. Dupont",
            search_key="dupont",
            created_at=now,
            created_by_id=1,
            seen_at=now,
            telephone="",
            email="dupont@example.org",
        )
    )
    session.add(
        User(
            id=9,
            email="agenda@msa.example",
            name="agenda",
            password="unused",
            session_key="agenda",
            role=UserRole.MANAGER,
            organisation_id=1,
        )
    )
    session.flush()
    client = ApiClient(
        name="agenda",
        token_digest="digest",
        organisation_id=1,
        user_id=9,
        may_write=True,
        sees_residents=False,
        created_at=now,
    )
    session.add(client)
    session.flush()
    session.add(
        Webhook(
            client_id=client.id,
            url="https://agenda.msa.example/",
            sealed_secret="unused",
            kinds=",".join(EventKind),
            created_at=now,
        )
    )
    session.flush()
    return World(session, now)
