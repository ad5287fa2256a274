# SPDX-License-Identifier: AGPL-3.0-or-later
"""The list of an organisation's forms: put in order, withdrawn, put back."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking_web.domain.forms.errors import LibraryRefused
from booking_web.domain.forms.library_reading import LibraryForm, list_forms
from booking_web.domain.rights.person import Right
from booking_web.pages.manager.library.gate import blueprint
from booking_web.pages.manager.library.sent import organisation_id, sent
from booking_web.shell.archive import archive
from booking_web.shell.form_services import library
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.words.form_library import library_sentence

STEPS = {"haut": -1, "bas": 1}


@blueprint.get("")
def show() -> str:
    """Show the forms in their order, then those that were withdrawn."""
    with services().database.read() as session:
        organisation = signed_in(Right.FORMS).organisation(session)
        forms = list_forms(session, organisation.id, with_withdrawn=True)
    return render_template(
        "manager/library/list.html",
        organisation=organisation,
        offered=[each for each in forms if each.withdrawn_at is None],
        withdrawn=[each for each in forms if each.withdrawn_at is not None],
        has_archive=archive().is_configured,
        just_withdrawn=request.args.get("retire", ""),
        title=gettext("Formulaires"),
    )


@blueprint.post("/<int:form_id>/ordre")
def move(form_id: int) -> Response:
    """Let a form change places with the one above or below it."""
    step = STEPS.get(request.form.get("sens", ""))
    if step is None:
        abort(400)
    with services().database.read() as session:
        forms = list_forms(session, organisation_id(), with_withdrawn=True)
    ordered = _moved(forms, form_id, step)
    try:
        library().put_in_order(sent(), [each.id for each in ordered])
    except LibraryRefused as error:
        flash(library_sentence(error.reason), "warning")
    return redirect(url_for("forms_library.show", _anchor=f"formulaire-{form_id}"), 303)


def _moved(forms: list[LibraryForm], form_id: int, step: int) -> list[LibraryForm]:
    """Give them with one moved among those that are offered; the first does not go up."""
    offered = [each for each in forms if each.withdrawn_at is None]
    withdrawn = [each for each in forms if each.withdrawn_at is not None]
    at = next((n for n, each in enumerate(offered) if each.id == form_id), None)
    if at is None:
        if all(each.id != form_id for each in withdrawn):
            abort(404)
        return forms
    if 0 <= at + step < len(offered):
        offered[at], offered[at + step] = offered[at + step], offered[at]
    return offered + withdrawn


@blueprint.post("/<int:form_id>/retirer")
def withdraw(form_id: int) -> Response:
    """Offer the form no more; it is put back by the button beside the news of it."""
    library().withdraw(sent(), form_id)
    flash(
        gettext(
            "Le formulaire n'est plus proposé. Les brouillons commencés peuvent être "
            "terminés."
        ),
        "success",
    )
    return redirect(url_for("forms_library.show", retire=form_id), 303)


@blueprint.post("/<int:form_id>/remettre")
def put_back(form_id: int) -> Response:
    """Offer the form again."""
    library().put_back(sent(), form_id)
    flash(gettext("Le formulaire est proposé à nouveau."), "success")
    return redirect(url_for("forms_library.show", _anchor=f"formulaire-{form_id}"), 303)
