# SPDX-License-Identifier: AGPL-3.0-or-later
"""Books, lists, shows, cancels and moves the appointments within a client's reach."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import Select
from sqlalchemy.orm import Session

from booking_web.api.problems import Problem
from booking_web.api.public.access import (
    interpreter_named,
    organisation_named,
    reachable_appointment,
    reachable_appointments,
    relay_named,
    this_client,
)
from booking_web.api.public.blueprint import PREFIX, blueprint, told
from booking_web.api.public.booking import book_offered, reason_named, refused
from booking_web.api.public.schemas import (
    AppointmentSchema,
    AppointmentsSchema,
    BookSchema,
    CancelSchema,
    KeySchema,
    ListQuerySchema,
    RescheduleSchema,
)
from booking_web.api.public.showing import shown
from booking_web.base.local_time import day_bounds
from booking_web.base.resident_text import has_letter, has_unprintable, normalised
from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.acts import cancel, length_when_moved, reschedule
from booking_web.domain.appointments.lengths import length_of
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.refusals import BookingError
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.journal.entries import write_down_listing
from booking_web.domain.journal.reading import changed_since
from booking_web.domain.journal.telling import tell
from booking_web.domain.places.search import SlotSearch
from booking_web.domain.residents.postal import (
    PostalAddress,
    address_typed,
    faults_of,
)
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import (
    ON_THE_LINE,
    OVER,
    AppointmentSource,
    AppointmentState,
    IllegalMove,
)
from booking_web.words.postal_addresses import address_sentence


@blueprint.post("/appointments")
@blueprint.arguments(KeySchema, location="headers")
@blueprint.arguments(BookSchema)
@told(400, 409, 413, 415)
@blueprint.alt_response(200, schema=AppointmentSchema, description="Booked before.")
@blueprint.response(201, AppointmentSchema)
def book_appointment(
    key: dict[str, Any], asked: dict[str, Any]
) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Book a free slot. The same key and content again give the same appointment (200)."""
    client, now = this_client(), services().now()
    name, details = _regular(asked)
    address = _address(asked["address"])
    with services().database.read() as session:
        organisation = organisation_named(session, asked["organisation"])
        relay = relay_named(session, asked["relay"])
        reason = reason_named(session, organisation, asked["reason"])
        interpreter = interpreter_named(session, asked["interpreter"])
    order = BookingOrder(
        token=f"api\0{client.id}\0{key['idempotency_key']}",
        is_keyed=True,
        user_id=client.user_id,
        acting=client.actor,
        relay=relay.slug,
        organisation=organisation.slug,
        visit_reason=asked["reason"],
        resident_name=name,
        details=details,
        language=asked["language"],
        interpreter=asked["interpreter"],
        discreet=asked["discreet"],
        address=address,
        starts_at=asked["starts_at"],
        hours=Hours.OFFERED,
        source=AppointmentSource.API,
    )
    search = SlotSearch(
        organisation_id=organisation.id,
        relay_ids=[relay.id],
        length=length_of(organisation, reason),
        after=asked["starts_at"],
        interpreter_id=interpreter.id if interpreter is not None else None,
    )
    booking = book_offered(order, search, now)
    services().doorbell.ring()
    with services().database.read() as session:
        made = reachable_appointment(session, booking.appointment.id)
        answer = shown(made)
    status = 200 if booking.was_there else 201
    return answer, status, {"Location": f"{PREFIX}/appointments/{made.id}"}


@blueprint.get("/appointments")
@blueprint.arguments(ListQuerySchema, location="query")
@told()
@blueprint.response(200, AppointmentsSchema)
def list_appointments(asked: dict[str, Any]) -> dict[str, Any]:
    """List appointments by their id, a page at a time."""
    with services().database.read() as session:
        query = _narrowed(session, reachable_appointments(), asked)
        query = query.order_by(Appointment.id).limit(asked["limit"] + 1)
        found = session.scalars(query).all()
        page = found[: asked["limit"]]
        answers = [shown(each) for each in page]
    _note_reading(page, Act.LISTED)
    has_more = len(found) > len(page)
    return {"appointments": answers, "next": page[-1].id if has_more else None}


@blueprint.get("/appointments/<int:appointment_id>")
@told()
@blueprint.response(200, AppointmentSchema)
def show_appointment(appointment_id: int) -> dict[str, Any]:
    """Show one appointment."""
    with services().database.read() as session:
        appointment = reachable_appointment(session, appointment_id)
        answer = shown(appointment)
    _note_reading([appointment], Act.VIEWED)
    return answer


@blueprint.post("/appointments/<int:appointment_id>/cancel")
@blueprint.arguments(CancelSchema)
@told(400, 409, 415)
@blueprint.response(200, AppointmentSchema)
def cancel_appointment(asked: dict[str, Any], appointment_id: int) -> dict[str, Any]:
    """Cancel the appointment; its slot is free again."""
    client, now = this_client(), services().now()

    def work(session: Session) -> dict[str, Any]:
        appointment = reachable_appointment(session, appointment_id, to_change=True)
        cancel(session, appointment, client.actor, now, asked["reason"] or "")
        return shown(appointment)

    try:
        return in_transaction(services().database, work)
    except IllegalMove as error:
        raise _moved_on(error) from error


@blueprint.post("/appointments/<int:appointment_id>/reschedule")
@blueprint.arguments(RescheduleSchema)
@told(400, 409, 415)
@blueprint.response(200, AppointmentSchema)
def reschedule_appointment(
    asked: dict[str, Any], appointment_id: int
) -> dict[str, Any]:
    """Move the appointment to another free slot, here or at another relay."""
    client, now = this_client(), services().now()
    with services().database.read() as session:
        appointment = reachable_appointment(session, appointment_id)
        relay = (
            relay_named(session, asked["relay"])
            if asked["relay"]
            else appointment.kiosk.relay
        )
        search = SlotSearch(
            organisation_id=appointment.organisation_id,
            relay_ids=[relay.id],
            length=length_when_moved(session, appointment),
            after=asked["starts_at"],
            besides=appointment_id,
            interpreter_id=appointment.interpreter_id,
        )
        state = AppointmentState(appointment.state)
        if state in OVER or state in ON_THE_LINE:
            raise _moved_on(IllegalMove(state, AppointmentState.BOOKED))

    def work(session: Session) -> dict[str, Any]:
        appointment = reachable_appointment(session, appointment_id, to_change=True)
        reschedule(
            session,
            appointment,
            starts_at=asked["starts_at"],
            hours=Hours.OFFERED,
            relay_id=relay.id,
            actor=client.actor,
            now=now,
            reason=asked["reason"] or "",
        )
        return shown(appointment)

    try:
        return in_transaction(services().database, work)
    except IllegalMove as error:
        raise _moved_on(error) from error
    except BookingError as error:
        raise refused(error, search, now) from error


def _regular(asked: dict[str, Any]) -> tuple[str, str]:
    """Give name and details as the pages would keep them, or raise a Problem."""
    name, details = normalised(asked["resident_name"]), normalised(asked["details"])
    if not has_letter(name):
        raise Problem(422, "invalid-name", gettext("Écrivez le nom avec des lettres."))
    if has_unprintable(name) or has_unprintable(details):
        raise Problem(
            422,
            "unprintable",
            gettext("Ce texte contient des caractères illisibles."),
        )
    return name, details


def _address(asked: dict[str, str] | None) -> PostalAddress:
    """Give the address as the pages would keep it, or raise a Problem."""
    address = address_typed(**asked or {})
    if faults := faults_of(address):
        told = [
            {"pointer": f"/json/address/{part}", "detail": address_sentence(part, why)}
            for part, why in faults.items()
        ]
        title = gettext("L'adresse n'est pas acceptée.")
        raise Problem(422, "invalid-address", title, errors=told)
    return address


def _narrowed(
    session: Session, query: Select[Appointment], asked: dict[str, Any]
) -> Select[Appointment]:
    client = this_client()
    relay, organisation = client.relay, client.organisation
    if asked["relay"]:
        relay = relay_named(session, asked["relay"])
        query = query.where(Appointment.kiosk.has(relay_id=relay.id))
    if asked["organisation"]:
        organisation = organisation_named(session, asked["organisation"])
        query = query.where(Appointment.organisation_id == organisation.id)
    if asked["day"]:
        place = relay or organisation
        # Every client has one of them: the constraint "one_scope".
        assert place is not None
        begins, ends = day_bounds(asked["day"], ZoneInfo(place.time_zone))
        query = query.where(
            Appointment.starts_at >= begins, Appointment.starts_at < ends
        )
    if asked["state"]:
        query = query.where(Appointment.state == asked["state"])
    if asked["changed_since"]:
        query = query.where(changed_since(asked["changed_since"]))
    return query.where(Appointment.id > asked["after_id"])


def _note_reading(appointments: Sequence[Appointment], act: Act) -> None:
    """Write into the journal whose names the client has read."""
    client = this_client()
    if not client.sees_residents or not appointments:
        return
    now = services().now()

    def note(session: Session) -> None:
        if act is Act.VIEWED:
            tell(session, act, appointments[0], actor=client.actor, at=now)
        else:
            ids = [each.id for each in appointments]
            write_down_listing(session, ids, actor=client.actor, at=now)

    in_transaction(services().database, note)


def _moved_on(error: IllegalMove) -> Problem:
    return Problem(
        409,
        "moved-on",
        gettext("Ce rendez-vous n'en est plus là."),
        state=str(error.before),
    )
