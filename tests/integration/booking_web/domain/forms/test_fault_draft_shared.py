# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: a draft's form, counsellor or content changes while it is open."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from booking_web.domain.documents.errors import ContentMissing
from booking_web.domain.forms.draft_outcomes import Saved, Taken
from booking_web.domain.forms.draft_rows import drafts_of, history
from booking_web.domain.forms.errors import FormWithdrawn, UnknownField
from booking_web.domain.forms.library_reading import read_edition
from booking_web.tables.forms import Draft
from tests.factories.drafts import ANNE, BRUNO, acts_on_drafts, edition_of
from tests.factories.forms_described import a_field, a_form, an_allowance


def test_of_two_counsellors_the_second_takes_over_and_nothing_is_lost(
    drafts, begun, either_database
) -> None:
    drafts.save_field(begun, 0, "nom", "Lefèvre", ANNE)
    held = drafts.read(begun)
    taken = drafts.save_field(begun, 1, "nom", "Autre", BRUNO)
    assert taken == Taken(ANNE, held.held_since, 1)
    assert drafts.set_aside(begun, BRUNO) == taken
    assert drafts.read(begun) == held
    drafts.take_over(begun, BRUNO)
    assert drafts.save_field(begun, 1, "marie", "Non", BRUNO) == Saved(2)
    late = drafts.save_field(begun, 1, "nom", "Lefebvre", ANNE)
    assert isinstance(late, Taken) and late.held_by == BRUNO
    assert drafts.read(begun).values == {"nom": "Lefèvre", "marie": "Non"}
    assert acts_on_drafts(either_database) == [
        ("draft_begun", ANNE),
        ("draft_taken_over", BRUNO),
    ]
    drafts.let_go(begun, ANNE)
    assert drafts.read(begun).held_by == BRUNO
    drafts.let_go(begun, BRUNO)
    assert drafts.save_field(begun, 2, "nom", "Lefebvre", ANNE) == Saved(3)
    assert drafts.read(begun).held_by == ANNE


def test_two_drafts_of_one_form_do_not_mix(
    drafts, begun, form_id, either_database
) -> None:
    appointment = drafts.read(begun).appointment_id
    second = drafts.begin(edition_of(either_database, form_id), appointment, ANNE)
    drafts.save_field(begun, 0, "nom", "Un", ANNE)
    drafts.save_field(second, 0, "nom", "Deux", ANNE)
    assert drafts.read(begun).values["nom"] == "Un"
    assert drafts.read(second).values["nom"] == "Deux"
    with either_database.read() as session:
        lines = drafts_of(session, appointment)
    assert [(each.id, each.title) for each in lines] == [
        (begun, "Demande"),
        (second, "Demande"),
    ]


def test_a_new_edition_leaves_old_drafts_readable(
    library, drafts, begun, form_id, sent, either_database
) -> None:
    before = drafts.read(begun)
    library.take_in_edition(sent(), form_id, a_form(a_field("adresse")))
    assert edition_of(either_database, form_id) != before.edition_id
    assert drafts.save_field(begun, 0, "nom", "Lefèvre", ANNE) == Saved(1)
    with either_database.read() as session:
        edition = read_edition(session, before.edition_id)
    assert edition.description == an_allowance().description
    assert library.read_pdf(edition) == an_allowance().pdf
    with pytest.raises(UnknownField):
        drafts.save_field(begun, 1, "adresse", "x", ANNE)


def test_a_form_withdrawn_while_open_is_finished_but_not_begun(
    library, drafts, begun, form_id, sent, either_database
) -> None:
    library.withdraw(sent(), form_id)
    assert drafts.save_field(begun, 0, "nom", "Lefèvre", ANNE) == Saved(1)
    appointment = drafts.read(begun).appointment_id
    with pytest.raises(FormWithdrawn):
        drafts.begin(edition_of(either_database, form_id), appointment, ANNE)
    library.put_back(sent(), form_id)
    assert drafts.begin(edition_of(either_database, form_id), appointment, ANNE)


def test_values_that_were_tampered_with_are_not_given(
    drafts, begun, either_database
) -> None:
    with either_database.write() as session:
        row = session.get_one(Draft, begun)
        *whole, last = row.sealed_values
        row.sealed_values = bytes([*whole, last ^ 1])
    with pytest.raises(ContentMissing):
        drafts.read(begun)


def test_keys_of_two_pages_at_once_are_all_kept(drafts, begun, either_database) -> None:
    def type_into(field: str) -> None:
        for number in range(10):
            drafts.save_field(begun, 0, field, f"{field} {number}", ANNE)

    with ThreadPoolExecutor(2) as pages:
        list(pages.map(type_into, ("nom", "naissance")))
    opened = drafts.read(begun)
    assert opened.values == {"nom": "nom 9", "naissance": "naissance 9"}
    with either_database.read() as session:
        revisions = [each.revision for each in history(session, begun)]
    # Keys of one field that follow each other at once are one change.
    assert revisions == sorted(set(revisions)) and revisions[-1] == 20
