# SPDX-License-Identifier: AGPL-3.0-or-later
"""A PDF becomes a form of the library, or the newest edition of one."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from booking_web.base.own_process import memory_file
from booking_web.base.resident_text import normalised
from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.forms.errors import (
    EngineUnavailable,
    FormRefused,
    LibraryRefused,
)
from booking_web.domain.forms.library_reading import Edition, read_form
from booking_web.domain.forms.limits import Limits
from booking_web.domain.forms.placed_meaning import placed_of
from booking_web.domain.forms.reader import FormRead
from booking_web.pages.manager.library.gate import blueprint
from booking_web.pages.manager.library.sent import (
    AWAY,
    INVALID,
    organisation_id,
    sent,
)
from booking_web.shell.archive import archive
from booking_web.shell.carrying_out import busy_words
from booking_web.shell.form_services import form_reader, library
from booking_web.shell.services import services
from booking_web.tables.forms import FORM_TITLE_LENGTH
from booking_web.telling.our_forms.catalogue import OUR_FORMS
from booking_web.words.documents import trouble_sentence
from booking_web.words.form_library import library_sentence
from booking_web.words.forms import engine_words, refusal_sentence

PIECE = 256 * 1024
Answer = str | Response | tuple[str, int]


class NotTaken(Exception):
    """The file is not taken: what the page says, and its status."""

    def __init__(self, words: str, status: int = INVALID) -> None:
        super().__init__(words)
        self.words = words
        self.status = status


@blueprint.get("/ajouter")
def add() -> str:
    """Ask for a PDF."""
    return _add_page()


@blueprint.post("/ajouter")
def add_file() -> Answer:
    """Take a PDF in; on an error the page comes back and says why."""
    title = request.form.get("title", "")
    try:
        file = _file()
        title = title.strip() or name_without_ending(file.filename or "")
        form = _read(file)
        form_id = _take_in(title, form)
    except NotTaken as refused:
        return _add_page(refused.words, title), refused.status
    if form.description.is_flat:
        flash(
            gettext(
                "Le formulaire est ajouté. Ce PDF n'a pas de champs : placez-les sur ses "
                "pages."
            ),
            "success",
        )
        return redirect(url_for("forms_library.place_fields", form_id=form_id), 303)
    flash(gettext("Le formulaire est ajouté. Vérifiez ses champs."), "success")
    return redirect(url_for("forms_library.show_form", form_id=form_id), 303)


@blueprint.get("/<int:form_id>/edition")
def ask_for_edition(form_id: int) -> str:
    """Ask for the PDF of a new edition, and say what will stay."""
    return _edition_page(form_id)


@blueprint.post("/<int:form_id>/edition")
def add_edition(form_id: int) -> Answer:
    """Take a new edition in; drafts of the ones before stay as they are."""
    with services().database.read() as session:
        before = read_form(session, organisation_id(), form_id)
    try:
        form = _carried_over(before, _read(_file()))
        _settled(lambda: library().take_in_edition(sent(), form_id, form))
    except NotTaken as refused:
        return _edition_page(form_id, refused.words), refused.status
    flash(
        gettext(
            "La nouvelle édition est ajoutée. Les brouillons commencés gardent la leur."
        ),
        "success",
    )
    return redirect(url_for("forms_library.show_form", form_id=form_id), 303)


def name_without_ending(name: str) -> str:
    """Give the title that a file's name makes."""
    base = name.replace("\\", "/").rpartition("/")[2]
    words = (base.rpartition(".")[0] or base).replace("_", " ")
    return normalised(words)[:FORM_TITLE_LENGTH]


def _file() -> FileStorage:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise NotTaken(gettext("Choisissez d'abord un fichier."))
    return file


def _read(file: FileStorage) -> FormRead:
    with memory_file("upload") as copy:
        while data := file.stream.read(PIECE):
            copy.write(data)
        copy.flush()
        try:
            return form_reader().read(copy)
        except FormRefused as refused:
            raise NotTaken(refusal_sentence(refused.reason)) from refused
        except EngineUnavailable as error:
            raise NotTaken(engine_words(), AWAY) from error


def _carried_over(before: Edition, form: FormRead) -> FormRead:
    """Put the placed fields of the edition before on a new one that has none of its own."""
    if not (before.description.is_placed and form.description.is_flat):
        return form
    numbers = {each.number for each in form.description.pages}
    kept = [
        each
        for each in placed_of(before.description, before.asked)
        if each.page in numbers
    ]
    try:
        return form_reader().with_fields(form.pdf, kept) if kept else form
    except (FormRefused, EngineUnavailable):
        # They are placed anew, by hand: the edition itself is a good one.
        return form


def _take_in(title: str, form: FormRead) -> int:
    return _settled(lambda: library().take_in(sent(), title, form))


def _settled(work: Callable[[], int]) -> int:
    try:
        return work()
    except LibraryRefused as refused:
        raise NotTaken(library_sentence(refused.reason)) from refused
    except StoreUnavailable as error:
        raise NotTaken(trouble_sentence(error), AWAY) from error
    except DatabaseBusy as error:
        raise NotTaken(busy_words(), AWAY) from error


def _add_page(error: str = "", typed_title: str = "") -> str:
    return render_template(
        "manager/library/add.html",
        error=error,
        typed_title=typed_title,
        has_archive=archive().is_configured,
        ours=OUR_FORMS.values(),
        max_megabytes=Limits().max_bytes // 1_000_000,
        max_pages=Limits().max_pages,
        title_length=FORM_TITLE_LENGTH,
        title=gettext("Ajouter un formulaire"),
    )


def _edition_page(form_id: int, error: str = "") -> str:
    with services().database.read() as session:
        edition = read_form(session, organisation_id(), form_id)
    return render_template(
        "manager/library/edition.html",
        edition=edition,
        error=error,
        max_megabytes=Limits().max_bytes // 1_000_000,
        max_pages=Limits().max_pages,
        title=gettext("Nouvelle édition"),
    )
