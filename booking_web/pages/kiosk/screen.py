# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's second screen: one large sentence, no touch needed, no resident's name."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from flask import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    url_for,
)
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.line.keeping import keeping_of
from booking_web.domain.appointments.line.standing import standing_of
from booking_web.domain.appointments.line.waiting import first_in_line_at
from booking_web.domain.documents.arranging import as_laid
from booking_web.domain.documents.errors import DocumentRefused, StoreUnavailable
from booking_web.domain.documents.laid_pictures import as_it_lies
from booking_web.domain.kiosks.help import help_told_at
from booking_web.domain.kiosks.screen_content import (
    ShownCue,
    ShownPage,
    screen_content,
)
from booking_web.domain.kiosks.second_screen import note_view
from booking_web.pages.rows.devices import devices_line
from booking_web.shell.archive import archive
from booking_web.shell.live_parts import PageUpdate, seen
from booking_web.shell.services import last_change, services
from booking_web.shell.sign_in.kiosk_enrolment import known_kiosk, present_kiosk
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.states import ON_THE_LINE, AppointmentState
from booking_web.words.line import cause_words, expected_wait, wait_words
from provisioning.database.models import Kiosk

# How long the screen says goodbye, or whom to turn to, before it is idle again.
GOODBYE = timedelta(seconds=45)
TROUBLE = timedelta(minutes=5)

_S = AppointmentState

blueprint = Blueprint("kiosk_screen", __name__, url_prefix="/borne")


class Scene(StrEnum):
    """What the screen shows."""

    IDLE = "idle"
    WAITING = "waiting"
    IN_CALL = "in_call"
    GOODBYE = "goodbye"
    ABANDONED = "abandoned"
    INTERRUPTED = "interrupted"


_SCENES = {
    _S.ARRIVED: Scene.WAITING,
    _S.CALLING: Scene.WAITING,
    _S.QUEUED: Scene.WAITING,
    _S.IN_CALL: Scene.IN_CALL,
    _S.DONE: Scene.GOODBYE,
    _S.ABANDONED: Scene.ABANDONED,
    _S.UNREACHABLE: Scene.INTERRUPTED,
    _S.INTERRUPTED: Scene.INTERRUPTED,
}


@dataclass(frozen=True)
class Screen:
    """A scene, the organisation it is about and since when the resident waits.

    In a call also the page of a document that is shown, whether a form is followed
    (`mirror` brings it), and what the devices do.
    """

    scene: Scene
    relay: str
    organisation: str = ""
    since: datetime | None = None
    appointment_id: int | None = None
    page: ShownPage | None = None
    cue: ShownCue | None = None
    is_followed: bool = False
    # Tells the picture of that page from one of how it lay before.
    lies: str = ""
    # Of the help key: "asked", "coming" or nothing.
    help: str = ""
    # While idle: how long who waits in a line has to wait, and what for.
    place: str = ""
    cause: str = ""
    # While idle: that the kiosk's clock is wrong.
    clock: str = ""


@blueprint.get("")
def show() -> Response | str:
    """Show the full-screen page; a browser that is no screen is asked for its code."""
    kiosk = present_kiosk()
    if kiosk is None:
        return redirect(url_for("kiosk_enrolment.ask"), 303)  # type: ignore[return-value]
    screen = read_screen(kiosk, services().now())
    return render_template(
        "kiosk/screen.html",
        screen=screen,
        now=services().now(),
        help_keys=services().settings.help_keys,
        last_event=last_change(),
    )


@blueprint.get("/changements")
def changes() -> Response:
    """Give the screen's content where the page does not show it."""
    update = PageUpdate()
    now = services().now()
    screen = read_screen(known_kiosk(), now)
    update.part("screen", screen, "kiosk/_scene.html", screen=screen, now=now)
    return update.response()


@blueprint.get("/page/<int:appointment_id>/<int:number>/<int:page>.png")
def show_page(appointment_id: int, number: int, page: int) -> Response:
    """Give the page of a document that this kiosk shows now in its call; no other."""
    kiosk = known_kiosk()
    now = services().now()
    with services().database.read() as session:
        appointment = session.scalar(
            select(Appointment).where(
                Appointment.id == appointment_id, Appointment.kiosk_id == kiosk.id
            )
        )
        shown = appointment and screen_content(session, appointment, now).page
        if not shown or (shown.number, shown.page) != (number, page):
            abort(404)
        document = session.get_one(Document, shown.document_id)
        laid = as_laid(session, document, page)
    try:
        picture = as_it_lies(archive().draw_page(document, page), laid, "PNG")
    except DocumentRefused:
        abort(404)
    except StoreUnavailable:
        abort(503)
    in_transaction(
        services().database,
        lambda session: note_view(
            session,
            session.get_one(Appointment, appointment_id, with_for_update=True),
            shown,
            services().now(),
        ),
    )
    return Response(
        picture, mimetype="image/png", headers={"Cache-Control": "no-store"}
    )


def read_screen(kiosk: Kiosk, now: datetime) -> Screen:
    """Tell what the kiosk's second screen must show at this moment."""
    with services().database.read() as session:
        appointment = _present_appointment(session, kiosk, now)
        help_told = help_told_at(session, kiosk.id, now)
        if appointment is None:
            clock = devices_line(session, kiosk.id, now)
            idle = Screen(
                Scene.IDLE,
                kiosk.relay.name,
                help=help_told,
                clock="" if clock.is_silent else clock.clock,
            )
            return _with_who_waits(session, idle, kiosk, now)
        content = screen_content(session, appointment, now)
        return Screen(
            _SCENES[AppointmentState(appointment.state)],
            kiosk.relay.name,
            appointment.organisation.name,
            appointment.call_requested_at or appointment.state_since,
            appointment.id,
            content.page,
            content.cue,
            content.is_following,
            _lies(session, content.page),
            help_told,
        )


def _lies(session: Session, shown: ShownPage | None) -> str:
    """Tell how the page that is shown lies while the counsellor arranges its scan."""
    if shown is None:
        return ""
    document = session.get_one(Document, shown.document_id)
    return seen(as_laid(session, document, shown.page))


def _with_who_waits(
    session: Session, idle: Screen, kiosk: Kiosk, now: datetime
) -> Screen:
    """Add the line of who has waited longest: how long it may be, and what is waited for."""
    waiting = first_in_line_at(session, kiosk.relay_id, now)
    if waiting is None:
        return idle
    keeping = keeping_of(services().settings)
    standing = standing_of(session, waiting, now, keeping)
    wait, cause = expected_wait(standing), standing.hindrance
    return replace(
        idle,
        organisation=waiting.organisation.name,
        place="" if wait is None and cause else wait_words(wait),
        cause=cause_words(cause, standing.zone),
    )


def _present_appointment(
    session: Session, kiosk: Kiosk, now: datetime
) -> Appointment | None:
    """Give the appointment that the resident before the screen is here for, if any.

    The call that is up comes first, then the one that was asked for, then what ended last.
    """
    query = (
        select(Appointment)
        .where(Appointment.kiosk_id == kiosk.id)
        .options(joinedload(Appointment.organisation))
        .order_by(Appointment.state_since.desc(), Appointment.id.desc())
        .limit(1)
    )
    for condition in (
        Appointment.state.in_(ON_THE_LINE),
        (Appointment.state == _S.ARRIVED)
        & Appointment.call_requested_at.is_not(None)
        & (Appointment.state_since > now - timedelta(hours=1)),
        (Appointment.state == _S.DONE) & (Appointment.state_since > now - GOODBYE)
        | Appointment.state.in_((_S.ABANDONED, _S.UNREACHABLE, _S.INTERRUPTED))
        & (Appointment.state_since > now - TROUBLE),
    ):
        appointment = session.scalar(query.where(condition))
        if appointment is not None:
            return appointment
    return None
