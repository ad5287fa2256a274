# SPDX-License-Identifier: AGPL-3.0-or-later
"""An organisation's library of forms, on SQLite and PostgreSQL."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from booking_web.domain.forms.asked import AskedField, Known
from booking_web.domain.forms.errors import (
    LibraryRefusal,
    LibraryRefused,
    UnknownForm,
)
from booking_web.domain.forms.library_reading import list_forms, read_edition
from booking_web.tables.administration import DirectoryAct
from booking_web.tables.document_sources import Source
from booking_web.tables.forms import Form, FormEdition
from stage.kiosk_ground import book_one, make_pdf
from tests.factories.forms_described import a_field, a_form, an_allowance


def titles(database, sent, **asked) -> list[str]:
    with database.read() as session:
        found = list_forms(session, sent().organisation_id, **asked)
    return [each.title for each in found]


def newest(database, form_id):
    with database.read() as session:
        edition = session.scalars(
            select(FormEdition.id)
            .where(FormEdition.form_id == form_id)
            .order_by(FormEdition.number.desc())
        ).first()
        return read_edition(session, edition)


def acts(database) -> list[tuple[str, str]]:
    with database.read() as session:
        rows = session.scalars(select(DirectoryAct).order_by(DirectoryAct.id))
        return [(each.act, each.key) for each in rows if each.kind == "form"]


def test_a_form_is_kept_with_its_pdf_and_its_fields(
    library, either_database, sent
) -> None:
    form = an_allowance()
    form_id = library.take_in(sent(), "  Demande   d'allocation ", form)
    edition = newest(either_database, form_id)
    assert (edition.title, edition.number) == ("Demande d'allocation", 1)
    assert edition.description == form.description
    assert [each.label for each in edition.asked][:2] == [
        "Label of nom",
        "Label of naissance",
    ]
    assert library.read_pdf(edition) == form.pdf
    assert acts(either_database) == [("taken_in", str(form_id))]


def test_what_is_sent_twice_is_taken_once(library, either_database, sent) -> None:
    once = sent()
    first = library.take_in(once, "Demande", an_allowance())
    again = library.take_in(once, "Demande", a_form(a_field("autre"), pages=3))
    assert first == again
    assert titles(either_database, sent) == ["Demande"]
    assert newest(either_database, first).description == an_allowance().description


def test_fields_are_asked_as_the_manager_says(library, either_database, sent) -> None:
    form_id = library.take_in(sent(), "Demande", an_allowance())
    edition = newest(either_database, form_id)
    nom, naissance, *others = edition.asked
    said = (
        replace(naissance, label="Date de naissance", known=Known.BIRTH_DATE),
        replace(nom, label=" Nom  de famille", group="Vous", known=Known.NAME),
        *others,
    )
    library.ask(sent(), edition.id, said)
    asked = newest(either_database, form_id).asked
    assert asked[:2] == (
        AskedField("naissance", "Date de naissance", "", Known.BIRTH_DATE),
        AskedField("nom", "Nom de famille", "Vous", Known.NAME),
    )
    assert asked[2:] == tuple(others)


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        (lambda nom, rest: [nom, nom, *rest], "field_twice", "nom"),
        (lambda nom, rest: rest, "field_missing", "nom"),
        (lambda nom, rest: [replace(nom, key="x"), *rest], "unknown_field", "x"),
        (lambda nom, rest: [replace(nom, label=" "), *rest], "no_label", "nom"),
        (
            lambda nom, rest: [replace(nom, label="e" * 201), *rest],
            "label_too_long",
            "nom",
        ),
        (
            lambda nom, rest: [replace(nom, group="e" * 81), *rest],
            "group_too_long",
            "nom",
        ),
        (
            lambda nom, rest: [replace(nom, label="a\u202eb"), *rest],
            "unprintable",
            "nom",
        ),
    ],
)
def test_what_cannot_be_asked_changes_nothing(
    library, either_database, sent, change, reason, field
) -> None:
    form_id = library.take_in(sent(), "Demande", an_allowance())
    before = newest(either_database, form_id)
    nom, *rest = before.asked
    with pytest.raises(LibraryRefused) as refused:
        library.ask(sent(), before.id, change(nom, rest))
    assert (refused.value.reason, refused.value.field) == (reason, field)
    assert newest(either_database, form_id) == before
    assert acts(either_database) == [("taken_in", str(form_id))]


def test_a_new_edition_keeps_what_was_said_and_the_old_one(
    library, either_database, sent
) -> None:
    form_id = library.take_in(sent(), "Demande", an_allowance())
    first = newest(either_database, form_id)
    nom, *rest = first.asked
    library.ask(sent(), first.id, [*rest, replace(nom, label="Nom", group="Vous")])
    first = newest(either_database, form_id)
    form = a_form(a_field("adresse"), a_field("nom"), pages=2)
    assert library.take_in_edition(sent(), form_id, form) == form_id
    second = newest(either_database, form_id)
    assert second.number == 2
    assert second.asked == (
        AskedField("nom", "Nom", "Vous"),
        AskedField("adresse", "Label of adresse"),
    )
    with either_database.read() as session:
        assert read_edition(session, first.id) == first
        [line] = list_forms(session, first.organisation_id)
    assert (line.edition_id, line.number, line.pages) == (second.id, 2, 2)
    assert library.read_pdf(first) == an_allowance().pdf


def test_a_form_is_withdrawn_renamed_ordered_and_put_back(
    library, either_database, sent
) -> None:
    one, two = (
        library.take_in(sent(), each, an_allowance()) for each in ("Un", "Deux")
    )
    library.withdraw(sent(), one)
    assert titles(either_database, sent) == ["Deux"]
    assert titles(either_database, sent, with_withdrawn=True) == ["Un", "Deux"]
    assert newest(either_database, one).is_withdrawn
    library.put_back(sent(), one)
    library.put_in_order(sent(), [two, one])
    library.rename(sent(), one, "Premier")
    assert titles(either_database, sent) == ["Deux", "Premier"]
    with pytest.raises(LibraryRefused, match="other_forms"):
        library.put_in_order(sent(), [two])
    assert titles(either_database, sent) == ["Deux", "Premier"]


def test_another_organisation_reaches_none_of_it(
    library, either_database, sent
) -> None:
    form_id = library.take_in(sent(), "Demande", an_allowance())
    edition = newest(either_database, form_id)
    stranger = sent("mission-locale-thierache")
    for act in (
        lambda: library.withdraw(stranger, form_id),
        lambda: library.rename(stranger, form_id, "Autre"),
        lambda: library.ask(stranger, edition.id, edition.asked),
        lambda: library.take_in_edition(stranger, form_id, a_form(a_field("x"))),
    ):
        with pytest.raises(UnknownForm):
            act()
    assert newest(either_database, form_id) == edition


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("", LibraryRefusal.NO_TITLE),
        ("e" * 121, LibraryRefusal.TITLE_TOO_LONG),
        ("a\u202eb", LibraryRefusal.UNPRINTABLE),
    ],
)
def test_a_title_that_cannot_be_read_is_refused(
    library, either_database, sent, title, reason
) -> None:
    with pytest.raises(LibraryRefused, match=reason):
        library.take_in(sent(), title, an_allowance())
    with either_database.read() as session:
        assert session.scalar(select(func.count()).select_from(Form)) == 0


def test_a_refused_form_leaves_no_content(library, sent, tmp_path) -> None:
    with pytest.raises(UnknownForm):
        library.take_in_edition(sent(), 404, an_allowance())
    assert not [each for each in tmp_path.rglob("content/*/*") if each.is_file()]


def test_a_removed_document_leaves_the_form_of_the_same_content(
    library, archive, either_database, sent, tmp_path
) -> None:
    appointment = book_one(either_database)
    path = tmp_path / "paper.pdf"
    path.write_bytes(make_pdf())
    with path.open("rb") as file:
        document = archive.add(
            appointment, file, title="Papier", source=Source.UPLOAD, actor="user:1"
        )
    kept = b"".join(archive.read(document))
    form = replace(an_allowance(), pdf=kept)
    edition = newest(either_database, library.take_in(sent(), "Demande", form))
    assert edition.sha256 == document.sha256
    archive.remove(document.id, "removed", "user:1")
    assert library.read_pdf(edition) == kept
