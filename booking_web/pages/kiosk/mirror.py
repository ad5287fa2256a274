# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second screen follows the counsellor: key by key, only in its own call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.row_numbers import row_number
from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.cv.errors import CvGone
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.forms.errors import (
    DraftGone,
    EngineUnavailable,
    UnknownField,
    UnknownForm,
)
from booking_web.domain.forms.printed.asked_words import asked_page
from booking_web.domain.kiosks.screen_content import (
    WHOLE,
    Closer,
    ReadAloud,
    Reading,
    ScreenContent,
    screen_content,
)
from booking_web.domain.kiosks.second_screen import note_cv_view, note_draft_view
from booking_web.pages.kiosk.cv_sheet import picture_of_cv, sheet_of_cv
from booking_web.pages.kiosk.sheets import (
    Seen,
    Sheet,
    corners,
    picture_of_draft,
    sheet_of_draft,
)
from booking_web.shell.services import services
from booking_web.shell.sign_in.kiosk_enrolment import known_kiosk
from booking_web.shell.written_words import call_name, open_words
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState
from booking_web.telling.papers.paper_maker import PaperError
from provisioning.database.models import Kiosk

REVISION_HEADER = "Guichet-Revision"

blueprint = Blueprint("kiosk_mirror", __name__, url_prefix="/borne")


@dataclass(frozen=True)
class InCall:
    """The appointment that the kiosk is in call for, and what its screen shows."""

    appointment_id: int
    # Tells this call from every other.
    name: str
    content: ScreenContent
    # What the words ask for is drawn: the words would cover it.
    is_asked_by_scene: bool = False


@blueprint.get("/miroir")
def follow() -> Response:
    """Give what the screen does not show yet; 404 where its kiosk is in no call."""
    kiosk = known_kiosk()
    with services().database.read() as session:
        call = call_of(session, kiosk)
    sheet = _sheet(call.content)
    pointer, words = call.content.pointer, call.content.words
    is_drawn = call.is_asked_by_scene
    return jsonify(
        {
            "call": call.name,
            "sheet": sheet and _told(sheet),
            "words": "" if is_drawn or not words else open_words(words, call.name),
            "pointer": pointer and [pointer.x, pointer.y],
            "closer": _closer(call.content.closer),
            "reading": _reading(call.content.reading),
        }
    )


@blueprint.get("/brouillon/<int:draft_id>/<int:page>.jpg")
def draw_draft(draft_id: int, page: int) -> Response:
    """Give a page of the draft that this kiosk shows now in its call; of no other."""
    kiosk = known_kiosk()
    with services().database.read() as session:
        call = call_of(session, kiosk)
    draft = call.content.draft
    if draft is None or draft.id != draft_id:
        abort(404)
    try:
        revision, picture = picture_of_draft(draft, page)
    except (DraftGone, UnknownField, UnknownForm):
        abort(404)
    except (EngineUnavailable, StoreUnavailable):
        abort(503)
    if page not in draft.pages_seen:
        _note_view(call.appointment_id, draft_id, page)
    return Response(
        picture,
        mimetype="image/jpeg",
        headers={"Cache-Control": "no-store", REVISION_HEADER: str(revision)},
    )


@blueprint.get("/cv/<int:cv_id>.png")
def draw_cv(cv_id: int) -> Response:
    """Give a page of the CV that this kiosk shows now in its call; of no other."""
    kiosk = known_kiosk()
    with services().database.read() as session:
        call = call_of(session, kiosk)
    shown = call.content.cv
    if shown is None or shown.id != cv_id:
        abort(404)
    try:
        page = request.args.get("page", 1, type=row_number)
        revision, picture = picture_of_cv(shown, page)
    except CvGone:
        abort(404)
    except (PaperError, StoreUnavailable):
        abort(503)
    if not shown.is_fetched:
        _note(
            call.appointment_id,
            lambda session, appointment: note_cv_view(
                session, appointment, cv_id, services().now()
            ),
        )
    return Response(
        picture,
        mimetype="image/png",
        headers={"Cache-Control": "no-store", REVISION_HEADER: str(revision)},
    )


def call_of(session: Session, kiosk: Kiosk) -> InCall:
    """Give the call that the kiosk is in; 404 where it is in none."""
    appointment = session.scalar(
        select(Appointment).where(
            Appointment.kiosk_id == kiosk.id,
            Appointment.state == AppointmentState.IN_CALL,
        )
    )
    if appointment is None:
        abort(404)
    content = screen_content(session, appointment, services().now())
    is_asked = asked_page(session, content) is not None
    return InCall(appointment.id, call_name(appointment), content, is_asked)


def _sheet(content: ScreenContent) -> Sheet | None:
    seen = Seen(
        request.args.get("feuille", ""),
        request.args.get("page", 0, type=row_number),
        request.args.get("revision", -1, type=row_number),
    )
    try:
        if content.cv is not None:
            return sheet_of_cv(content.cv, seen)
        return sheet_of_draft(content.draft, seen) if content.draft else None
    except (DraftGone, UnknownForm, CvGone):
        return None
    except (EngineUnavailable, StoreUnavailable, PaperError):
        # The screen keeps what it shows, and asks again.
        abort(503)


def _told(sheet: Sheet) -> dict[str, Any]:
    return {
        "key": sheet.key,
        "page": sheet.page,
        "pages": sheet.pages,
        "revision": sheet.revision,
        "size": [sheet.width, sheet.height],
        "picture": sheet.picture,
        "frame": sheet.frame and corners(sheet.frame),
        "letters": round(sheet.letters, 2),
        "words": {"label": sheet.label, "value": sheet.value},
        "crops": [each.to_json() for each in sheet.crops],
        "redraw": sheet.is_redrawn,
    }


def _closer(closer: Closer) -> list[float] | None:
    return None if closer == WHOLE else [closer.zoom, closer.x, closer.y]


def _reading(reading: ReadAloud | None) -> dict[str, Any] | None:
    if reading is None or reading.what is Reading.NONE:
        return None
    return {"number": reading.number}


def _note_view(appointment_id: int, draft_id: int, page: int) -> None:
    _note(
        appointment_id,
        lambda session, appointment: note_draft_view(
            session, appointment, draft_id, page, services().now()
        ),
    )


def _note(appointment_id: int, write: Callable[[Session, Appointment], None]) -> None:
    def work(session: Session) -> None:
        write(
            session, session.get_one(Appointment, appointment_id, with_for_update=True)
        )

    try:
        in_transaction(services().database, work)
    except DatabaseBusy:
        # Nobody has seen what was not written down.
        abort(503)
