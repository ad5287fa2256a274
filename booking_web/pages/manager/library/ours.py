# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms of our own making: looked at, and taken into the library."""

from flask import Response, abort, flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from booking_web.domain.forms.errors import LibraryRefused
from booking_web.pages.manager.library.gate import blueprint
from booking_web.pages.manager.library.sent import sent
from booking_web.shell.form_services import form_reader, library
from booking_web.telling.our_forms.catalogue import OUR_FORMS, OurForm
from booking_web.telling.our_forms.making import make
from booking_web.words.form_library import library_sentence


@blueprint.get("/nos-formulaires/<name>.pdf")
def show_ours(name: str) -> Response:
    """Show one, before it is taken."""
    return Response(make(_found(name), form_reader()).pdf, mimetype="application/pdf")


@blueprint.post("/nos-formulaires/<name>")
def add_ours(name: str) -> AnyResponse:
    """Take one into the library; it may be taken again, as another form."""
    ours, this = _found(name), sent()
    form = make(ours, form_reader())
    try:
        form_id = library().take_in(this, ours.title, form, ours.asked)
    except LibraryRefused as refused:
        flash(library_sentence(refused.reason), "warning")
        return redirect(url_for("forms_library.show"), 303)
    flash(
        gettext(
            "Le formulaire est ajouté. Ses libellés sont les nôtres : changez-les si "
            "besoin."
        ),
        "success",
    )
    return redirect(url_for("forms_library.show_form", form_id=form_id), 303)


def _found(name: str) -> OurForm:
    form = OUR_FORMS.get(name)
    if form is None:
        abort(404)
    return form
