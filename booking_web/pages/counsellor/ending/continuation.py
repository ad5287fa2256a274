# SPDX-License-Identifier: AGPL-3.0-or-later
"""The follow-up appointment in two clicks: one proposes the next places, one books."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from booking_web.base.local_time import local_day
from booking_web.domain.appointments.following_up import (
    FollowedAlready,
    Following,
    ResidentForgotten,
    book_follow_up,
    following_of,
    propose_follow_up,
)
from booking_web.domain.appointments.refusals import BookingError
from booking_web.domain.places.search import Slot
from booking_web.domain.places.slot_value import SlotValue, slot_value
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.ending.section import following_words
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.words.dates import clock, long_date
from booking_web.words.slots import why_sentence
from provisioning.database.models import Kiosk


@dataclass(frozen=True)
class ProposedDay:
    """A day and its first free hours: each with what a form sends back."""

    day: str
    hours: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Proposal:
    """What the page proposes; without any day, why."""

    name: str
    relay: str
    visit_reason: str
    days: tuple[ProposedDay, ...]
    why: str
    # When the resident comes already, and that appointment's number.
    following: str
    following_id: int | None
    is_forgotten: bool


@blueprint.get("/<int:appointment_id>/suite")
def propose_next(appointment_id: int) -> str:
    """Propose the next free places for the same resident, relay and reason."""
    return _page(appointment_id)


@blueprint.post("/<int:appointment_id>/suite")
def book_next(appointment_id: int) -> Response | tuple[str, int]:
    """Book the place that was pressed, or propose others where it is gone by now."""
    viewer, now = signed_in(Right.RECEIVING), services().now()
    wanted = slot_value(request.form.get("place"))
    if wanted is None:
        flash(gettext("Choisissez une heure dans la liste."), "warning")
        return _page(appointment_id), 422

    def work(session: Session) -> str:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        booked = book_follow_up(
            session,
            appointment,
            wanted.starts_at,
            user_id=viewer.user_id,
            actor=viewer.actor,
            now=now,
        )
        return following_words(Following.of(booked))

    refusals = {
        FollowedAlready: _followed,
        ResidentForgotten: lambda _: _forgotten(),
        BookingError: _gone,
    }
    done = carry_out(work, refusals)
    if done is None:
        return _page(appointment_id), 409
    words = gettext("Le rendez-vous est pris : %(when)s.", when=done.value)
    flash(words, "success")
    back = url_for("console.show", appointment_id=appointment_id, _anchor="ending")
    return redirect(back, 303)


def _gone(_error: BookingError) -> str:
    return gettext(
        "Cette heure vient d'être prise, ou n'est plus proposée. Rien n'a été "
        "réservé : choisissez-en une autre."
    )


def _followed(error: FollowedAlready) -> str:
    return gettext(
        "Un rendez-vous de suite est déjà pris : %(when)s. Rien d'autre n'a été réservé.",
        when=following_words(error.following),
    )


def _forgotten() -> str:
    return gettext(
        "Le nom de l'usager a été effacé, comme prévu par les durées de conservation : "
        "la mairie peut prendre un nouveau rendez-vous."
    )


def _page(appointment_id: int) -> str:
    viewer, now = signed_in(Right.RECEIVING), services().now()
    with services().database.read() as session:
        appointment = viewer.appointment(
            session,
            appointment_id,
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.visit_reason),
        )
        proposal = _proposal(session, appointment, now)
    return render_template(
        "counsellor/ending/next.html",
        proposal=proposal,
        back=url_for("console.show", appointment_id=appointment_id, _anchor="ending"),
        forgotten=_forgotten(),
        title=gettext("Rendez-vous de suite"),
    )


def _proposal(session: Session, appointment: Appointment, now: datetime) -> Proposal:
    relay, reason = appointment.kiosk.relay, appointment.visit_reason
    zone = ZoneInfo(relay.time_zone)
    days, found = propose_follow_up(session, appointment, now)
    following = following_of(session, appointment.id)
    return Proposal(
        name=appointment.resident_name,
        relay=relay.name,
        visit_reason=reason.name if reason else "",
        days=tuple(_day(slots, relay.slug, zone) for slots in days),
        why=why_sentence(found),
        following=following_words(Following.of(following)) if following else "",
        following_id=following.id if following else None,
        is_forgotten=not appointment.resident_name,
    )


def _day(slots: list[Slot], relay: str, zone: ZoneInfo) -> ProposedDay:
    return ProposedDay(
        long_date(local_day(slots[0].starts_at, zone)),
        tuple(
            (str(SlotValue(each.starts_at, relay)), clock(each.starts_at, zone))
            for each in slots
        ),
    )
