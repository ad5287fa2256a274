# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page on which an organisation's manager imports a file.

The server keeps nothing between preview and import: the page itself carries the file.
"""

import base64
import binascii
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.imports.importing import preview, run_import
from booking_web.domain.imports.interpreting import Scope
from booking_web.domain.imports.lines import Outcome, Report
from booking_web.domain.imports.reading import FileRefused
from booking_web.domain.rights.person import Right
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.words.imports import (
    OUTCOMES,
    note_sentence,
    refusal_sentence,
    why_sentence,
)

# A form of MAX_FORM_BYTES brings it back in base64.
MAX_FILE_BYTES = 360 * 1024
# A page that is longer is of no use to anybody; the refused lines are all shown.
SHOWN_LINES = 200

blueprint = Blueprint("imports", __name__, url_prefix="/organisme/import")


blueprint.before_request(gate(Right.IMPORTS, "imports.show"))


@blueprint.get("")
def show() -> str:
    """Ask for a file and say how it should look."""
    return _page()


@blueprint.get("/apercu")
def show_again() -> Response:
    """Lead back from the address that a preview leaves in the browser."""
    return redirect(url_for("imports.show"), HTTPStatus.SEE_OTHER)


@blueprint.post("/apercu")
def show_preview() -> str | tuple[str, int]:
    """Show what would become of each line; nothing is written."""
    file = request.files.get("file")
    content = file.read(MAX_FILE_BYTES + 1) if file else b""
    if not content:
        return _refused(gettext("Choisissez un fichier qui n'est pas vide."))
    if len(content) > MAX_FILE_BYTES:
        return _refused(
            gettext("Ce fichier est trop grand : coupez-le en plusieurs parties.")
        )
    try:
        report = preview(services().database, content, _scope(), services().now())
    except FileRefused as error:
        return _refused(refusal_sentence(error))
    return _page(report=report, carried=base64.b64encode(content).decode())


@blueprint.post("/valider")
def confirm() -> Response | str | tuple[str, int]:
    """Import the file that the preview's page carries; the same again changes nothing."""
    try:
        content = base64.b64decode(
            request.form.get("content", "").encode(), validate=True
        )
        report = run_import(services().database, content, _scope(), services().now())
    except (binascii.Error, FileRefused):
        return _refused(gettext("Choisissez le fichier à nouveau."))
    except DatabaseBusy:
        return _refused(
            gettext(
                "Le serveur est très occupé. Choisissez le fichier à nouveau : ce qui est "
                "déjà repris ne le sera pas deux fois."
            ),
            HTTPStatus.SERVICE_UNAVAILABLE,
        )
    services().doorbell.ring()
    booked = len(report.of(Outcome.NEW))
    message = ngettext(
        "%(num)s rendez-vous repris.", "%(num)s rendez-vous repris.", booked
    )
    if not report.of(Outcome.REFUSED):
        flash(message, "success")
        return redirect(url_for("imports.show"), HTTPStatus.SEE_OTHER)
    return _page(report=report, message=message)


def _scope() -> Scope:
    acting = signed_in(Right.IMPORTS)
    return Scope(
        user_id=acting.user_id,
        actor=acting.actor,
        organisation_id=acting.own_organisation_id,
    )


def _refused(
    error: str, status: int = HTTPStatus.UNPROCESSABLE_ENTITY
) -> tuple[str, int]:
    return _page(error=error), status


def _page(
    *,
    report: Report | None = None,
    carried: str = "",
    message: str = "",
    error: str = "",
) -> str:
    lines = [] if report is None else report.lines
    taken = [line for line in lines if line.outcome is not Outcome.REFUSED]
    return render_template(
        "manager/import.html",
        title=gettext("Reprendre des rendez-vous"),
        report=report,
        refused=[line for line in lines if line.outcome is Outcome.REFUSED],
        taken=taken[:SHOWN_LINES],
        hidden_count=max(len(taken) - SHOWN_LINES, 0),
        new_count=len(report.of(Outcome.NEW)) if report else 0,
        carried=carried,
        message=message,
        error=error,
        outcomes=OUTCOMES,
        why_sentence=why_sentence,
        note_sentence=note_sentence,
    )
