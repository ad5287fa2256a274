# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's second screen: one large sentence, no touch needed, no resident's name."""

import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flask import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.devices.screen import (
    NOTHING,
    ScreenContent,
    note_view,
    screen_content,
)
from booking_web.document_models import Document
from booking_web.documents.errors import DocumentRefused, StoreUnavailable
from booking_web.documents.service import archive
from booking_web.line.estimate import place_in_line
from booking_web.line.waiting import first_in_line_at
from booking_web.line.wording import wait_words
from booking_web.live import (
    EVERYTHING,
    HEARTBEAT,
    HEARTBEAT_SECONDS,
    Subscription,
    TooManyStreams,
    server_sent,
)
from booking_web.models import Appointment
from booking_web.readiness.help import help_told_at
from booking_web.services import services
from booking_web.states import ON_THE_LINE, AppointmentState
from booking_web.transactions import in_transaction
from provisioning.models import Kiosk

COOKIE = "borne"
COOKIE_SECONDS = 400 * 24 * 3600
STREAM_SECONDS = 3600
# How long the screen says goodbye, or whom to turn to, before it is idle again.
GOODBYE = timedelta(seconds=45)
TROUBLE = timedelta(minutes=5)
# The screen turns idle by itself: it is looked at again this often.
REVIEW_SECONDS = 5.0

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

    In a call also the page of a document that is shown, and what the devices do.
    """

    scene: Scene
    relay: str
    organisation: str = ""
    since: datetime | None = None
    appointment_id: int | None = None
    content: ScreenContent = NOTHING
    # Of the help key: "asked", "coming" or nothing.
    help: str = ""
    # While idle: how long who waits in a line has to wait.
    place: str = ""


@blueprint.get("/ouvrir")
def open_screen() -> Response:
    """Let a kiosk in by its token, once; the cookie then stands for it."""
    kiosk = _kiosk_of(request.args.get("jeton", ""))
    if kiosk is None:
        abort(403)
    response = redirect(url_for("kiosk_screen.show"), 303)
    response.set_cookie(
        COOKIE,
        request.args["jeton"],
        max_age=COOKIE_SECONDS,
        path="/borne",
        secure=services().settings.secure_cookies,
        httponly=True,
        samesite="Strict",
    )
    return response  # type: ignore[return-value]


@blueprint.get("")
def show() -> str:
    """Show the full-screen page."""
    kiosk = known_kiosk()
    screen = read_screen(kiosk, services().now())
    return render_template(
        "kiosk.html",
        screen=screen,
        now=services().now(),
        help_keys=services().settings.help_keys,
    )


@blueprint.get("/flux")
def stream() -> Response:
    """Stream the screen's content whenever it changes."""
    kiosk = known_kiosk()
    try:
        subscription = services().live.subscribe(
            f"kiosk:{kiosk.slug}", [kiosk.id], EVERYTHING
        )
    except TooManyStreams:
        abort(503)
    response = Response(
        stream_with_context(_events(subscription, kiosk)),
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    response.call_on_close(subscription.close)
    return response


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
    try:
        picture = archive().draw_page(document, page)
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
            waiting = first_in_line_at(session, kiosk.relay_id, now)
            return Screen(
                Scene.IDLE,
                kiosk.relay.name,
                waiting.organisation.name if waiting else "",
                help=help_told,
                place=_place_words(session, waiting, now),
            )
        return Screen(
            _SCENES[AppointmentState(appointment.state)],
            kiosk.relay.name,
            appointment.organisation.name,
            appointment.call_requested_at or appointment.state_since,
            appointment.id,
            screen_content(session, appointment, now),
            help_told,
        )


def _place_words(session: Session, waiting: Appointment | None, now: datetime) -> str:
    if waiting is None:
        return ""
    return wait_words(
        place_in_line(session, waiting.organisation_id, now, appointment=waiting).wait
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


def _events(subscription: Subscription, kiosk: Kiosk) -> Iterator[str]:
    ends_at = time.monotonic() + STREAM_SECONDS
    next_heartbeat = time.monotonic() + HEARTBEAT_SECONDS
    shown: Screen | None = None
    yield "retry: 2000\n\n"
    while time.monotonic() < ends_at and not subscription.is_stopping:
        now = services().now()
        screen = read_screen(kiosk, now)
        if screen != shown:
            shown = screen
            page = render_template("_kiosk_screen.html", screen=screen, now=now)
            yield server_sent("screen", page)
        if time.monotonic() >= next_heartbeat:
            next_heartbeat = time.monotonic() + HEARTBEAT_SECONDS
            yield HEARTBEAT
        subscription.wait(REVIEW_SECONDS)


def known_kiosk() -> Kiosk:
    """Give the kiosk whose screen asks, by its cookie; 403 for anybody else."""
    kiosk = _kiosk_of(request.cookies.get(COOKIE, ""))
    if kiosk is None:
        abort(403)
    return kiosk


def _kiosk_of(token: str) -> Kiosk | None:
    """Find the kiosk by its token; only the digest is stored."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    query = (
        select(Kiosk)
        .where(Kiosk.token_digest == digest)
        .options(joinedload(Kiosk.relay))
    )
    with services().database.read() as session:
        kiosk = session.scalar(query)
    if kiosk is None or not hmac.compare_digest(kiosk.token_digest, digest):
        return None
    return kiosk
