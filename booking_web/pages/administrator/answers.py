# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the administrator's views answer with: a question, a sheet, a refusal."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, flash, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking_web.domain.rights.person import Right
from booking_web.pages.administrator.acts import Sent
from booking_web.pages.administrator.words import refusal
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.administration import SUBMISSION_LENGTH
from provisioning.directory.errors import DatabaseNotReady, DirectoryError
from provisioning.inventory.reading import InventoryError

INVALID, CONFLICT, BUSY = 422, 409, 503
Answer = str | Response | tuple[str, int]

# What goes with a form besides its fields.
_OF_THE_FORM = ("csrf_token", "submission", "confirme", "revenir", "plus")


@dataclass(frozen=True)
class Sheet:
    """A sheet with what is shown once: `lines` are pairs of a label and a secret."""

    title: str
    said: str
    lines: Sequence[tuple[str, str]]
    back: str
    # A file to keep: its name and content.
    file: tuple[str, str | bytes] | None = None
    next_steps: Sequence[str] = ()
    # Where to do the same for somebody else, and in which words.
    onward: tuple[str, str] | None = None
    # A QR code, as an address of a picture.
    picture: str = ""
    # A code to be typed, in large letters.
    code: str = ""

    @property
    def file_address(self) -> str:
        """Give the file as an address that holds all of it: it is stored nowhere."""
        assert self.file is not None
        content = self.file[1]
        if isinstance(content, str):
            content = content.encode()
        packed = base64.b64encode(content).decode()
        return f"data:application/octet-stream;base64,{packed}"


def sent() -> Sent:
    """Give the form that came; one without its token is refused (400)."""
    submission = request.form.get("submission", "")
    if not 16 <= len(submission) <= SUBMISSION_LENGTH:
        abort(400)
    return Sent(submission, signed_in(Right.ADMINISTRATION).actor, services().now())


def is_coming_back() -> bool:
    """Tell whether the form was sent to be shown again: nothing is to be changed."""
    return "revenir" in request.form or "plus" in request.form


def is_confirmed() -> bool:
    """Tell whether the reader said yes to a question."""
    return "confirme" in request.form


def ask(title: str, question: str, back: str) -> str:
    """Ask before something is taken away; all that was typed stays in the page."""
    kept = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in _OF_THE_FORM
    ]
    return render_template(
        "administrator/confirm.html",
        title=title,
        question=question,
        kept=kept,
        back=back,
        submission=request.form["submission"],
    )


def sheet(content: Sheet) -> str:
    """Show a sheet, once."""
    return render_template(
        "administrator/sheet.html", title=content.title, sheet=content
    )


def say_refusal(error: DirectoryError | InventoryError) -> None:
    """Say on the next page why nothing was changed; a busy database is no refusal (503)."""
    if isinstance(error, DatabaseNotReady):
        abort(BUSY)
    flash(refusal(error), "warning")


def said_again() -> str:
    """Say that the same form had come before."""
    return gettext("Ce formulaire était déjà enregistré. Rien n'a été fait deux fois.")
