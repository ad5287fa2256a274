# SPDX-License-Identifier: AGPL-3.0-or-later
"""All documents of an appointment as one file, for the organisation's own software."""

from collections.abc import Iterator

from flask import Response, flash, redirect, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response as AnyResponse

from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.bundle import (
    MAX_BYTES,
    BundleTooLarge,
    Packed,
    bundle,
    check_size,
    manifest,
)
from booking_web.domain.forms.printed.scanned import scanned
from booking_web.domain.journal.telling import tell
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.archive import archive
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.words.documents import document_title

MEGABYTE = 1024 * 1024


@blueprint.get("/<int:appointment_id>/documents.zip")
def take_documents(appointment_id: int) -> AnyResponse:
    """Give every document that the person may read; that they were taken is written down."""
    viewer = signed_in(Right.RECEIVING)
    back = url_for("console.show", appointment_id=appointment_id, _anchor="documents")
    try:
        slug, documents = _documents(viewer, appointment_id)
    except BundleTooLarge:
        words = gettext(
            "Ces documents dépassent %(limit)s Mo : téléchargez-les un par un.",
            limit=MAX_BYTES // MEGABYTE,
        )
        flash(words, "warning")
        return redirect(back, 303)
    if not documents:
        flash(gettext("Ce rendez-vous n'a aucun document à télécharger."), "warning")
        return redirect(back, 303)
    store = archive().store

    # What is gone from the store is found out before anything is given or written down.
    for each in documents:
        store.read(each.sha256).close()

    def note(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id)
        detail = f"{len(documents)} documents"
        now = services().now()
        act = Act.DOCUMENTS_TAKEN
        tell(session, act, appointment, actor=viewer.actor, at=now, detail=detail)

    in_transaction(services().database, note)

    def read(document: Packed) -> Iterator[bytes]:
        content = store.read(document.sha256)
        try:
            yield from content
        finally:
            content.close()

    description = manifest(appointment_id, slug, documents)
    name = f"rendez-vous-{appointment_id}-documents.zip"
    return Response(
        bundle(description, documents, read),
        mimetype="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _documents(viewer: Person, appointment_id: int) -> tuple[str, list[Packed]]:
    """Give the organisation's slug, and what may be read; raises BundleTooLarge."""
    with services().database.read() as session:
        appointment = viewer.appointment(
            session, appointment_id, joinedload(Appointment.organisation)
        )
        found = session.scalars(
            select(Document)
            .where(
                Document.appointment_id == appointment_id,
                Document.removed_at.is_(None),
            )
            .order_by(Document.number)
        ).all()
        scans = scanned(session, found)
        documents = [
            Packed(
                each.number,
                document_title(each, scans.get(each.id)),
                each.kind,
                each.source,
                each.pages,
                each.size,
                each.sha256,
                each.created_at,
            )
            for each in found
            if viewer.reads(each)
        ]
        check_size(documents)
        return appointment.organisation.slug, documents
