# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of a scan's pages, one of its pages large, and their pictures."""

from dataclasses import replace
from typing import Any

from flask import Response, abort, render_template, request
from flask_babel import gettext

from booking_web.domain.documents.arranging import read_table
from booking_web.domain.documents.edges_seen import propose_crop
from booking_web.domain.documents.errors import DocumentRefused
from booking_web.domain.documents.laid_pages import (
    Crop,
    LaidPage,
    NoSuchPage,
    find_page,
)
from booking_web.domain.documents.laid_pictures import as_it_lies
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.pages import blueprint
from booking_web.pages.counsellor.scans.view import (
    TableView,
    find_document,
    read_view,
)
from booking_web.shell.archive import archive
from booking_web.shell.live_parts import PageUpdate
from booking_web.shell.scan_services import scan_services
from booking_web.shell.services import begin_page, last_change, services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.documents import Document
from booking_web.words.devices import PRESETS
from booking_web.words.documents import KINDS
from booking_web.words.scans import trouble_words

TABLE = "/<int:appointment_id>/documents/<int:number>/arranger"


@blueprint.before_request
def _find_it_first() -> None:
    """Whose the document is comes before what a form says of it."""
    rule, told = request.url_rule, request.view_args or {}
    if rule is not None and rule.rule.startswith(f"{blueprint.url_prefix}{TABLE}"):
        begin_page()
        viewer = signed_in(Right.CONSOLE)
        with services().database.read() as session:
            find_document(session, viewer, told["appointment_id"], told["number"])


@blueprint.get(TABLE)
def show_table(appointment_id: int, number: int) -> str:
    """Show the pages as they lie."""
    return render_table(read_table_view(appointment_id, number))


@blueprint.get(f"{TABLE}/changements")
def table_changes(appointment_id: int, number: int) -> Response:
    """Give the parts of the table that the page does not show so."""
    update = PageUpdate()
    view = read_table_view(appointment_id, number)
    for name, facts in view.parts.items():
        update.part(name, facts, f"counsellor/scans/_{name}.html", **_context(view))
    return update.response()


@blueprint.get(f"{TABLE}/<int:key>")
def show_laid_page(appointment_id: int, number: int, key: int) -> str:
    """Show one page large, with what is left of it."""
    view = read_table_view(appointment_id, number)
    document, page = _laid(appointment_id, number, key)
    crop = page.seen_crop
    if request.args.get("cadre") == "propose":
        crop = _proposed(document, page) or crop
    return render_laid_page(view, page, crop)


@blueprint.get(f"{TABLE}/<int:key>.jpg")
def laid_picture(appointment_id: int, number: int, key: int) -> Response:
    """Give the small picture of a page as it lies."""
    document, page = _laid(appointment_id, number, key)
    try:
        picture = scan_services().thumbnails.picture(page, document.pages)
    except DocumentRefused:
        abort(404)
    return Response(picture, mimetype="image/jpeg")


@blueprint.get(f"{TABLE}/<int:key>-entiere.jpg")
def whole_picture(appointment_id: int, number: int, key: int) -> Response:
    """Give a large picture of all of a page, turned as it lies."""
    document, page = _laid(appointment_id, number, key)
    try:
        drawn = archive().draw_page(document, page.page)
    except DocumentRefused:
        abort(404)
    picture = as_it_lies(drawn, replace(page, crop=None))
    return Response(picture, mimetype="image/jpeg")


def read_table_view(appointment_id: int, number: int) -> TableView:
    """Read the table as it is now."""
    with services().database.read() as session:
        return read_view(
            session,
            signed_in(Right.CONSOLE),
            appointment_id,
            number,
            services().now(),
        )


def render_table(view: TableView) -> str:
    """Write the whole page of the table."""
    return render_template(
        "counsellor/scans/table.html",
        **_context(view),
        kinds=KINDS,
        last_event=last_change(),
        title=gettext("Pages du document %(number)s", number=view.number),
    )


def render_laid_page(view: TableView, page: LaidPage, crop: Crop) -> str:
    """Write the page that shows one page large, with the rectangle to be left of it."""
    card = view.card(page.key)
    return render_template(
        "counsellor/scans/page.html",
        **_context(view),
        card=card,
        page=page,
        crop=crop,
        presets=PRESETS,
        before=next((c for c in view.pages if c.place == card.place - 1), None),
        after=next((c for c in view.pages if c.place == card.place + 1), None),
        title=gettext(
            "Document %(number)s, page %(page)s", number=view.number, page=card.place
        ),
    )


def _proposed(document: Document, page: LaidPage) -> Crop | None:
    whole = replace(page, crop=None)
    try:
        return propose_crop(scan_services().thumbnails.picture(whole, document.pages))
    except DocumentRefused:
        return None


def _context(view: TableView) -> dict[str, Any]:
    settings = services().settings
    words = trouble_words(
        view.trouble, settings.documents_max_megabytes, settings.documents_max_pages
    )
    return {"view": view, "trouble": words}


def _laid(appointment_id: int, number: int, key: int) -> tuple[Document, LaidPage]:
    """Give a page on the table and the document it is from; 404 where it is not there."""
    with services().database.read() as session:
        viewer = signed_in(Right.CONSOLE)
        document = find_document(session, viewer, appointment_id, number)
        table = read_table(session, document, services().now())
        try:
            page = find_page(table.pages, key)
        except NoSuchPage:
            abort(404)
        source = session.get_one(Document, page.document_id)
    if source.removed_at is not None or source.sha256 != page.sha256:
        abort(404)
    return source, page
