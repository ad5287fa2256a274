# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pictures of a form's pages, and its PDF."""

from flask import Response, abort

from booking_web.domain.forms.engine import Draft
from booking_web.domain.forms.errors import UnknownField
from booking_web.domain.forms.library_reading import Edition, read_edition
from booking_web.pages.manager.library.gate import blueprint
from booking_web.pages.manager.library.sent import organisation_id
from booking_web.shell.form_services import form_engine, library
from booking_web.shell.services import services

# Sharp enough at 200 per cent, and light enough for a village's line.
WIDTH_PIXELS = 1000


@blueprint.get("/<int:form_id>/editions/<int:edition_id>/page-<int:page>.jpg")
def show_page(form_id: int, edition_id: int, page: int) -> Response:
    """Give the picture of a page, nothing filled in."""
    edition = _edition(form_id, edition_id)
    kept = library()
    draft = Draft(
        key=f"library {edition.sha256}",
        description=edition.description,
        pdf=lambda: kept.read_pdf(edition),
        values={},
    )
    try:
        picture = form_engine().page(draft, page, WIDTH_PIXELS)
    except UnknownField:
        abort(404)
    return Response(picture, mimetype="image/jpeg")


@blueprint.get("/<int:form_id>/editions/<int:edition_id>.pdf")
def show_pdf(form_id: int, edition_id: int) -> Response:
    """Give the PDF as it is kept, nothing filled in."""
    edition = _edition(form_id, edition_id)
    name = f"formulaire-{form_id}-edition-{edition.number}.pdf"
    return Response(
        library().read_pdf(edition),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def _edition(form_id: int, edition_id: int) -> Edition:
    with services().database.read() as session:
        edition = read_edition(session, edition_id)
    is_own = edition.organisation_id == organisation_id()
    if not is_own or edition.form_id != form_id:
        abort(404)
    return edition
