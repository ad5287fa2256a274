# SPDX-License-Identifier: AGPL-3.0-or-later
"""A PDF becomes a form of the library, or the newest edition of one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking_web.base.own_process import memory_file
from booking_web.base.resident_text import normalised
from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.documents.errors import ContentMissing, StoreUnavailable
from booking_web.domain.forms.errors import (
    EngineUnavailable,
    FormRefused,
    LibraryRefused,
)
from booking_web.domain.forms.library_reading import Edition, read_form
from booking_web.domain.forms.limits import Limits
from booking_web.domain.forms.placed_meaning import placed_of
from booking_web.domain.forms.proposals_taken import lies_on_one
from booking_web.domain.forms.reader import FormRead
from booking_web.pages.manager.library.gate import blueprint
from booking_web.pages.manager.library.sent import (
    AWAY,
    INVALID,
    organisation_id,
    sent,
)
from booking_web.pages.manager.library.waiting import (
    keep_instead,
    keep_waiting,
    token_sent,
    too_late_words,
    waiting,
)
from booking_web.shell.archive import archive
from booking_web.shell.carrying_out import busy_words
from booking_web.shell.form_services import form_reader, library
from booking_web.shell.services import services
from booking_web.tables.forms import FORM_TITLE_LENGTH
from booking_web.telling.our_forms.catalogue import OUR_FORMS
from booking_web.words.documents import trouble_sentence
from booking_web.words.form_fields import shown_value
from booking_web.words.form_library import library_sentence
from booking_web.words.forms import engine_words, refusal_sentence

PIECE = 256 * 1024
# What becomes of what somebody filled in before.
EMPTIED, KEPT = "effacer", "garder"
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
        with _received() as received:
            title = title.strip() or name_without_ending(received.name)
            form = _read(received)
            if form.description.answered and not received.is_decided:
                return _answers_page(form, received, title)
        form_id = _take_in(title, form)
    except NotTaken as refused:
        return _add_page(refused.words, title), refused.status
    if form.description.is_flat:
        words = gettext(
            "Le formulaire est ajouté. Ce PDF n'a pas de champs : placez-les sur ses "
            "pages."
        )
    elif form.description.is_poor:
        words = gettext(
            "Le formulaire est ajouté. Ce PDF a très peu de champs : placez ceux qui "
            "manquent sur ses pages."
        )
    else:
        flash(gettext("Le formulaire est ajouté. Vérifiez ses champs."), "success")
        return redirect(url_for("forms_library.show_form", form_id=form_id), 303)
    flash(words, "success")
    return redirect(url_for("forms_library.place_fields", form_id=form_id), 303)


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
        with _received() as received:
            form = _read(received)
            if form.description.answered and not received.is_decided:
                return _answers_page(form, received, before.title, before)
        form = _carried_over(before, form)
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


@dataclass(frozen=True)
class Received:
    """A PDF that was sent, now or with the page before; `answers` says what becomes of them.

    With the page before it waited under `token`.
    """

    name: str
    copy: BinaryIO
    answers: str
    token: str

    @property
    def is_decided(self) -> bool:
        """Tell whether the manager has seen what was filled in, and said what becomes of it."""
        return self.answers in (EMPTIED, KEPT)


@contextmanager
def _received() -> Iterator[Received]:
    """Give the PDF; raises NotTaken where there is none, or it waited too long."""
    with memory_file("upload") as copy:
        token = token_sent()
        if token:
            try:
                copy.write(waiting(token))
            except ContentMissing as error:
                raise NotTaken(too_late_words()) from error
            name = request.form.get("name", "")
        else:
            file = request.files.get("file")
            if file is None or not file.filename:
                raise NotTaken(gettext("Choisissez d'abord un fichier."))
            name = file.filename
            while data := file.stream.read(PIECE):
                copy.write(data)
        copy.flush()
        answers = request.form.get("reponses", "") if token else ""
        yield Received(name, copy, answers, token)


def _read(received: Received) -> FormRead:
    is_emptied = received.answers == EMPTIED
    try:
        form = form_reader().read(received.copy, is_emptied=is_emptied)
        if is_emptied:
            # What was filled in is kept nowhere; the same form sent twice finds the rest.
            keep_instead(received.token, form.pdf)
    except FormRefused as refused:
        raise NotTaken(refusal_sentence(refused.reason)) from refused
    except EngineUnavailable as error:
        raise NotTaken(engine_words(), AWAY) from error
    except StoreUnavailable as error:
        raise NotTaken(trouble_sentence(error), AWAY) from error
    return form


def _carried_over(before: Edition, form: FormRead) -> FormRead:
    """Put the placed fields of the edition before on a new one, where it has none itself."""
    own = placed_of(form.description.fields)
    numbers = {each.number for each in form.description.pages}
    names = {each.key for each in own}
    kept = [
        each
        for each in placed_of(before.description.placed, before.asked)
        if each.page in numbers and each.key not in names and not lies_on_one(each, own)
    ]
    if not kept:
        return form
    try:
        return form_reader().with_fields(form, kept, form.description.fields)
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


def _answers_page(
    form: FormRead, received: Received, form_title: str, before: Edition | None = None
) -> str:
    """Show what somebody filled in before the PDF was sent, and ask what becomes of it."""
    answered = form.description.answered
    return render_template(
        "manager/library/answers.html",
        answers=[(each.label, shown_value(each)) for each in answered],
        count=len(form.description.fields),
        token=_waits(received),
        name=received.name,
        form_title=form_title,
        before=before,
        emptied=EMPTIED,
        kept=KEPT,
        title=gettext("Ce PDF est déjà rempli"),
    )


def _waits(received: Received) -> str:
    try:
        return keep_waiting(received.copy)
    except StoreUnavailable as error:
        raise NotTaken(trouble_sentence(error), AWAY) from error


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
