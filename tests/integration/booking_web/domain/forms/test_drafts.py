# SPDX-License-Identifier: AGPL-3.0-or-later
"""Drafts of forms on SQLite and PostgreSQL: kept field by field, for one resident."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from booking_web.base.clock import utc_now
from booking_web.base.local_time import local_day
from booking_web.domain.forms.asked import Known
from booking_web.domain.forms.description import FieldKind
from booking_web.domain.forms.draft_outcomes import Saved
from booking_web.domain.forms.draft_rows import history
from booking_web.domain.forms.errors import (
    DraftGone,
    NobodyToWaitFor,
    NothingToFillIn,
    UnknownField,
    UnknownForm,
    ValueRefusal,
    ValueRefused,
)
from booking_web.domain.forms.library_reading import read_edition
from booking_web.domain.forms.remarks import Remark, RemarkKind, remarks_on
from booking_web.tables.appointment import Appointment, JournalEntry, Resident
from booking_web.tables.forms import Draft
from tests.factories.drafts import (
    ANNE,
    BRUNO,
    SECRET,
    acts_on_drafts,
    appointment_of,
    edition_of,
    resident_in,
)
from tests.factories.forms_described import a_field, a_form


def test_a_new_draft_holds_what_the_booking_knows(
    library, drafts, sent, either_database
) -> None:
    fields = [a_field(each.value) for each in Known]
    comb = a_field("birth_date", max_length=8)
    fields[list(Known).index(Known.BIRTH_DATE)] = comb
    year = a_field("birth_year", kind=FieldKind.COMB, max_length=2)
    fields[list(Known).index(Known.BIRTH_YEAR)] = year
    lines = a_field("address", kind=FieldKind.MULTILINE)
    fields[list(Known).index(Known.ADDRESS)] = lines
    cells = a_field("postcode", kind=FieldKind.COMB, max_length=5)
    fields[list(Known).index(Known.POSTCODE)] = cells
    short = a_field("street", max_length=20)
    fields[list(Known).index(Known.STREET)] = short
    # Nobody types into it; what the booking knows stands in it all the same.
    reference = a_field("reference", is_read_only=True)
    fields[list(Known).index(Known.REFERENCE)] = reference
    form_id = library.take_in(sent(), "Demande", a_form(*fields))
    appointment = appointment_of(either_database, resident_in(either_database))
    edition_id = edition_of(either_database, form_id)
    with either_database.read() as session:
        edition = read_edition(session, edition_id)
    said = [replace(each, known=Known(each.key)) for each in edition.asked]
    library.ask(sent(), edition_id, said)
    opened = drafts.read(drafts.begin(edition_id, appointment, ANNE))
    with either_database.read() as session:
        relay = session.get_one(Appointment, appointment).kiosk.relay
        today = local_day(utc_now(), ZoneInfo(relay.time_zone))
        assert opened.values == {
            "name": "Mme Zoé Lefèvre",
            "family_name": "Lefèvre",
            "given_names": "Zoé",
            "birth_date": "07031948",
            "birth_day": "07",
            "birth_month": "03",
            "birth_year": "48",
            "address": "Bâtiment B\n12 rue des Lilas\n02120 Guise",
            "street": "Bâtiment B, 12 rue des Lilas",
            "postcode": "02120",
            "commune": "Guise",
            "country": "France",
            "telephone": "01 99 00 01 02",
            "email": "zoe@example.org",
            "relay": relay.name,
            "date": f"{today:%d/%m/%Y}",
            "day": f"{today:%d}",
            "month": f"{today:%m}",
            "year": f"{today:%Y}",
            "reference": str(appointment),
        }
    assert (opened.held_by, opened.revision) == (ANNE, 0)
    # What does not fit is there whole, and told before it is printed.
    assert remarks_on(short, opened.values["street"]) == (
        Remark(RemarkKind.TOO_LONG, "8"),
    )


def test_each_field_is_kept_and_its_change_without_its_content(
    drafts, begun, either_database
) -> None:
    with capture_logs() as logs:
        assert drafts.save_field(begun, 0, "nom", SECRET, ANNE) == Saved(1)
        assert drafts.save_field(begun, 1, "marie", "Oui", ANNE) == Saved(2)
        # Sent again because the answer was lost.
        assert drafts.save_field(begun, 2, "marie", "Oui", ANNE) == Saved(2)
        stale = drafts.save_field(begun, 0, "naissance", "1/2/1950", ANNE)
    assert stale == Saved(3, ("nom", "marie"))
    opened = drafts.read(begun)
    assert opened.values == {"nom": SECRET, "marie": "Oui", "naissance": "1/2/1950"}
    assert (opened.revision, opened.current_field) == (3, "naissance")
    assert SECRET not in repr(opened)
    with either_database.read() as session:
        changes = [(each.revision, each.field) for each in history(session, begun)]
        sealed = session.get_one(Draft, begun).sealed_values
        journal = session.scalars(select(JournalEntry.detail)).all()
    assert changes == [(1, "nom"), (2, "marie"), (3, "naissance")]
    assert b"Lef" not in sealed and SECRET.encode() not in sealed
    assert "Lef" not in f"{logs} {journal}"


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("numero", "1", ValueRefusal.NOT_FILLED_IN),
        ("signature", "x", ValueRefusal.NOT_FILLED_IN),
        ("marie", "peut-être", ValueRefusal.NO_SUCH_CHOICE),
        ("nom", "e" * 10_001, ValueRefusal.TOO_LONG),
        ("nom", "a\0b", ValueRefusal.NO_TEXT),
        ("nom", "\ud83d", ValueRefusal.NO_TEXT),
    ],
)
def test_a_value_that_cannot_be_kept_changes_nothing(
    drafts, begun, field, value, reason
) -> None:
    before = drafts.read(begun)
    with pytest.raises(ValueRefused) as refused:
        drafts.save_field(begun, 0, field, value, ANNE)
    assert (refused.value.reason, refused.value.field) == (reason, field)
    assert value not in str(refused.value) or len(value) == 1
    with pytest.raises(UnknownField):
        drafts.save_field(begun, 0, "inconnu", "x", ANNE)
    assert drafts.read(begun) == before


def test_a_draft_waits_for_the_next_appointment_of_its_resident(
    drafts, begun, form_id, either_database
) -> None:
    drafts.save_field(begun, 0, "nom", SECRET, ANNE)
    assert drafts.set_aside(begun, ANNE) is None
    with either_database.read() as session:
        [resident] = session.scalars(select(Resident.id))
    elsewhere = appointment_of(either_database, resident, relay="guise")
    other = appointment_of(
        either_database, resident_in(either_database), relay="marly-gomont"
    )
    assert drafts.waiting_for(elsewhere) == [begun]
    assert drafts.waiting_for(other) == []
    with pytest.raises(DraftGone):
        drafts.resume(begun, other, BRUNO)
    drafts.resume(begun, elsewhere, BRUNO)
    opened = drafts.read(begun)
    assert (opened.appointment_id, opened.held_by) == (elsewhere, BRUNO)
    assert opened.values == {"nom": SECRET}
    assert drafts.waiting_for(elsewhere) == []
    assert [act for act, _ in acts_on_drafts(either_database)] == [
        "draft_begun",
        "draft_set_aside",
        "draft_resumed",
    ]


def test_where_nobody_is_known_no_draft_can_wait(
    drafts, form_id, either_database
) -> None:
    appointment = appointment_of(either_database)
    draft = drafts.begin(edition_of(either_database, form_id), appointment, ANNE)
    with pytest.raises(NobodyToWaitFor):
        drafts.set_aside(draft, ANNE)
    assert drafts.read(draft).appointment_id == appointment


def test_what_cannot_be_begun_leaves_nothing(
    library, drafts, sent, form_id, either_database
) -> None:
    flat = library.take_in(sent(), "Plate", a_form())
    msa = appointment_of(either_database)
    other = appointment_of(
        either_database, relay="guise", organisation="mission-locale-thierache"
    )
    with pytest.raises(NothingToFillIn):
        drafts.begin(edition_of(either_database, flat), msa, ANNE)
    for edition, appointment in (
        (edition_of(either_database, form_id), other),
        (404, msa),
    ):
        with pytest.raises(UnknownForm):
            drafts.begin(edition, appointment, ANNE)
    with either_database.read() as session:
        assert session.scalars(select(Draft.id)).all() == []


def test_an_erased_draft_holds_nothing(drafts, begun, either_database) -> None:
    drafts.save_field(begun, 0, "nom", SECRET, ANNE)
    assert drafts.erase(begun, ANNE) is True
    assert drafts.erase(begun, ANNE) is False
    for act in (
        lambda: drafts.read(begun),
        lambda: drafts.save_field(begun, 1, "nom", "x", ANNE),
        lambda: drafts.take_over(begun, BRUNO),
    ):
        with pytest.raises(DraftGone):
            act()
    with either_database.read() as session:
        row = session.get_one(Draft, begun)
        assert (row.sealed_values, row.current_field, row.held_by) == (None, "", "")
        assert [each.field for each in history(session, begun)] == ["nom"]
    assert acts_on_drafts(either_database)[-1] == ("draft_erased", ANNE)
