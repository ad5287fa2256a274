# SPDX-License-Identifier: AGPL-3.0-or-later
"""The editor of a flat form: fields are placed on the pictures of its pages, and kept."""

from dataclasses import replace

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking_web.base.row_numbers import whole_or_none
from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.forms.asked import LABEL_LENGTH
from booking_web.domain.forms.description import Field, FieldKind, Rectangle
from booking_web.domain.forms.errors import (
    ChangedMeanwhile,
    EngineUnavailable,
    FormRefusal,
    FormRefused,
    LibraryRefused,
)
from booking_web.domain.forms.guides import snapped
from booking_web.domain.forms.layout import PageLayout
from booking_web.domain.forms.library_reading import Edition, read_form
from booking_web.domain.forms.placed import PlacedField
from booking_web.domain.forms.placed_checks import (
    ANSWER_LENGTH,
    NAME_LENGTH,
    PLACEABLE,
    PlacedFault,
    faults_of,
    regular,
)
from booking_web.domain.forms.placed_meaning import placed_of
from booking_web.domain.forms.proposals_taken import free_name, free_proposals
from booking_web.domain.forms.reader import FormRead
from booking_web.pages.manager.library.gate import blueprint
from booking_web.pages.manager.library.placed_rows import (
    MOST_PLACES,
    PlacedRow,
    more_rows,
    placed_of_row,
    rows_of,
    typed_rows,
    with_error,
)
from booking_web.pages.manager.library.sent import (
    AWAY,
    CONFLICT,
    INVALID,
    changed_words,
    organisation_id,
    sent,
)
from booking_web.shell.carrying_out import busy_words
from booking_web.shell.form_services import form_reader, layouts, library
from booking_web.shell.services import services
from booking_web.words.documents import trouble_sentence
from booking_web.words.form_fields import KINDS, WHYS, fault_sentence
from booking_web.words.form_library import library_sentence
from booking_web.words.forms import engine_words, refusal_sentence

Answer = str | Response | tuple[str, int]
# Where a field is put that somebody adds without saying where, in points.
FIRST_PLACE = Rectangle(57, 57, 170, 17)
FIRST_SIZES = {FieldKind.BOX: (11.0, 11.0), FieldKind.RADIO: (11.0, 11.0)}
# A whole page of lines is some hundred kilobytes: a form of fifty is too much at once.
BLOCKS = {FieldKind.MULTILINE, FieldKind.SIGNATURE}


@blueprint.get("/<int:form_id>/champs")
def place_fields(form_id: int) -> Answer:
    """Show the pages, and the fields that are placed on them."""
    edition = _edition(form_id)
    rows = rows_of(placed_of(edition.description.placed, edition.asked))
    return _page(edition, rows)


@blueprint.post("/<int:form_id>/champs")
def save_placed(form_id: int) -> Answer:
    """Keep what is placed; or show it with one field more, or with what is proposed."""
    edition = _edition(form_id)
    rows, seen = typed_rows(), request.form.get("seen", "")
    if "ajouter" in request.form:
        return _page(edition, more_rows(rows, [_first(rows)]), seen=seen)
    if "proposer" in request.form:
        return _with_proposals(edition, rows, seen)
    read = [(each, placed_of_row(each)) for each in rows if not each.is_removed]
    if len(read) > _room(edition):
        words = refusal_sentence(FormRefusal.TOO_MANY_FIELDS)
        return _page(edition, rows, seen=seen, error=words), INVALID
    placed = regular([each for _, each in read if isinstance(each, PlacedField)])
    told = {row.id: each for row, each in read if isinstance(each, PlacedFault)}
    ids = [row.id for row, each in read if isinstance(each, PlacedField)]
    names = {each.key for each in _kept(edition)}
    for at, fault in faults_of(placed, edition.description.pages, names).items():
        told[ids[at]] = fault
    if told:
        marked = [
            with_error(each, fault_sentence(told[each.id])) if each.id in told else each
            for each in rows
        ]
        words = gettext("Corrigez les champs signalés ci-dessous.")
        return _page(edition, marked, seen=seen, error=words), INVALID
    if "aligner" in request.form:
        placed = _aligned(edition, placed)
    return _save(edition, rows, placed, seen)


@blueprint.get("/<int:form_id>/editions/<int:edition_id>/lignes.json")
def show_layout(form_id: int, edition_id: int) -> Response:
    """Give the page's script the lines of each page, and the fields that are proposed."""
    edition = _edition(form_id)
    if edition.id != edition_id:
        return jsonify([])
    found = free_proposals(placed_of(edition.description.own), _layouts(edition))
    return jsonify([each.to_json() for each in found])


def _save(
    edition: Edition, rows: list[PlacedRow], placed: list[PlacedField], seen: str
) -> Answer:
    status = INVALID
    try:
        before = FormRead(edition.description, library().read_pdf(edition))
        form = form_reader().with_fields(before, placed, _kept(edition))
        library().place(sent(), edition.form_id, form, placed, seen)
    except FormRefused as refused:
        words = refusal_sentence(refused.reason)
    except LibraryRefused as refused:
        words = library_sentence(refused.reason)
    except ChangedMeanwhile:
        now = _edition(edition.form_id)
        return _page(now, rows, error=changed_words(), is_changed=True), CONFLICT
    except (EngineUnavailable, StoreUnavailable, DatabaseBusy) as error:
        words, status = _trouble(error), AWAY
    else:
        count = len({each.key for each in placed})
        flash(
            gettext("Les champs sont enregistrés : %(count)s.", count=count), "success"
        )
        address = url_for("forms_library.show_form", form_id=edition.form_id)
        return redirect(address, 303)
    return _page(edition, rows, seen=seen, error=words), status


def _trouble(error: Exception) -> str:
    if isinstance(error, EngineUnavailable):
        return engine_words()
    return (
        trouble_sentence(error) if isinstance(error, StoreUnavailable) else busy_words()
    )


def _edition(form_id: int) -> Edition:
    with services().database.read() as session:
        return read_form(session, organisation_id(), form_id)


def _gone() -> set[str]:
    """Give the fields of the PDF's own that somebody ticked to have them go."""
    return set(request.form.getlist("sans"))


def _kept(edition: Edition) -> list[Field]:
    """Give the fields of the PDF's own that stay."""
    gone = _gone()
    return [each for each in edition.description.own if each.key not in gone]


def _layouts(edition: Edition) -> list[PageLayout]:
    kept = library()
    return layouts().find(edition.sha256, lambda: kept.read_pdf(edition))


def _first(rows: list[PlacedRow]) -> PlacedField:
    """Give a field to begin with, of the kind and on the page that were asked for."""
    asked = request.form.get("ajouter-kind", "")
    kind = FieldKind(asked) if asked in list(PLACEABLE) else FieldKind.TEXT
    page = whole_or_none(request.form.get("ajouter-page", ""))
    number = 1 if page is None else page
    width, height = FIRST_SIZES.get(kind, (FIRST_PLACE.width, FIRST_PLACE.height))
    place = replace(
        FIRST_PLACE, width=width, height=3 * height if kind in BLOCKS else height
    )
    key = free_name(f"p{number}-1", {each.key for each in rows})
    return PlacedField(key, kind, number, place, "", 5 if kind is FieldKind.COMB else 0)


def _with_proposals(edition: Edition, rows: list[PlacedRow], seen: str) -> Answer:
    try:
        found = _layouts(edition)
    except (FormRefused, EngineUnavailable):
        return _page(edition, rows, seen=seen, error=engine_words()), AWAY
    read = [placed_of_row(each) for each in rows if not each.is_removed]
    there = [each for each in read if isinstance(each, PlacedField)]
    there += placed_of(_kept(edition))
    free = free_proposals(there, found)
    new = [each.field for layout in free for each in layout.proposed if each.is_sure]
    room = max(_room(edition) - len(read), 0)
    if not new:
        flash(gettext("Aucun autre champ sûr n'est proposé."), "info")
    elif len(new) > room:
        flash(_full_words(), "info")
        # Both boxes of a choice, or none.
        half = new[room].key
        new = [each for each in new[:room] if each.key != half]
    return _page(edition, more_rows(rows, new), seen=seen)


def _room(edition: Edition) -> int:
    """Give how many places a form takes beside its own."""
    return MOST_PLACES - len(_kept(edition))


def _full_words() -> str:
    return gettext(
        "Un formulaire a %(count)s champs au plus : les suivants ne sont pas ajoutés.",
        count=MOST_PLACES,
    )


def _aligned(edition: Edition, placed: list[PlacedField]) -> list[PlacedField]:
    """Put edges on the lines that they are near to; as they are where none can be found."""
    try:
        guides = {each.number: each.guides for each in _layouts(edition)}
    except (FormRefused, EngineUnavailable):
        return placed
    return [
        replace(each, rectangle=snapped(each.rectangle, guides[each.page]))
        for each in placed
    ]


def _page(
    edition: Edition,
    rows: list[PlacedRow],
    *,
    seen: str = "",
    error: str = "",
    is_changed: bool = False,
) -> str:
    return render_template(
        "manager/library/placing.html",
        edition=edition,
        rows=rows,
        seen=seen or edition.revision,
        error=error,
        is_changed=is_changed,
        is_typed=request.method == "POST",
        own=edition.description.own,
        labels={each.key: each.label for each in edition.asked},
        gone=_gone(),
        kinds={each: KINDS[each] for each in PLACEABLE},
        room=_room(edition),
        full=_full_words(),
        whys={each.value: str(words) for each, words in WHYS.items()},
        label_length=LABEL_LENGTH,
        name_length=NAME_LENGTH,
        answer_length=ANSWER_LENGTH,
        blank=PlacedRow(0, "", FieldKind.TEXT, "1", "0", "0", "0", "0", ""),
        title=gettext("Placer les champs"),
    )
