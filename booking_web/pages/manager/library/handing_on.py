# SPDX-License-Identifier: AGPL-3.0-or-later
"""A library handed on to other organisations: downloaded as one file, taken from one."""

import hashlib
import io
from dataclasses import dataclass, replace

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from booking_web.base.own_process import memory_file
from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.documents.errors import ContentMissing
from booking_web.domain.forms.errors import FormRefused, LibraryRefused
from booking_web.domain.forms.handed_on import (
    MOST_BYTES,
    MOST_FORMS,
    HandedForm,
    HandedRefused,
    read_again,
    read_library,
    write_library,
)
from booking_web.domain.forms.library_reading import list_forms, read_edition
from booking_web.pages.manager.library.gate import blueprint
from booking_web.pages.manager.library.sent import (
    INVALID,
    organisation_id,
    sent,
)
from booking_web.pages.manager.library.waiting import (
    keep_waiting,
    token_sent,
    too_late_words,
    waiting,
)
from booking_web.shell.form_services import form_reader, library
from booking_web.shell.services import services
from booking_web.words.form_library import handed_sentence, library_sentence
from booking_web.words.forms import refusal_sentence

PIECE = 256 * 1024
Answer = str | AnyResponse | tuple[str, int]


@dataclass(frozen=True)
class Coming:
    """A form of the file: what it would be here, or why it is not taken."""

    number: int
    title: str
    pages: int = 0
    fields: int = 0
    is_known: bool = False
    refused: str = ""


@blueprint.get("/transmettre")
def hand_on() -> str:
    """Ask which forms are handed on."""
    return _choice_page()


@blueprint.get("/transmettre/bibliotheque.zip")
def download_library() -> Answer:
    """Give the chosen forms as one file."""
    chosen = {whole_or_none(each) for each in request.args.getlist("form")}
    with services().database.read() as session:
        listed = list_forms(session, organisation_id(), with_withdrawn=True)
        wanted = [each for each in listed if each.id in chosen]
        editions = [read_edition(session, each.edition_id) for each in wanted]
    if not editions:
        return _choice_page(gettext("Choisissez au moins un formulaire.")), INVALID
    target = io.BytesIO()
    try:
        write_library(editions, library().read_pdf, target)
    except HandedRefused as refused:
        return _choice_page(handed_sentence(refused.reason)), INVALID
    name = 'attachment; filename="formulaires.zip"'
    headers = {"Content-Disposition": name}
    return Response(target.getvalue(), mimetype="application/zip", headers=headers)


@blueprint.get("/reprendre")
def ask_for_library() -> str:
    """Ask for such a file."""
    return _take_page()


@blueprint.post("/reprendre")
def preview_library() -> Answer:
    """Show what would come of each form in the file; nothing is taken yet."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _take_page(gettext("Choisissez d'abord un fichier.")), INVALID
    with memory_file("library") as copy:
        while data := file.stream.read(PIECE):
            copy.write(data)
        copy.flush()
        try:
            forms = read_library(copy)
        except HandedRefused as refused:
            return _take_page(handed_sentence(refused.reason)), INVALID
        token = keep_waiting(copy)
    with services().database.read() as session:
        listed = list_forms(session, organisation_id(), with_withdrawn=True)
    titles = {each.title for each in listed}
    coming = [_coming(number, each, titles) for number, each in enumerate(forms)]
    return _take_page(coming=coming, token=token)


@blueprint.post("/reprendre/valider")
def take_library() -> Answer:
    """Take the chosen forms into the library."""
    this = sent()
    try:
        forms = read_library(io.BytesIO(waiting(token_sent())))
    except (ContentMissing, HandedRefused):
        return _take_page(too_late_words()), INVALID
    taken = 0
    for number, form in enumerate(forms):
        if str(number) not in request.form.getlist("form"):
            continue
        # Each is an act of its own, that is done once.
        own = hashlib.sha256(f"{this.submission} {number}".encode()).hexdigest()
        try:
            read = read_again(form, form_reader())
            act = replace(this, submission=own)
            library().take_in(act, form.title, read, form.asked)
        except FormRefused as refused:
            flash(f"{form.title} : {refusal_sentence(refused.reason)}", "warning")
        except LibraryRefused as not_taken:
            flash(f"{form.title} : {library_sentence(not_taken.reason)}", "warning")
        else:
            taken += 1
    if not taken:
        flash(gettext("Aucun formulaire n'a été repris."), "warning")
    else:
        flash(
            ngettext(
                "%(num)s formulaire est repris.",
                "%(num)s formulaires sont repris.",
                taken,
            ),
            "success",
        )
    return redirect(url_for("forms_library.show"), 303)


def _coming(number: int, form: HandedForm, titles: set[str]) -> Coming:
    is_known = form.title in titles
    try:
        description = read_again(form, form_reader()).description
    except FormRefused as refused:
        words = refusal_sentence(refused.reason)
        return Coming(number, form.title, is_known=is_known, refused=words)
    pages, fields = len(description.pages), len(description.fields)
    return Coming(number, form.title, pages, fields, is_known)


def _choice_page(error: str = "") -> str:
    with services().database.read() as session:
        forms = list_forms(session, organisation_id(), with_withdrawn=True)
    return render_template(
        "manager/library/hand_on.html",
        forms=forms,
        error=error,
        most_forms=MOST_FORMS,
        title=gettext("Transmettre des formulaires"),
    )


def _take_page(
    error: str = "", coming: list[Coming] | None = None, token: str = ""
) -> str:
    return render_template(
        "manager/library/take_library.html",
        error=error,
        coming=coming or [],
        token=token,
        max_megabytes=MOST_BYTES // 1_000_000,
        title=gettext("Reprendre des formulaires"),
    )
