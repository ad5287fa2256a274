# SPDX-License-Identifier: AGPL-3.0-or-later
"""Documents on the console: upload, look at, take away, remove."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from booking_web.base.own_process import memory_file
from booking_web.domain.documents.errors import DocumentRefused, StoreUnavailable
from booking_web.domain.forms.printed.scanned import scanned
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.document_cards import document_card
from booking_web.pages.counsellor.pages import (
    blueprint,
    read_console,
    refusal_words,
    render_console,
)
from booking_web.shell.archive import archive
from booking_web.shell.services import begin_page, services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.words.documents import REMOVALS, trouble_sentence

PIECE = 256 * 1024


@blueprint.post("/<int:appointment_id>/documents")
def upload(appointment_id: int) -> AnyResponse | tuple[str, int]:
    """Take a file in; on an error the page comes back and says why."""
    # Whose appointment it is was asked before the body was read: see `upload_gate`.
    viewer = signed_in(Right.CONSOLE)
    file = request.files.get("file")
    if file is None or not file.filename:
        words = gettext("Choisissez d'abord un fichier.")
        return _refused(appointment_id, words), 422
    title = request.form.get("title", "").strip() or _name_without_ending(file.filename)
    try:
        with memory_file("upload") as copy:
            while data := file.stream.read(PIECE):
                copy.write(data)
            copy.flush()
            document = archive().add(
                appointment_id,
                copy,
                title=title,
                source=Source.UPLOAD,
                actor=viewer.actor,
            )
    except DocumentRefused as refused:
        words = refusal_words(refused.reason)
        return _refused(appointment_id, words), 422
    except StoreUnavailable as error:
        words = trouble_sentence(error)
        return _refused(appointment_id, words), 503
    flash(
        gettext("Le document %(number)s est ajouté.", number=document.number), "success"
    )
    return redirect(
        url_for(
            "console.show",
            appointment_id=appointment_id,
            _anchor=f"document-{document.number}",
        ),
        303,
    )


@blueprint.get("/<int:appointment_id>/documents/<int:number>.pdf")
def view_document(appointment_id: int, number: int) -> Response:
    """Show the PDF in the browser, or hand it over with `?telecharger=1`."""
    document = readable_document(appointment_id, number)
    is_taken = request.args.get("telecharger") == "1"
    act = Act.DOWNLOADED if is_taken else Act.VIEWED
    content = archive().give_out(document, act, signed_in(Right.CONSOLE).actor)
    name = f"rendez-vous-{appointment_id}-document-{number}.pdf"
    place = "attachment" if is_taken else "inline"
    return Response(
        content,
        mimetype="application/pdf",
        headers={
            "Content-Length": str(document.size),
            "Content-Disposition": f'{place}; filename="{name}"',
        },
    )


@blueprint.get("/<int:appointment_id>/documents/<int:number>.png")
def preview_document(appointment_id: int, number: int) -> Response:
    """Give the picture of the first page."""
    try:
        picture = archive().preview(readable_document(appointment_id, number))
    except DocumentRefused:
        abort(404)
    return Response(picture, mimetype="image/png")


@blueprint.get("/<int:appointment_id>/documents/<int:number>/retirer")
def ask_to_remove(appointment_id: int, number: int) -> str:
    """Ask once, and for the reason."""
    return _removal_page(appointment_id, number)


@blueprint.post("/<int:appointment_id>/documents/<int:number>/retirer")
def remove_document(appointment_id: int, number: int) -> AnyResponse | tuple[str, int]:
    """Remove the document, once confirmed."""
    document = readable_document(appointment_id, number)
    reason = request.form.get("reason", "")
    if reason not in REMOVALS:
        words = gettext("Choisissez la raison.")
        return _removal_page(appointment_id, number, error=words), 422
    archive().remove(document.id, reason, signed_in(Right.CONSOLE).actor)
    flash(gettext("Le document %(number)s est retiré.", number=number), "success")
    return redirect(url_for("console.show", appointment_id=appointment_id), 303)


@blueprint.errorhandler(StoreUnavailable)
def _tell_trouble(error: StoreUnavailable) -> tuple[str, int]:
    page = render_template(
        "shell/error.html",
        title=gettext("Ce document n'est pas accessible"),
        then=trouble_sentence(error),
        status=503,
    )
    return page, 503


def _removal_page(appointment_id: int, number: int, error: str = "") -> str:
    document = readable_document(appointment_id, number)
    with services().database.read() as session:
        scan = scanned(session, [document]).get(document.id)
    return render_template(
        "counsellor/remove.html",
        card=document_card(document, scan=scan),
        reasons=REMOVALS,
        error=error,
        back=url_for("console.show", appointment_id=appointment_id),
        title=gettext("Retirer le document %(number)s", number=number),
    )


def find_document(appointment_id: int, number: int) -> Document:
    """Give a document of an appointment that the person may see; 404 for any other."""
    """Give a document of an appointment that the person may see; 404 for any other."""
    document = _document(appointment_id, number)
    if document is None:
        abort(404)
    return document


def readable_document(appointment_id: int, number: int) -> Document:
    """Give a document that the person may read as well; 403 where they may not."""
    refuse_unread(appointment_id, number)
    return find_document(appointment_id, number)


def refuse_unread(appointment_id: int, number: int) -> None:
    """Refuse (403) who sees the document and may not read it."""
    document = _document(appointment_id, number)
    if document is not None and not signed_in(Right.CONSOLE).reads(document):
        abort(403)


def _document(appointment_id: int, number: int) -> Document | None:
    viewer = signed_in(Right.CONSOLE)
    with services().database.read() as session:
        viewer.appointment(session, appointment_id)
        document = session.scalar(
            select(Document).where(
                Document.appointment_id == appointment_id,
                Document.number == number,
                Document.removed_at.is_(None),
            )
        )
    return document if document is not None and viewer.knows(document) else None


def _name_without_ending(name: str) -> str:
    base = name.replace("\\", "/").rpartition("/")[2]
    return base.rpartition(".")[0] or base


def _refused(appointment_id: int, words: str) -> str:
    begin_page()
    return render_console(
        read_console(appointment_id),
        upload_error=words,
        upload_title=request.form.get("title", ""),
    )
