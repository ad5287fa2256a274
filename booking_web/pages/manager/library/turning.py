# SPDX-License-Identifier: AGPL-3.0-or-later
"""A page that lies on its side is turned: residents read it on their screen."""

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.forms.errors import (
    ChangedMeanwhile,
    EngineUnavailable,
    FormRefused,
    LibraryRefused,
)
from booking_web.domain.forms.library_reading import read_form
from booking_web.domain.forms.placed_meaning import placed_of
from booking_web.domain.forms.reader import FormRead
from booking_web.pages.manager.library.gate import blueprint
from booking_web.pages.manager.library.sent import organisation_id, sent
from booking_web.shell.carrying_out import busy_words
from booking_web.shell.form_services import form_reader, library
from booking_web.shell.services import services
from booking_web.words.documents import trouble_sentence
from booking_web.words.form_library import library_sentence
from booking_web.words.forms import engine_words, refusal_sentence

# To the right, in degrees.
WAYS = {"gauche": 270, "droite": 90}


@blueprint.post("/<int:form_id>/pages/<int:page>/tourner")
def turn_page(form_id: int, page: int) -> Response:
    """Turn one page; drafts that were begun keep it as it was."""
    degrees = WAYS.get(request.form.get("sens", ""))
    with services().database.read() as session:
        edition = read_form(session, organisation_id(), form_id)
    if degrees is None or not 1 <= page <= len(edition.description.pages):
        abort(400)
    try:
        before = FormRead(edition.description, library().read_pdf(edition))
        form = form_reader().turned(before, page, degrees)
        placed = placed_of(form.description.placed, edition.asked)
        library().place(sent(), form_id, form, placed, request.form.get("seen", ""))
    except FormRefused as refused:
        flash(refusal_sentence(refused.reason), "warning")
    except LibraryRefused as not_taken:
        flash(library_sentence(not_taken.reason), "warning")
    except ChangedMeanwhile:
        flash(
            gettext(
                "Quelqu'un a changé ce formulaire pendant que vous l'aviez ouvert : la "
                "page n'est pas tournée. La voici comme elle est maintenant."
            ),
            "warning",
        )
    except EngineUnavailable:
        flash(engine_words(), "warning")
    except StoreUnavailable as error:
        flash(trouble_sentence(error), "warning")
    except DatabaseBusy:
        flash(busy_words(), "warning")
    else:
        flash(gettext("La page %(number)s est tournée.", number=page), "success")
    address = url_for(
        "forms_library.show_form", form_id=form_id, _anchor=f"feuille-{page}"
    )
    return redirect(address, 303)
