# SPDX-License-Identifier: AGPL-3.0-or-later
"""The schema of what happens, on SQLite and PostgreSQL: both ways, guarded, seen by SQL."""

from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

import booking_web.tables.administration  # noqa: F401 - its table belongs to the schema
import booking_web.tables.alerts  # noqa: F401 - its tables belong to the schema
import booking_web.tables.calendar_feeds  # noqa: F401 - its table belongs to the schema
import booking_web.tables.documents  # noqa: F401 - its tables belong to the schema
import booking_web.tables.fleet  # noqa: F401 - its tables belong to the schema
import booking_web.tables.forms  # noqa: F401 - its tables belong to the schema
import booking_web.tables.hours  # noqa: F401 - its tables belong to the schema
import booking_web.tables.messages  # noqa: F401 - its tables belong to the schema
import booking_web.tables.postal_address  # noqa: F401 - its table belongs to the schema
import booking_web.tables.presence  # noqa: F401 - its tables belong to the schema
import booking_web.tables.printed_forms  # noqa: F401 - its tables belong to the schema
import booking_web.tables.rate_limits  # noqa: F401 - its table belongs to the schema
import booking_web.tables.waiting  # noqa: F401 - its tables belong to the schema
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.journal.live_events import Cursor
from booking_web.tables.appointment import (
    Appointment,
    CounterSlot,
    KioskSlot,
    LiveEvent,
)
from booking_web.tables.states import AppointmentState as State
from provisioning.database.engine import Base
from provisioning.database.schema import downgrade, upgrade
from stage.html_forms import forms_of
from stage.waiting import wait_for
from tests.factories.orders import an_order

TABLES = {
    "message",
    "reminder_call",
    "calendar_feed",
    "appointment",
    "appointment_address",
    "resident",
    "kiosk_slot",
    "counter_slot",
    "period",
    "journal",
    "journal_link",
    "live_event",
    "rate_limit",
    "document",
    "scan_upload",
    "device_job",
    "code_to_play",
    "kiosk_devices",
    "kiosk_screen",
    "api_client",
    "webhook",
    "webhook_event",
    "endpoint_presence",
    "presence_watch",
    "help_call",
    "opening",
    "closure",
    "booking_rules",
    "relay_rules",
    "kiosk_day",
    "counter_day",
    "directory_act",
    "machine_report",
    "kiosk_order",
    "diagnosis",
    "self_test",
    "node_report",
    "alert",
    "alert_notice",
    "form",
    "form_edition",
    "draft",
    "draft_change",
    "printed_form",
    "printed_part",
    "scan_reading",
    "returned_page",
    "receipt",
    "cv",
    "cv_change",
    "document_mail",
}


def book_at(database, starts_at, *, organisation="msa") -> int:
    now = datetime.now(UTC)
    request = an_order(token="form", organisation=organisation, starts_at=starts_at)
    with database.write() as session:
        return book(session, request, min(now, starts_at or now)).appointment.id


def add_event(session, appointment_id) -> int:
    """Add a live event in the open transaction and give its id."""
    event = LiveEvent(
        at=datetime.now(UTC), kiosk_id=1, appointment_id=appointment_id, state="booked"
    )
    session.add(event)
    session.flush()
    return event.id


def callable_ones(database) -> list[tuple]:
    query = text(
        "SELECT appointment_id, resident_name, relay_name, kiosk_slug,"
        " organisation_slug, counsellor_slug, attempt FROM callable_appointment"
    )
    with database.read() as session:
        return [tuple(row) for row in session.execute(query)]


def is_ours(thing, name, kind, *_comparison) -> bool:
    """Tell Alembic to compare the tables of TABLES and what belongs to them."""
    return (name if kind == "table" else thing.table.name) in TABLES


def test_the_tables_are_those_of_the_models(either_database) -> None:
    with either_database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": is_ours}
        )
        assert compare_metadata(context, Base.metadata) == []
    assert TABLES <= set(inspect(either_database.engine).get_table_names())


def test_the_migration_goes_both_ways(either_database, either_ground) -> None:
    book_at(either_database, None)
    either_database.dispose()
    downgrade(either_ground.url, revision="appointments@base")
    inspector = inspect(either_database.engine)
    assert not TABLES & set(inspector.get_table_names())
    assert "callable_appointment" not in inspector.get_view_names()
    assert "relay" in inspector.get_table_names()
    either_database.dispose()
    assert upgrade(either_ground.url) is True
    assert book_at(either_database, None) == 1


@pytest.mark.parametrize(
    "change",
    ["UPDATE journal SET detail = 'other'", "DELETE FROM journal WHERE id = 1"],
)
def test_the_journal_can_only_grow(either_database, change) -> None:
    book_at(either_database, None)
    with pytest.raises(DatabaseError, match="append-only"):
        with either_database.write() as session:
            session.execute(text(change))
    with either_database.read() as session:
        entries = session.execute(text("SELECT act FROM journal ORDER BY id"))
        assert [row.act for row in entries] == ["booked", "moved"]


def test_a_kiosk_is_on_the_line_for_one_appointment_only(either_database) -> None:
    later = datetime.now(UTC) + timedelta(hours=3)
    first = book_at(either_database, None)
    second = book_at(either_database, later)
    now = datetime.now(UTC)
    with pytest.raises(IntegrityError):
        with either_database.write() as session:
            for appointment_id in (first, second):
                appointment = session.get_one(Appointment, appointment_id)
                appointment.state = State.CALLING
                appointment.state_since = now


@pytest.mark.parametrize("slots", [KioskSlot, CounterSlot])
def test_the_database_itself_refuses_a_slot_that_is_held(
    either_database, slots
) -> None:
    first = book_at(either_database, None)
    second = book_at(either_database, datetime.now(UTC) + timedelta(hours=3))
    owner = slots.__mapper__.primary_key[0].name
    with pytest.raises(IntegrityError):
        with either_database.write() as session:
            held = session.scalars(
                select(slots).where(slots.appointment_id == first)
            ).first()
            session.execute(
                insert(slots).values(
                    {
                        owner: getattr(held, owner),
                        "starts_at": held.starts_at,
                        "appointment_id": second,
                    }
                )
            )


@pytest.mark.parametrize(
    ("minutes", "is_there"), [(-20, True), (5, True), (12, False), (-35, False)]
)
def test_a_counsellor_may_call_what_is_due(either_database, minutes, is_there) -> None:
    starts_at = datetime.now(UTC) + timedelta(minutes=minutes)
    appointment_id = book_at(either_database, starts_at)
    expected = (
        appointment_id,
        "M. Dupont",
        "Relais de Wassigny",
        "kiosk-wassigny",
        "msa",
        "counsellor-msa-1",
        0,
    )
    assert callable_ones(either_database) == ([expected] if is_there else [])


@pytest.mark.parametrize(
    ("states", "is_there"),
    [
        ((), True),
        ((State.CALLING,), False),
        ((State.CALLING, State.UNREACHABLE), True),
        ((State.CALLING, State.QUEUED, State.ABANDONED), True),
        ((State.CALLING, State.IN_CALL), False),
        ((State.CALLING, State.IN_CALL, State.INTERRUPTED), True),
        ((State.CALLING, State.IN_CALL, State.DONE), False),
        ((State.CANCELLED,), False),
    ],
)
def test_a_counsellor_may_call_whoever_is_there_and_not_in_call(
    either_database, states, is_there
) -> None:
    appointment_id = book_at(either_database, None)
    with either_database.write() as session:
        appointment = session.get_one(Appointment, appointment_id)
        for state in states:
            move(session, appointment, state, actor="d", at=datetime.now(UTC))
            session.flush()
    assert bool(callable_ones(either_database)) is is_there


def test_an_event_whose_transaction_ends_late_is_still_told(
    either_database,
) -> None:
    if either_database.engine.dialect.name == "sqlite":
        # One writer at a time: ids become visible in their order.
        return
    appointment_id = book_at(either_database, None)
    cursor = Cursor(either_database)
    told: list[int] = []
    cursor.start()

    def has(event_id: int) -> bool:
        told.extend(change.id for change in cursor.advance())
        return event_id in told

    with either_database.write() as slow:
        late = add_event(slow, appointment_id)
        with either_database.write() as quick:
            early = add_event(quick, appointment_id)
        assert late < early
        wait_for(lambda: has(early), "the event that was committed first")
        assert late not in told
    wait_for(lambda: has(late), "the event that was committed late")
    assert cursor.advance() == []
    assert sorted(told) == [late, early]


def test_the_pages_work_on_either_database(
    new_app, either_ground, either_database
) -> None:
    app = new_app(either_ground)
    client = app.test_client()

    def post(address: str, **values: str):
        page = client.get("/connexion" if address == "/connexion" else "/bureau")
        [form, *_] = [
            each for each in forms_of(page.text) if "csrf_token" in each.values
        ]
        data = {"csrf_token": form.values["csrf_token"], **values}
        return client.post(address, data=data)

    def states() -> list[str]:
        with either_database.read() as session:
            found = session.scalars(select(Appointment).order_by(Appointment.id))
            return [str(each.state) for each in found]

    email = "mairie@wassigny.example"
    assert post("/connexion", email=email, password="wrong").status_code == 200
    password = either_ground.passwords[email]
    assert post("/connexion", email=email, password=password).status_code == 302
    typed = {"organisation": "msa", "relay": "wassigny", "resident_name": "M. Dupont"}
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    later = typed | {"when": "at", "day": day, "hour": "10:00"}
    booked = post("/bureau/rendez-vous", submission="one", **later)
    appointment_id = booked.location.rpartition("-")[2]
    assert post("/bureau/rendez-vous", submission="two", **later).status_code == 409
    again = post("/bureau/rendez-vous", submission="one", **later)
    assert again.location == booked.location
    for act, state in (("arrive", "arrived"), ("appeler", "arrived")):
        address = f"/bureau/rendez-vous/{appointment_id}/{act}"
        assert post(address).status_code == 303
        assert states() == [state]
    assert "Appel demandé" in client.get("/bureau").text
    assert post(f"/bureau/rendez-vous/{appointment_id}/annuler").status_code == 303
    assert states() == ["cancelled"]
