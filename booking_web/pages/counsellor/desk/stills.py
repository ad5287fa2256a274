# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's picture as the desk's page shows it, kept as a document by one press.

The page sends the picture alone and its token in a header: nothing of the body is read before
it is settled who sends it. The answers are sentences for that page.
"""

from typing import Any

from flask import Response, abort, jsonify, request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from booking_web.base.own_process import memory_file
from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.documents.errors import (
    DocumentRefused,
    Refusal,
    StoreUnavailable,
)
from booking_web.domain.kiosks.orders import NotInCall, OthersCall
from booking_web.domain.kiosks.stills import (
    UNDONE,
    TooLateToUndo,
    check_has_call,
    still_to_undo,
)
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.desk.pages import blueprint
from booking_web.pages.counsellor.pages import refusal_words
from booking_web.shell.archive import archive
from booking_web.shell.carrying_out import busy_words
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import Document
from booking_web.words.documents import still_title, trouble_sentence

PIECE = 256 * 1024
STILLS = "/<int:appointment_id>/images"

Answer = tuple[Response, int]


@blueprint.url_value_preprocessor
def _let_pictures_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if endpoint == "call_desk.keep_still":
        request.max_content_length = archive().max_bytes


@blueprint.post(STILLS)
def keep_still(appointment_id: int) -> Answer:
    """Keep the picture that is sent, as the next document of the call's appointment."""
    acting, now = signed_in(Right.TELEPHONE), services().now()

    def check(session: Session, document: Document) -> None:
        appointment = session.get_one(Appointment, document.appointment_id)
        check_has_call(session, appointment, acting.user_id)

    try:
        with services().database.read() as session:
            appointment = acting.appointment(session, appointment_id)
            check_has_call(session, appointment, acting.user_id)
            title = still_title(now, appointment.kiosk.relay.time_zone)
        with memory_file("still") as copy:
            while data := request.stream.read(PIECE):
                copy.write(data)
            copy.flush()
            document = archive().add(
                appointment_id,
                copy,
                title=title,
                source=Source.STILL,
                actor=acting.actor,
                then=check,
            )
    except NotInCall as error:
        return _told(_not_in_call(error), 409)
    except DocumentRefused as refused:
        return _told(refusal_words(refused.reason), 422)
    except (StoreUnavailable, DatabaseBusy) as error:
        return _told(_trouble(error), 503)
    words = gettext(
        "Image gardée : c'est le document %(number)s. La borne le dit à l'usager.",
        number=document.number,
    )
    return _told(words, 201, number=document.number)


@blueprint.post(f"{STILLS}/<int:number>/annuler")
def undo_still(appointment_id: int, number: int) -> Answer:
    """Remove a still that one kept oneself a moment ago."""
    acting = signed_in(Right.TELEPHONE)
    try:
        with services().database.read() as session:
            appointment = acting.appointment(session, appointment_id)
            still = still_to_undo(
                session, appointment, number, acting.actor, services().now()
            )
        if still is None:
            abort(404)
        archive().remove(still.id, UNDONE, acting.actor)
    except TooLateToUndo:
        words = gettext("Trop tard pour annuler : retirez l'image dans les documents.")
        return _told(words, 409)
    except (StoreUnavailable, DatabaseBusy) as error:
        return _told(_trouble(error), 503)
    return _told(gettext("L'image est effacée : rien n'est gardé."), 200)


@blueprint.errorhandler(RequestEntityTooLarge)
def _refuse_large_picture(_error: RequestEntityTooLarge) -> Answer:
    return _told(refusal_words(Refusal.TOO_LARGE), 413)


def _not_in_call(error: NotInCall) -> str:
    if isinstance(error, OthersCall):
        return gettext(
            "L'appel est celui de %(name)s : rien n'est gardé.", name=error.name
        )
    return gettext("Vous n'êtes plus dans cet appel : rien n'est gardé.")


def _trouble(error: StoreUnavailable | DatabaseBusy) -> str:
    return busy_words() if isinstance(error, DatabaseBusy) else trouble_sentence(error)


def _told(words: str, status: int, **more: int) -> Answer:
    return jsonify(words=words, **more), status
