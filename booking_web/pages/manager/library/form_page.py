# SPDX-License-Identifier: AGPL-3.0-or-later
"""A form's page: its pictures, its fields, how each is asked and what the booking knows."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.forms.asked import (
    GROUP_LENGTH,
    LABEL_LENGTH,
    AskedField,
)
from booking_web.domain.forms.errors import ChangedMeanwhile, LibraryRefused
from booking_web.domain.forms.library_reading import (
    Edition,
    list_editions,
    read_edition,
    read_form,
)
from booking_web.pages.manager.library.editions import compared
from booking_web.pages.manager.library.field_rows import (
    FieldRow,
    moved,
    rows_of,
    typed_fields,
)
from booking_web.pages.manager.library.gate import blueprint
from booking_web.pages.manager.library.sent import (
    CONFLICT,
    INVALID,
    changed_words,
    organisation_id,
    sent,
)
from booking_web.shell.form_services import library
from booking_web.shell.services import services
from booking_web.tables.forms import FORM_TITLE_LENGTH
from booking_web.words.form_library import KNOWN, library_sentence
from booking_web.words.forms import NOTICES

Answer = str | Response | tuple[str, int]


@blueprint.get("/<int:form_id>")
def show_form(form_id: int) -> str:
    """Show the form as it is asked now."""
    edition = _edition(form_id)
    return _page(edition, rows_of(edition, edition.asked))


@blueprint.post("/<int:form_id>")
def save_fields(form_id: int) -> Answer:
    """Keep what is said of the fields, or show them in another order."""
    edition = _edition(form_id)
    typed = typed_fields(edition)
    seen = request.form.get("seen", "")
    if order := request.form.get("deplacer"):
        rows = rows_of(edition, moved(typed, order))
        return _page(edition, rows, seen=seen, order=order)
    try:
        library().ask(sent(), edition.id, typed, seen)
    except LibraryRefused as refused:
        words = library_sentence(refused.reason)
        rows = rows_of(edition, typed, error_at=refused.field, error=words)
        return _page(edition, rows, seen=seen, error=words), INVALID
    except ChangedMeanwhile:
        rows = rows_of(edition, typed, with_saved=True)
        return _page(edition, rows, error=changed_words()), CONFLICT
    flash(gettext("Les libellés sont enregistrés."), "success")
    return redirect(url_for("forms_library.show_form", form_id=form_id), 303)


@blueprint.post("/<int:form_id>/titre")
def rename(form_id: int) -> Answer:
    """Give the form another title."""
    typed = request.form.get("title", "")
    try:
        library().rename(sent(), form_id, typed)
    except LibraryRefused as refused:
        edition = _edition(form_id)
        page = _page(
            edition,
            rows_of(edition, edition.asked),
            title_error=library_sentence(refused.reason),
            typed_title=typed,
        )
        return page, INVALID
    flash(gettext("Le titre est changé."), "success")
    return redirect(url_for("forms_library.show_form", form_id=form_id), 303)


def _edition(form_id: int) -> Edition:
    with services().database.read() as session:
        return read_form(session, organisation_id(), form_id)


def _page(
    edition: Edition,
    rows: Sequence[FieldRow],
    *,
    seen: str = "",
    order: str = "",
    error: str = "",
    title_error: str = "",
    typed_title: str | None = None,
) -> str:
    with services().database.read() as session:
        lines = list_editions(session, edition.form_id)
        before = read_edition(session, lines[1].id) if len(lines) > 1 else None
    return render_template(
        "manager/library/form.html",
        edition=edition,
        editions=lines,
        compared=compared(before, edition) if before else None,
        rows=rows,
        groups=_groups([each.asked for each in rows]),
        numbers={each.field.key: each.number for each in rows},
        first_rows=_first_rows(rows),
        seen=seen or edition.revision,
        wanted=_wanted(order, len(rows)),
        is_typed=request.method == "POST" and not title_error,
        error=error,
        title_error=title_error,
        typed_title=edition.title if typed_title is None else typed_title,
        title_length=FORM_TITLE_LENGTH,
        label_length=LABEL_LENGTH,
        group_length=GROUP_LENGTH,
        known_words=KNOWN,
        notices=[NOTICES[each] for each in edition.description.notices],
        title=edition.title,
    )


def _groups(asked: Sequence[AskedField]) -> list[str]:
    return list(dict.fromkeys(each.group for each in asked if each.group))


def _first_rows(rows: Sequence[FieldRow]) -> dict[int, int]:
    """Give the number of the first row of each page of the sheet, in the pages' order."""
    first: dict[int, int] = {}
    for each in rows:
        first.setdefault(each.field.places[0].page, each.number)
    return dict(sorted(first.items()))


def _wanted(order: str, count: int) -> str:
    """Name the button that was pressed, where it is now: a keyboard goes on from there."""
    way, _, number = order.partition("-")
    at = whole_or_none(number)
    if way not in ("haut", "bas") or at is None:
        return ""
    step = -1 if way == "haut" else 1
    return f"{way}-{min(max(at + step, 1), count)}"
