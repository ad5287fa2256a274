# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's second screen: one scene, no touch needed, no resident's name."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.languages import FRENCH, language_or_french
from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.arranging import as_laid
from booking_web.domain.documents.errors import DocumentRefused, StoreUnavailable
from booking_web.domain.documents.laid_pictures import as_it_lies
from booking_web.domain.forms.printed.asked_words import AskedPage, asked_page
from booking_web.domain.kiosks.cues import Cue
from booking_web.domain.kiosks.help import help_told_at
from booking_web.domain.kiosks.pictures import Mark, mark_of, photo_of
from booking_web.domain.kiosks.scenes import COUNTED, ROWS, Known, Scene, scene_of
from booking_web.domain.kiosks.screen_content import (
    ScreenContent,
    ShownCue,
    ShownPage,
    Sight,
    screen_content,
)
from booking_web.domain.kiosks.second_screen import note_view
from booking_web.domain.kiosks.stills import is_still_told
from booking_web.pages.kiosk.consent import ReadConsent, read_consent
from booking_web.pages.kiosk.free_screen import read_free
from booking_web.pages.kiosk.present import (
    NextAppointment,
    has_to_sign,
    is_out_of_order,
    is_trouble_told,
    people_before,
    present_appointment,
)
from booking_web.pages.kiosk.third_person import ThirdPerson, third_person
from booking_web.shell.archive import archive
from booking_web.shell.live_parts import PageUpdate, seen
from booking_web.shell.services import begin_page, last_change, services
from booking_web.shell.sign_in.kiosk_enrolment import (
    known_kiosk,
    present_kiosk,
    renew_cookie,
)
from booking_web.shell.site.security_headers import WITH_LOOPBACK
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.states import ON_THE_LINE, AppointmentState
from booking_web.words.returns import sign_again_words
from booking_web.words.scenes import (
    WORDS,
    people_words,
    second_line,
    side_words,
    trouble_told_words,
)
from provisioning.database.models import Kiosk

# What the page writes beside the scene, part by part of kiosk/_around.html.
AROUND = (
    "line-told",
    "help-words",
    "help-sending-words",
    "help-unsent-words",
    "end-told",
    "mirror-words",
)

blueprint = Blueprint("kiosk_screen", __name__, url_prefix="/borne")


@dataclass(frozen=True)
class Screen:
    """A scene, and what of it is not the same for everybody."""

    scene: Scene
    relay: str
    # What is written below the scene's sentence.
    lines: tuple[str, ...] = ()
    # Of the help key: "asked", "coming" or nothing.
    help: str = ""
    # A still of the call was kept a moment ago.
    is_still_kept: bool = False
    # The one that is called, and who has answered for it.
    appointment_id: int | None = None
    organisation: str = ""
    organisation_id: int | None = None
    counsellor: str = ""
    counsellor_id: int | None = None
    # The organisation's mark and the digest of the counsellor's photo, where they are shown.
    mark: Mark | None = None
    photo: str = ""
    # Since when the resident waits, and how many are answered first.
    since: datetime | None = None
    before: int | None = None
    # The page that a device is at.
    counted: ShownCue | None = None
    page: ShownPage | None = None
    # What of that page is asked for.
    asked: AskedPage | None = None
    # Tells the picture of that page from one of how it lay before.
    lies: str = ""
    # Whether the kiosk's feeder takes the written side of a sheet down.
    is_fed_face_down: bool = False
    # Whether a form is followed (`mirror` brings it).
    is_followed: bool = False
    # While nobody is called: whose appointment is next; that the kiosk's clock is wrong.
    next: NextAppointment | None = None
    clock: str = ""
    # What all of it is written and spoken in; the appointment's.
    language: str = FRENCH
    # A call is up, which the key may end.
    is_up: bool = False
    # Of a third person who is on the telephone: nobody sees them.
    telephoned: str = ""
    # The text to which a resident agrees or not.
    read: ReadConsent | None = None


@blueprint.get("")
def show() -> Response:
    """Show the full-screen page; a browser that is no screen is asked for its code."""
    kiosk = present_kiosk()
    if kiosk is None:
        return redirect(url_for("kiosk_enrolment.ask"), 303)  # type: ignore[return-value]
    begin_page()
    now, settings = services().now(), services().settings
    screen = read_screen(kiosk, now)
    with force_locale(screen.language):
        page = render_template(
            "kiosk/screen.html",
            **drawn_with(screen, kiosk, now),
            has_strong_contrast=kiosk.slug in settings.strong_contrast_kiosks.split(),
            help_keys=settings.help_keys,
            last_event=last_change(),
        )
    response = make_response(page, {"Content-Security-Policy": WITH_LOOPBACK})
    renew_cookie(response)
    return response


@blueprint.get("/changements")
def changes() -> Response:
    """Give the screen's content where the page does not show it."""
    update = PageUpdate()
    kiosk, now = known_kiosk(), services().now()
    screen = read_screen(kiosk, now)
    drawn = drawn_with(screen, kiosk, now)
    with force_locale(screen.language):
        update.part("screen", screen, "kiosk/_scene.html", **drawn)
        for name in AROUND:
            update.part(name, screen.language, "kiosk/_around.html", part=name, **drawn)
    return update.response()


def drawn_with(screen: Screen, kiosk: Kiosk, now: datetime) -> dict[str, object]:
    """Give what the templates draw a scene with."""
    wall = now.astimezone(ZoneInfo(kiosk.relay.time_zone))
    return {
        "screen": screen,
        "rows": ROWS,
        "words": WORDS,
        "counted": COUNTED,
        "now": now,
        "wall": wall,
    }


@blueprint.get("/page/<int:appointment_id>/<int:number>/<int:page>.png")
def show_page(appointment_id: int, number: int, page: int) -> Response:
    """Give the page of a document that this kiosk shows now in its call; no other.

    With `grand` it is one to be looked at closely. That it is seen is written down with the
    first picture alone.
    """
    is_large = "grand" in request.args
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
        drawn = archive().draw_page(document, page, is_large=is_large)
        picture = as_it_lies(drawn, laid, "JPEG" if is_large else "PNG")
    except DocumentRefused:
        abort(404)
    except StoreUnavailable:
        abort(503)
    if not (is_large and shown.is_fetched):
        _note_view(appointment_id, shown)
    kind = "image/jpeg" if is_large else "image/png"
    return Response(picture, mimetype=kind, headers={"Cache-Control": "no-store"})


def _note_view(appointment_id: int, shown: ShownPage) -> None:
    def work(session: Session) -> None:
        appointment = session.get_one(Appointment, appointment_id, with_for_update=True)
        note_view(session, appointment, shown, services().now())

    in_transaction(services().database, work)


def read_screen(kiosk: Kiosk, now: datetime) -> Screen:
    """Tell what the kiosk's second screen must show at this moment."""
    with services().database.read() as session:
        appointment = present_appointment(session, kiosk, now)
        help_told = help_told_at(session, kiosk.id, now)
        relay = kiosk.relay.name
        read = read_consent(session, kiosk.id, appointment, now)
        if read is not None:
            told = Scene.CONSENT, relay, read.lines, help_told
            return Screen(*told, language=read.language, read=read)
        if appointment is not None:
            with force_locale(language_or_french(appointment.language)):
                return _of_appointment(session, appointment, kiosk, help_told, now)
        free = read_free(session, kiosk, now)
        return Screen(
            free.scene,
            relay,
            free.lines,
            help_told,
            mark=mark_of(session, free.next.organisation_id) if free.next else None,
            next=free.next,
            clock=free.clock,
            language=free.language,
        )


def _of_appointment(
    session: Session,
    appointment: Appointment,
    kiosk: Kiosk,
    help_told: str,
    now: datetime,
) -> Screen:
    content = screen_content(session, appointment, now)
    organisation = appointment.organisation
    counsellor = appointment.counsellor
    asked = asked_page(session, content)
    scene = scene_of(_known(session, appointment, content, asked, now))
    before = people_before(session, appointment)
    counted = content.cue if scene in COUNTED else None
    is_face_to_face = scene is Scene.IN_CALL
    feeders = services().settings.face_down_feeder_kiosks.split()
    is_fed_face_down = kiosk.slug in feeders
    told = scene is Scene.OUT_OF_ORDER and is_trouble_told(session, kiosk)
    values = {
        "people": people_words(before),
        "side": side_words(is_fed_face_down),
        "told": trouble_told_words() if told else "",
    } | _pages_of(counted)
    told_below = (second_line(scene, values),)
    if asked is not None:
        by_scene = () if scene is Scene.SIGN else told_below
        told_below = (sign_again_words(asked.standing), *by_scene)
    third = ThirdPerson()
    if is_face_to_face:
        third = third_person(session, appointment, now)
    return Screen(
        scene,
        kiosk.relay.name,
        tuple(filter(None, (*told_below, third.said))),
        help_told,
        is_still_told(session, appointment, now),
        appointment.id,
        organisation=organisation.short_name,
        organisation_id=organisation.id,
        counsellor=counsellor.name if counsellor else "",
        counsellor_id=appointment.counsellor_id,
        mark=mark_of(session, organisation.id) if is_face_to_face else None,
        photo=photo_of(session, appointment.counsellor_id) if is_face_to_face else "",
        since=appointment.call_requested_at or appointment.state_since,
        before=before,
        counted=counted,
        page=_as_drawn(content.page),
        asked=asked,
        lies=_lies(session, content.page),
        is_fed_face_down=is_fed_face_down,
        is_followed=content.is_following,
        language=language_or_french(appointment.language),
        is_up=appointment.state in ON_THE_LINE,
        telephoned=third.telephoned,
    )


def _known(
    session: Session,
    appointment: Appointment,
    content: ScreenContent,
    asked: AskedPage | None,
    now: datetime,
) -> Known:
    organisation = appointment.organisation
    return Known(
        state=AppointmentState(appointment.state),
        waited=now - appointment.state_since,
        abandoned_after=timedelta(seconds=organisation.abandon_after_seconds),
        cue=content.cue.cue if content.cue else Cue.NONE,
        shows_document=content.page is not None,
        shows_form=content.is_following,
        has_to_sign=has_to_sign(session, appointment, now),
        asks_to_sign=asked is not None and asked.is_to_be_signed,
        asks_for_page=asked is not None,
        is_kept=appointment.kept_since is not None,
        is_out_of_order=is_out_of_order(session, appointment.kiosk, now),
    )


def _as_drawn(shown: ShownPage | None) -> ShownPage | None:
    """Give the page without what the screen says of it: that is no reason to draw it anew."""
    return shown and replace(shown, is_fetched=False, sight=Sight.SENT)


def _pages_of(counted: ShownCue | None) -> dict[str, str]:
    if counted is None or not counted.page:
        return {}
    return {"page": str(counted.page), "pages": str(counted.pages or "")}


def _lies(session: Session, shown: ShownPage | None) -> str:
    """Tell how the page that is shown lies while the counsellor arranges its scan."""
    if shown is None:
        return ""
    document = session.get_one(Document, shown.document_id)
    return seen(as_laid(session, document, shown.page))
