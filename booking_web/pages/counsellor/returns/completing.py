# SPDX-License-Identifier: AGPL-3.0-or-later
"""What came back whole is kept as one signed document, once the counsellor says so."""

from flask_babel import gettext
from werkzeug.wrappers import Response

from booking_web.domain.forms.printed.errors import (
    KeptElsewhere,
    NotComplete,
    PagesChanged,
)
from booking_web.domain.forms.printed.rows import find_printed
from booking_web.pages.counsellor.returns.blueprint import (
    TROUBLES,
    back_to_console,
    blueprint,
    counsellor_of,
    not_made,
)
from booking_web.shell.form_services import signed_forms
from booking_web.shell.services import services


@blueprint.post("/formulaires-imprimes/<int:printed_id>/garder")
def keep_signed(appointment_id: int, printed_id: int) -> Response:
    """Make the signed document; a second time it is there already."""
    viewer = counsellor_of(appointment_id)
    title = gettext("%(form)s, signé", form=_title(appointment_id, printed_id))
    try:
        number = signed_forms().put_together(
            appointment_id, printed_id, title, viewer.actor
        )
    except KeptElsewhere as kept:
        words = gettext(
            "Ce formulaire est déjà gardé : document %(number)s d'un autre rendez-vous.",
            number=kept.number,
        )
        return back_to_console(appointment_id, words, "info")
    except PagesChanged:
        words = gettext(
            "Les pages de ce formulaire viennent de changer : rien n'a été gardé. "
            "Regardez-les, puis recommencez."
        )
        return back_to_console(appointment_id, words, "warning")
    except NotComplete:
        words = gettext(
            "Il manque encore quelque chose à ce formulaire : rien n'a été gardé."
        )
        return back_to_console(appointment_id, words, "warning")
    except TROUBLES as error:
        return back_to_console(appointment_id, not_made(error), "warning")
    words = gettext(
        "Le formulaire signé est gardé : document %(number)s.", number=number
    )
    return back_to_console(appointment_id, words, "success")


def _title(appointment_id: int, printed_id: int) -> str:
    with services().database.read() as session:
        printed = find_printed(session, appointment_id, printed_id)
        return printed.edition.form.title
