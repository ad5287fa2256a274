# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the filling page asks of drafts: begun once, held for a while, saved as a whole."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking_web.base.clock import utc_now
from booking_web.domain.documents.errors import ContentMissing
from booking_web.domain.forms.draft_outcomes import Saved, SavedForm, Taken
from booking_web.domain.forms.draft_rows import history
from booking_web.domain.forms.drafts import Drafts
from booking_web.domain.forms.errors import DraftGone, UnknownField, ValueRefusal
from booking_web.domain.forms.holds import LAPSES_AFTER
from booking_web.tables.appointment import LiveEvent
from booking_web.tables.forms import Draft
from booking_web.tables.live_kind import Kind
from tests.factories.drafts import ANNE, BRUNO, appointment_of, edition_of, resident_in


def test_a_form_that_is_sent_twice_begins_one_draft(
    drafts, form_id, either_database
) -> None:
    appointment = appointment_of(either_database)
    edition = edition_of(either_database, form_id)
    first = drafts.begin(edition, appointment, ANNE, "one form")
    assert drafts.begin(edition, appointment, ANNE, "one form") == first
    assert drafts.begin(edition, appointment, ANNE, "another form") != first
    with either_database.read() as session:
        assert len(session.scalars(select(Draft.id)).all()) == 2


def test_a_form_that_was_sent_in_another_appointment_begins_nothing_here(
    drafts, form_id, either_database
) -> None:
    """A page of yesterday, or a form that was copied: it was an unexpected fault."""
    edition = edition_of(either_database, form_id)
    resident = resident_in(either_database)
    appointment, other = (appointment_of(either_database, resident) for _ in range(2))
    first = drafts.begin(edition, appointment, ANNE, "one form")
    with pytest.raises(DraftGone):
        drafts.begin(edition, other, BRUNO, "one form")
    drafts.set_aside(first, ANNE)
    with pytest.raises(DraftGone):
        drafts.begin(edition, appointment, ANNE, "one form")
    with either_database.read() as session:
        assert session.scalars(select(Draft.id)).all() == [first]


def test_the_values_of_another_draft_are_no_values_of_this_one(
    drafts, begun, form_id, either_database
) -> None:
    appointment = drafts.read(begun).appointment_id
    other = drafts.begin(edition_of(either_database, form_id), appointment, ANNE)
    drafts.save_field(begun, 0, "nom", "Lefèvre", ANNE)
    with either_database.write() as session:
        sealed = session.get_one(Draft, begun).sealed_values
        session.execute(
            update(Draft).where(Draft.id == other).values(sealed_values=sealed)
        )
    with pytest.raises(ContentMissing):
        drafts.read(other)
    with pytest.raises(ContentMissing):
        drafts.save_field(other, 0, "nom", "Autre", ANNE)
    assert drafts.read(begun).values["nom"] == "Lefèvre"


def test_who_wrote_nothing_for_ten_minutes_is_not_waited_for(
    begun, archive, either_database
) -> None:
    now = utc_now()
    drafts = Drafts(either_database, archive.store.key, lambda: now)
    drafts.save_field(begun, 0, "nom", "Lefèvre", ANNE)
    now += LAPSES_AFTER
    assert isinstance(drafts.save_field(begun, 1, "nom", "X", BRUNO), Taken)
    now += timedelta(seconds=1)
    drafts.save_field(begun, 1, "marie", "Oui", BRUNO)
    opened = drafts.read(begun)
    assert (opened.held_by, opened.held_since) == (BRUNO, now)
    assert opened.values == {"nom": "Lefèvre", "marie": "Oui"}
    # Who only read meanwhile does not overwrite; they are told.
    assert drafts.save_field(begun, 1, "nom", "Y", ANNE) == Taken(BRUNO, now, 2)


def test_a_whole_form_is_kept_but_for_what_cannot_be_and_what_others_changed(
    drafts, begun, either_database
) -> None:
    drafts.save_field(begun, 0, "nom", "Lefèvre", ANNE)
    drafts.take_over(begun, BRUNO)
    drafts.save_field(begun, 1, "naissance", "7/3/1948", BRUNO)
    drafts.take_over(begun, ANNE)
    sent = {"nom": "Lefebvre", "naissance": "8/3/1948", "marie": "Peut-être"}
    saved = drafts.save_form(begun, 1, sent, ANNE)
    refused = {"marie": ValueRefusal.NO_SUCH_CHOICE}
    assert saved == SavedForm(3, refused, ("naissance",))
    kept = {"nom": "Lefebvre", "naissance": "7/3/1948"}
    assert drafts.read(begun).values == kept
    # Sent anew by somebody who has seen it.
    assert drafts.save_form(begun, 3, {"naissance": ""}, ANNE).revision == 4
    assert drafts.read(begun).values["naissance"] == ""
    with pytest.raises(UnknownField):
        drafts.save_form(begun, 4, {"nowhere": "x"}, ANNE)
    assert isinstance(drafts.save_form(begun, 4, {"nom": "x"}, BRUNO), Taken)
    assert drafts.read(begun).values["nom"] == "Lefebvre"


def test_what_is_typed_without_a_pause_is_one_change_and_told_once(
    begun, archive, either_database
) -> None:
    now = utc_now()
    drafts = Drafts(either_database, archive.store.key, lambda: now)
    for length in range(1, 8):
        drafts.save_field(begun, length - 1, "nom", "Lefèvre"[:length], ANNE)
        now += timedelta(milliseconds=100)
    now += timedelta(minutes=1)
    drafts.save_field(begun, 7, "nom", "Lefebvre", ANNE)
    drafts.save_field(begun, 8, "naissance", "7/3/1948", ANNE)
    with either_database.read() as session:
        changes = [(each.field, each.revision) for each in history(session, begun)]
        kinds = session.scalars(select(LiveEvent.kind).where(LiveEvent.kind == "draft"))
        told = list(kinds)
    assert changes == [("nom", 7), ("nom", 8), ("naissance", 9)]
    # That it was begun, and three changes.
    assert told == [Kind.DRAFT] * 4


def test_a_second_page_of_one_person_is_told_of_and_what_it_replaces_is_given_back(
    begun, archive, either_database
) -> None:
    now = utc_now()
    drafts = Drafts(either_database, archive.store.key, lambda: now)
    drafts.save_field(begun, 0, "nom", "Lefèvre", ANNE, begins=True)
    now += timedelta(seconds=1)
    other = drafts.save_field(begun, 0, "nom", "Martin", ANNE, begins=True)
    assert other == Saved(2, ("nom",), "Lefèvre")
    assert "Lefèvre" not in repr(other)
    assert drafts.save_field(begun, 2, "nom", "Martine", ANNE) == Saved(3)
    with either_database.read() as session:
        changes = [(each.field, each.revision) for each in history(session, begun)]
        kinds = session.scalars(select(LiveEvent.kind).where(LiveEvent.kind == "draft"))
        assert list(kinds) == [Kind.DRAFT] * 3
    assert changes == [("nom", 3)]


def test_a_whole_form_of_an_old_page_overwrites_nothing_that_one_wrote_since(
    drafts, begun
) -> None:
    drafts.save_field(begun, 0, "nom", "Lefèvre", ANNE)
    saved = drafts.save_form(begun, 0, {"nom": "Le", "naissance": "1/2/1950"}, ANNE)
    assert saved.apart == ("nom",)
    kept = {"nom": "Lefèvre", "naissance": "1/2/1950"}
    assert drafts.read(begun).values == kept
