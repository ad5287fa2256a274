# SPDX-License-Identifier: AGPL-3.0-or-later
"""The organisation's appointments of a day, as its manager may see them."""

from datetime import date, datetime, timedelta

from flask import abort, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session, joinedload

from booking_web.base.local_time import day_bounds
from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.empty_chairs import called_in_vain
from booking_web.domain.journal.entries import write_down_listing
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.manager.counsellors_now import counsellors_now
from booking_web.pages.manager.gate import blueprint
from booking_web.pages.manager.pages import today_of
from booking_web.pages.manager.touched import ShownAppointment, shown, zone_of
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState
from booking_web.words.appointments import StateWording, wording_of
from provisioning.database.models import Kiosk

Told = list[tuple[ShownAppointment, Appointment, StateWording]]


@blueprint.get("/rendez-vous")
def show_appointments() -> str:
    """Show who comes to the organisation on a day; that it was looked at is written down."""
    acting, now = signed_in(Right.HOURS), services().now()

    def work(session: Session) -> tuple[date, date, Told]:
        today = today_of(session, acting, now)
        day = _asked_day(today)
        rows = _rows(session, acting, day, now)
        ids = [each.appointment_id for each, _, _ in rows]
        write_down_listing(session, ids, actor=acting.actor, at=now)
        return today, day, rows

    today, day, rows = in_transaction(services().database, work)
    with services().database.read() as session:
        organisation = acting.organisation(session)
        counsellors = counsellors_now(session, acting, now)
    return render_template(
        "manager/appointments.html",
        organisation=organisation,
        zone=zone_of(organisation),
        rows=rows,
        counsellors=counsellors,
        now=now,
        day=day,
        today=today,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        title=gettext("Rendez-vous"),
    )


def _asked_day(today: date) -> date:
    asked = request.args.get("jour")
    if not asked:
        return today
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        abort(404)
    # Days that have no day before or after cannot be shown.
    if not date.min.year < day.year < date.max.year:
        abort(404)
    return day


def _rows(session: Session, acting: Person, day: date, now: datetime) -> Told:
    zone = zone_of(acting.organisation(session))
    begins, ends = day_bounds(day, zone)
    found = session.scalars(
        acting.appointments()
        .where(
            Appointment.starts_at >= begins,
            Appointment.starts_at < ends,
        )
        .options(
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.counter),
            joinedload(Appointment.organisation),
            joinedload(Appointment.visit_reason),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    ).all()
    in_vain = called_in_vain(session, found)
    return [
        (
            shown(each, now),
            each,
            wording_of(AppointmentState(each.state), was_called=each.id in in_vain),
        )
        for each in found
    ]
