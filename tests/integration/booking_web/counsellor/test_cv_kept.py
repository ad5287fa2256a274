# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long a CV lives: with the resident's agreement, without it, in whose appointment."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from booking_web.domain.documents.errors import ContentMissing
from booking_web.domain.retention.pruning import prune
from booking_web.tables.appointment import Appointment
from booking_web.tables.cv import Cv
from booking_web.tables.documents import Document
from stage.html_forms import forms_of
from stage.kiosk_ground import (
    S,
    acts_of,
    book_one,
    bring_to,
)
from tests.factories.cv_desk import (
    address,
    begin,
    form_of,
    press,
    send_key,
    token_of,
)
from tests.factories.rows import rows


def test_without_agreement_a_cv_is_erased_after_its_appointment(
    counsellor, database, begun
) -> None:
    press(counsellor, begun, title="Vendeuse")
    bring_to(database, begun, S.DONE)
    with database.write() as session:
        assert prune(session, 400, datetime.now(UTC)).cvs_erased == 0
        later = datetime.now(UTC) + timedelta(hours=3)
        assert prune(session, 400, later, dry_run=True).cvs_erased == 1
        assert prune(session, 400, later).cvs_erased == 1
    [cv] = rows(database, Cv)
    assert cv.sealed_content is None and cv.erased_at is not None
    assert "Commencer un CV" in counsellor.client.get(address(begun)).text


def test_with_agreement_it_is_resumed_in_the_next_appointment(
    counsellor, database, appointment, resident
) -> None:
    begin(counsellor, appointment)
    values = form_of(counsellor, appointment)
    counsellor.client.post(
        address(appointment), data=values | {"f.title": "Vendeuse", "agree": "1"}
    )
    bring_to(database, appointment, S.DONE)
    with database.write() as session:
        later = datetime.now(UTC) + timedelta(days=30)
        assert prune(session, 400, later).cvs_erased == 0
    following = book_one(database)
    with database.write() as session:
        session.get_one(Appointment, following).resident_id = resident
    page = counsellor.client.get(address(following)).text
    [resume] = [each for each in forms_of(page) if "cv" in each.values]
    counsellor.client.post(resume.action, data=resume.values)
    assert form_of(counsellor, following)["f.title"] == "Vendeuse"
    acts = [act for _, act, _ in acts_of(database, appointment)]
    assert "cv_keeping_agreed" in acts
    assert [act for _, act, _ in acts_of(database, following)][-1] == "cv_resumed"
    # A year later it is erased all the same.
    with database.write() as session:
        later = datetime.now(UTC) + timedelta(days=366)
        assert prune(session, 4000, later).cvs_erased == 1


def test_the_agreement_is_taken_back_and_needs_a_resident(
    counsellor, database, appointment, resident
) -> None:
    begin(counsellor, appointment)
    send_key(counsellor, appointment, "agree", "1")
    send_key(counsellor, appointment, "agree", "")
    acts = [act for _, act, _ in acts_of(database, appointment)]
    assert acts[-2:] == ["cv_keeping_agreed", "cv_keeping_withdrawn"]


def test_another_residents_appointment_finds_no_cv(
    counsellor, database, appointment, resident
) -> None:
    begin(counsellor, appointment)
    send_key(counsellor, appointment, "agree", "1")
    bring_to(database, appointment, S.DONE)
    stranger = book_one(database)
    page = counsellor.client.get(address(stranger)).text
    assert "Reprendre le CV" not in page
    [cv] = rows(database, Cv)
    token = token_of(counsellor, stranger)
    counsellor.client.post(
        address(stranger, "/continuer"), data={"csrf_token": token, "cv": cv.id}
    )
    [cv] = rows(database, Cv)
    assert cv.appointment_id == appointment


def test_content_that_was_put_into_another_cv_is_not_read(
    counsellor, database, begun
) -> None:
    with database.write() as session:
        [cv] = session.scalars(select(Cv))
        other = Cv(
            appointment_id=book_one_in(session, cv),
            organisation_id=cv.organisation_id,
            sealed_content=cv.sealed_content,
            changed_at=cv.changed_at,
            changed_by=cv.changed_by,
        )
        session.add(other)
        session.flush()
        appointment = other.appointment_id
    answer = counsellor.client.get(address(appointment))
    assert answer.status_code in (303, 503)
    assert issubclass(ContentMissing, Exception)


def book_one_in(session, cv):
    """Give another appointment's number."""
    query = select(Appointment.id).where(Appointment.id != cv.appointment_id)
    found = session.scalars(query).first()
    if found is not None:
        return found
    one = session.get_one(Appointment, cv.appointment_id)
    copy = Appointment(
        submission="another",
        kiosk_id=one.kiosk_id,
        counter_id=one.counter_id,
        organisation_id=one.organisation_id,
        resident_name="Mme Autre",
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        state="done",
        state_since=one.state_since,
        created_by_id=one.created_by_id,
        created_at=one.created_at,
    )
    session.add(copy)
    session.flush()
    return copy.id


def test_an_erased_cv_is_gone_and_its_documents_stay(
    counsellor, database, begun
) -> None:
    press(counsellor, begun, "print", title="Vendeuse")
    token = token_of(counsellor, begun)
    counsellor.client.post(address(begun, "/effacer"), data={"csrf_token": token})
    [cv] = rows(database, Cv)
    assert cv.sealed_content is None
    assert len(rows(database, Document)) == 1
    assert send_key(counsellor, begun, "title", "x").status_code == 404
