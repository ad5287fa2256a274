# SPDX-License-Identifier: AGPL-3.0-or-later
"""The appointments whose hours were withdrawn, settled one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.local_time import day_bounds, local_day
from booking_web.domain.appointments import acts
from booking_web.domain.appointments.hours_changes import (
    INTERPRETING,
    to_plan_again,
)
from booking_web.domain.appointments.refusals import BookingError
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.journal.telling import tell
from booking_web.domain.places.search import SlotSearch, SlotsFound, find_slots
from booking_web.domain.places.slot_value import SlotValue, slot_value
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.manager.gate import blueprint
from booking_web.pages.manager.interpretations import interpretations_shown
from booking_web.pages.manager.touched import (
    ShownAppointment,
    note_shown,
    shown,
    zone_of,
)
from booking_web.shell.carrying_out import Refusals, carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import ActReason, IllegalMove
from booking_web.words.appointments import ACT_REASONS
from booking_web.words.dates import moment
from booking_web.words.slots import why_sentence

# As many as are settled in one sitting; the next ones follow as these go.
SHOWN_AT_ONCE = 20
PROPOSED = 6


class HourGone(Exception):
    """The hour was on the page and is not offered any more."""


@dataclass(frozen=True)
class Proposal:
    """An appointment with the hours to which it could go."""

    appointment: ShownAppointment
    # The value of the radio button, and the hour in words.
    slots: list[tuple[str, str]]
    # Why there is no hour.
    why: str


@blueprint.get("/a-deplacer")
def plan_again() -> str:
    """List the appointments that wait, each with hours proposed."""
    acting, now = signed_in(Right.HOURS), services().now()
    with services().database.read() as session:
        waiting = to_plan_again(session, acting, now)
        proposals = [_proposal(session, each, now) for each in waiting[:SHOWN_AT_ONCE]]
        interpreting = to_plan_again(session, acting, now, INTERPRETING)
        interpretations = interpretations_shown(
            session, interpreting[:SHOWN_AT_ONCE], now
        )
    note_shown([each.appointment for each in proposals])
    return render_template(
        "manager/plan_again.html",
        title=gettext("Rendez-vous à replacer"),
        proposals=proposals,
        count=len(waiting),
        reasons=ACT_REASONS,
        interpretations=interpretations,
        interpretation_count=len(interpreting),
    )


@blueprint.post("/a-deplacer/<int:appointment_id>/deplacer")
def move_it(appointment_id: int) -> Response:
    """Move the appointment to the hour that was chosen."""
    target = slot_value(request.form.get("place"))
    if target is None:
        return _choose_first(appointment_id, gettext("Choisissez d'abord une heure."))
    return _settle(
        appointment_id,
        lambda session, each, acting, now: _move(session, each, target, acting, now),
        gettext("Le rendez-vous est déplacé."),
    )


@blueprint.post("/a-deplacer/<int:appointment_id>/garder")
def keep_it(appointment_id: int) -> Response:
    """Keep the appointment though its hours are gone."""
    return _settle(
        appointment_id,
        lambda session, each, acting, now: tell(
            session, Act.KEPT_OUTSIDE_HOURS, each, actor=acting.actor, at=now
        ),
        gettext("Le rendez-vous est gardé à son heure."),
    )


@blueprint.post("/a-deplacer/<int:appointment_id>/annuler")
def cancel_it(appointment_id: int) -> Response:
    """Cancel the appointment, with the reason."""
    reason = request.form.get("raison", "")
    if reason not in set(ActReason):
        return _choose_first(
            appointment_id, gettext("Choisissez la raison dans la liste.")
        )
    return _settle(
        appointment_id,
        lambda session, each, acting, now: acts.cancel(
            session, each, acting.actor, now, reason
        ),
        gettext("Le rendez-vous est annulé."),
    )


def _move(
    session: Session,
    appointment: Appointment,
    target: SlotValue,
    acting: Person,
    now: datetime,
) -> None:
    if target.relay != appointment.kiosk.relay.slug:
        raise HourGone
    # Asked once more: another manager may have withdrawn this hour too.
    acts.reschedule(
        session,
        appointment,
        starts_at=target.starts_at,
        hours=Hours.OFFERED,
        actor=acting.actor,
        now=now,
        reason=ActReason.ORGANISATION_ASKED,
    )


def _proposal(session: Session, appointment: Appointment, now: datetime) -> Proposal:
    """Look for hours from the beginning of the appointment's own day on."""
    zone = zone_of(appointment.organisation)
    begins, _ = day_bounds(local_day(appointment.starts_at, zone), zone)
    found = _slots(session, appointment, max(begins, now), now)
    relay = appointment.kiosk.relay.slug
    slots = [
        (
            str(SlotValue(slot.starts_at, relay)),
            moment(slot.starts_at, zone, now),
        )
        for slot in found.slots
    ]
    return Proposal(shown(appointment, now), slots, why_sentence(found))


def _slots(
    session: Session,
    appointment: Appointment,
    after: datetime,
    now: datetime,
) -> SlotsFound:
    return find_slots(
        session,
        SlotSearch(
            organisation_id=appointment.organisation_id,
            relay_ids=[appointment.kiosk.relay_id],
            length=acts.length_when_moved(session, appointment),
            after=after,
            limit=PROPOSED,
            besides=appointment.id,
            interpreter_id=appointment.interpreter_id,
        ),
        now,
    )


def _settle(
    appointment_id: int,
    act: Callable[[Session, Appointment, Person, datetime], None],
    said: str,
) -> Response:
    acting, now = signed_in(Right.HOURS), services().now()

    def work(session: Session) -> None:
        appointment = acting.appointment(session, appointment_id, to_change=True)
        act(session, appointment, acting, now)

    refusals: Refusals = {
        HourGone: _hour_taken,
        BookingError: _hour_taken,
        IllegalMove: _has_changed,
    }
    if carry_out(work, refusals) is None:
        return _back(appointment_id)
    flash(said, "success")
    return _back()


def _hour_taken(_error: Exception) -> str:
    return gettext("Cette heure vient d'être prise. Choisissez-en une autre.")


def _has_changed(_error: IllegalMove) -> str:
    return gettext("Ce rendez-vous a changé entre-temps : rien n'a été fait.")


def _choose_first(appointment_id: int, said: str) -> Response:
    """Say what is missing; of another organisation's appointment nothing is said (404)."""
    with services().database.read() as session:
        signed_in(Right.HOURS).appointment(session, appointment_id)
    flash(said, "warning")
    return _back(appointment_id)


def _back(appointment_id: int | None = None) -> Response:
    anchor = f"rendez-vous-{appointment_id}" if appointment_id else None
    return redirect(url_for("manager.plan_again", _anchor=anchor), 303)
