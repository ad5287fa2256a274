# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page that moves an appointment: the next free slots, or another hour agreed."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import StringField

from booking_web.base.local_time import local_day
from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.appointments import acts
from booking_web.domain.appointments.refusals import (
    BeyondHorizon,
    NothingToBook,
    NotOffered,
    PlaceTaken,
    TooEarly,
    TooLate,
    TooSoon,
)
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.places.choosing import Side
from booking_web.domain.places.next_start import next_start
from booking_web.domain.places.search import (
    has_published_hours,
    within_hours,
)
from booking_web.domain.places.slot_value import SlotValue, slot_value
from booking_web.domain.rights.person import Right
from booking_web.pages.rows.day import row_of
from booking_web.pages.secretary.desk.actions import list_of
from booking_web.pages.secretary.desk.ending import CHOOSE, reason_asked_for
from booking_web.pages.secretary.desk.pages import blueprint
from booking_web.pages.secretary.moving.free_slots import (
    MoveSlots,
    slots_to_move_to,
)
from booking_web.shell.carrying_out import busy_words
from booking_web.shell.forms.day_and_hour import typed_instant
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import OVER, AppointmentState, IllegalMove, can_move
from booking_web.words.appointments import ACT_REASONS, wording_of
from booking_web.words.dates import moment
from provisioning.database.models import Relay

OTHER_HOUR = "at"
_GONE = lazy_gettext("Cette heure vient d'être prise. Choisissez-en une autre.")
INVALID, CONFLICT, BUSY = 422, 409, 503


class MoveForm(FlaskForm):
    """Where to: the value of a slot, or `at` with a day and an hour at its own relay."""

    place = StringField()
    day = StringField(lazy_gettext("Date"))
    hour = StringField(lazy_gettext("Heure"))

    def target(self, own: Relay, now: datetime) -> SlotValue | None:
        """Give the place asked for; None after adding an error where there is none."""
        if self.place.data != OTHER_HOUR:
            slot = slot_value(self.place.data)
            if slot is None:
                self.place.errors = [gettext("Choisissez une heure.")]
            return slot
        zone = ZoneInfo(own.time_zone)
        starts_at = typed_instant(self.day, self.hour, zone, now)
        return SlotValue(starts_at, own.slug) if starts_at else None


@blueprint.get("/rendez-vous/<int:appointment_id>/deplacer")
def ask_where_to(appointment_id: int) -> str | Response:
    """Offer the next free slots and another hour."""
    return _page(appointment_id, MoveForm(formdata=None))


@blueprint.post("/rendez-vous/<int:appointment_id>/deplacer")
def reschedule(appointment_id: int) -> Response | str | tuple[str | Response, int]:
    """Move the appointment; where that can't be, the page comes back as it was typed."""
    form = MoveForm()
    acting, now = signed_in(Right.DESK), services().now()
    reason = reason_asked_for()
    with services().database.read() as session:
        own = acting.appointment(session, appointment_id).kiosk.relay
    target = form.target(own, now)
    if target is None or reason is None:
        error = CHOOSE if reason is None else ""
        return _page(appointment_id, form, reason_error=str(error)), INVALID

    is_typed = form.place.data == OTHER_HOUR

    def work(session: Session) -> Appointment:
        appointment = acting.appointment(session, appointment_id, to_change=True)
        relay = session.scalar(select(Relay).where(Relay.slug == target.relay))
        if relay is None:
            abort(404)
        if appointment.town_hall_id is None and relay.id != acting.relay_id:
            # Nobody's town hall booked it: the one that sends it away goes on seeing it.
            appointment.town_hall_id = acting.relay_id
        acts.reschedule(
            session,
            appointment,
            starts_at=target.starts_at,
            # An hour that is typed was agreed by telephone.
            hours=Hours.AGREED if is_typed else Hours.OFFERED,
            relay_id=relay.id,
            near_only=True,
            actor=acting.actor,
            now=now,
            reason=reason,
        )
        return appointment

    try:
        in_transaction(services().database, work)
    except IllegalMove as error:
        flash(_changed(error), "warning")
    except (NotOffered, TooSoon, BeyondHorizon):
        form.place.errors = [str(_GONE)]
        return _page(appointment_id, form), CONFLICT
    except PlaceTaken as error:
        if not is_typed:
            form.place.errors = [str(_GONE)]
            return _page(appointment_id, form), CONFLICT
        return _taken(appointment_id, form, error.taken, own, now), CONFLICT
    except NothingToBook as error:
        form.place.errors = [
            (
                gettext("Ce relais n'a pas de borne. Prévenez l'administrateur.")
                if error.missing is Side.KIOSK
                else gettext(
                    "Cet organisme n'a pas de guichet. Prévenez l'administrateur."
                )
            )
        ]
        return _page(appointment_id, form), INVALID
    except (TooEarly, TooLate) as error:
        field = form.hour if form.place.data == OTHER_HOUR else form.place
        field.errors = [
            (
                gettext("Cette heure est passée. Choisissez une heure à venir.")
                if isinstance(error, TooEarly)
                else gettext("Cette date est trop loin : un an au plus.")
            )
        ]
        return _page(appointment_id, form), INVALID
    except DatabaseBusy:
        form.place.errors = [busy_words()]
        return _page(appointment_id, form), BUSY
    else:
        services().doorbell.ring()
        _say_where_to(appointment_id, now)
    with services().database.read() as session:
        # It may have just left what this person sees.
        moved = session.get_one(Appointment, appointment_id)
        zone = ZoneInfo(moved.kiosk.relay.time_zone)
    return redirect(list_of(moved.starts_at, zone, appointment_id), 303)


def _page(
    appointment_id: int, form: MoveForm, reason_error: str = ""
) -> str | Response:
    looking, now = signed_in(Right.DESK), services().now()
    with services().database.read() as session:
        appointment = looking.appointment(session, appointment_id)
        row = row_of(appointment, now)
        back = list_of(row.starts_at, row.zone, appointment_id)
        state = AppointmentState(appointment.state)
        is_movable = state is AppointmentState.BOOKED or can_move(
            state, AppointmentState.BOOKED
        )
        if not is_movable:
            flash(_changed(IllegalMove(state, AppointmentState.BOOKED)), "warning")
            return redirect(back, 303)
        slots = slots_to_move_to(session, appointment, now)
    _choose_something(form, slots, now, row.zone)
    return render_template(
        "secretary/moving/move.html",
        row=row,
        when=moment(row.starts_at, row.zone, now),
        back=back,
        form=form,
        slots=slots,
        today=local_day(now, row.zone).isoformat(),
        reasons=ACT_REASONS,
        chosen=request.form.get("raison", ""),
        error=reason_error,
        other_hour=OTHER_HOUR,
        title=gettext("Déplacer le rendez-vous"),
    )


def _choose_something(
    form: MoveForm, slots: MoveSlots, now: datetime, zone: ZoneInfo
) -> None:
    # What was offered a moment ago and is taken now can't stay chosen.
    if form.place.data not in (OTHER_HOUR, *slots.values):
        form.place.data = slots.values[0] if slots.values else OTHER_HOUR
    if not form.day.data:
        form.day.data = local_day(now, zone).isoformat()


def _taken(
    appointment_id: int, form: MoveForm, taken: Side | None, own: Relay, now: datetime
) -> str | Response:
    words = {
        Side.KIOSK: gettext("La borne est déjà prise à cette heure."),
        Side.INTERPRETER: gettext("Aucun interprète n'est libre à cette heure."),
    }.get(
        taken or Side.COUNTER,
        gettext("Tous les guichets de l'organisme sont pris à cette heure."),
    )
    target = form.target(own, now)
    following = None
    if form.place.data == OTHER_HOUR and target is not None:
        following = _next_start_after(appointment_id, own, target.starts_at, now)
    if following is not None:
        when = moment(following, ZoneInfo(own.time_zone), now)
        words += " " + gettext("La prochaine heure libre est %(when)s.", when=when)
    field = form.hour if form.place.data == OTHER_HOUR else form.place
    field.errors = [words]
    return _page(appointment_id, form)


def _next_start_after(
    appointment_id: int, relay: Relay, after: datetime, now: datetime
) -> datetime | None:
    with services().database.read() as session:
        appointment = session.get_one(Appointment, appointment_id)
        return next_start(
            session,
            organisation_id=appointment.organisation_id,
            relay_id=relay.id,
            length=acts.length_when_moved(session, appointment),
            after=after,
            now=now,
            besides=appointment_id,
            interpreter_id=appointment.interpreter_id,
        )


def _say_where_to(appointment_id: int, now: datetime) -> None:
    with services().database.read() as session:
        moved = session.get_one(Appointment, appointment_id)
        relay = moved.kiosk.relay
        zone = ZoneInfo(relay.time_zone)
        message = gettext(
            "Rendez-vous déplacé : %(name)s, %(when)s, %(relay)s.",
            name=moved.resident_name,
            when=moment(moved.starts_at, zone, now),
            relay=relay.name,
        )
        is_outside = has_published_hours(
            session, moved.organisation_id
        ) and not within_hours(
            session, moved.organisation_id, relay.id, moved.starts_at, moved.ends_at
        )
    flash(message, "success")
    if is_outside:
        flash(
            gettext(
                "Cette heure est hors des heures publiées par l'organisme : "
                "vérifiez qu'elle a été convenue avec lui."
            ),
            "warning",
        )


def _changed(error: IllegalMove) -> str:
    if error.before in OVER:
        return gettext(
            "Ce rendez-vous est « %(state)s » : il ne peut plus être déplacé.",
            state=wording_of(error.before).word,
        )
    return gettext(
        "Ce rendez-vous a changé entre-temps : il est maintenant « %(state)s ». "
        "Rien n'a été fait.",
        state=wording_of(error.before).word,
    )
