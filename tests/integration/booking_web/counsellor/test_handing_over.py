# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page by which a call is handed over, and what each side sees of it afterwards."""

import html
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.dispatcher.call_id import parse_call
from booking_web.dispatcher.following.call_events import CallFact
from booking_web.dispatcher.following.facts import apply
from booking_web.dispatcher.handing_over.rows import (
    give_up,
    settle,
    take_handovers,
)
from booking_web.dispatcher.handing_over.standing import Seen, Standing
from booking_web.domain.appointments.conclusions import conclude
from booking_web.domain.appointments.handing_over.reading import (
    forget_handover_notes,
)
from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.appointment import Appointment, CounterSlot
from booking_web.tables.conclusions import Conclusion, Outcome
from booking_web.tables.documents import DeviceJob
from booking_web.tables.handovers import Handover, HandoverState
from booking_web.tables.states import AppointmentState as S
from provisioning.database.models import Counsellor, Counter, Organisation
from stage.html_forms import forms_of
from stage.kiosk_ground import acts_of, add_document, make_pdf
from tests.factories.handed_over import COLLEAGUE, VERVINS, have_call
from tests.factories.rows import rows
from tests.integration.booking_web.conftest import Desk

NOTE = "Il manque l'avis d'imposition."


def page_of(person, address, status=200):
    answer = person.client.get(address)
    assert answer.status_code == status, address
    return html.unescape(answer.text).replace("\u00a0", " ")


@pytest.fixture
def other(app, ground):
    """Give the counsellor of another organisation."""
    visitor = Desk(app.test_client(), ground.passwords)
    assert visitor.sign_in(VERVINS).status_code == 302
    return visitor


@pytest.fixture
def call(database, archive, appointment):
    """Have the first counsellor in this call, with two documents; a colleague is there."""
    for title in ("Avis d'imposition", "Livret de famille"):
        add_document(archive, appointment, make_pdf(1), title)
    have_call(database, appointment)
    return appointment


def hand_over(person, appointment, **values):
    address = f"/rendez-vous/{appointment}/passer"
    page = person.client.get(f"/rendez-vous/{appointment}").text
    token = next(
        each.values["csrf_token"]
        for each in forms_of(page)
        if "csrf_token" in each.values
    )
    return person.client.post(address, data={"csrf_token": token} | values)


def set_out(database) -> int:
    """Do what the dispatcher does before it tells Asterisk."""
    with database.write() as session:
        return len(take_handovers(session, datetime.now(UTC)))


def last(database) -> Handover:
    return rows(database, Handover)[-1]


def test_a_colleague_gets_the_call_with_a_note_and_two_presses_are_one(
    counsellor, database, call
) -> None:
    assert "Passer l'appel" in page_of(counsellor, f"/rendez-vous/{call}")
    page = page_of(counsellor, f"/rendez-vous/{call}/passer")
    assert "Mme Brun" in page and "Disponible" in page
    assert "Avis d'imposition" in page
    answer = hand_over(counsellor, call, to=f"collegue:{COLLEAGUE}", note=NOTE)
    assert answer.location == f"/rendez-vous/{call}"
    hand_over(counsellor, call, to=f"collegue:{COLLEAGUE}", note="Encore")
    assert len(rows(database, Handover)) == 1
    page = page_of(counsellor, f"/rendez-vous/{call}")
    assert "déjà en train d'être passé" in page
    assert "Vous passez l'appel à Mme Brun" in page
    assert set_out(database) == 1
    assert set_out(database) == 0
    page = page_of(counsellor, f"/rendez-vous/{call}")
    assert NOTE in page and "L'appel sonne chez Mme Brun" in page
    [found] = rows(database, Appointment)
    assert (found.state, found.state_reason) == (S.QUEUED, "handed_over")
    assert found.counsellor_id is None
    acts = [act for _, act, _ in acts_of(database, call)]
    assert acts.count("handover_requested") == acts.count("handed_over") == 1


def test_another_organisation_sees_what_was_ticked_and_the_first_what_it_noted(
    counsellor, other, database, call
) -> None:
    with database.write() as session:
        conclude(
            session,
            session.get_one(Appointment, call),
            Outcome.PAPERS_MISSING,
            "Réservé à la MSA",
            version=0,
            actor="user:1",
            now=datetime.now(UTC),
        )
    wanted = {"to": "organisme:sous-prefecture-vervins", "note": NOTE, "documents": "2"}
    # Nobody is told of a resident who was not asked.
    answer = hand_over(counsellor, call, **wanted)
    assert answer.status_code == 422
    assert "Demandez d'abord à l'usager" in html.unescape(answer.text)
    assert rows(database, Handover) == []
    page_of(other, f"/rendez-vous/{call}", 404)
    answer = hand_over(counsellor, call, **wanted, agrees="1")
    row = last(database)
    former = f"/rendez-vous/passes/{row.id}"
    assert answer.location == former
    # Still the first one's, until the kiosk is sent.
    page_of(other, f"/rendez-vous/{call}", 404)
    assert set_out(database) == 1
    page = page_of(other, f"/rendez-vous/{call}")
    assert NOTE in page and "(MSA)" in page
    assert "Livret de famille" in page
    assert "Avis d'imposition" not in page and "Réservé à la MSA" not in page
    kept = ("1.pdf", "1.png", "1/retirer", "1/montrer", "1/pages/1.png", "1/arranger")
    for address in kept:
        answer = other.client.get(f"/rendez-vous/{call}/documents/{address}")
        assert answer.status_code in (403, 404), address
    answer = other.client.get(f"/rendez-vous/{call}/documents/2.pdf")
    assert answer.status_code == 200
    with database.write() as session:
        appointment = session.get_one(Appointment, call)
        move(session, appointment, S.IN_CALL, actor="test", at=datetime.now(UTC))
    for number, done in ((1, False), (2, True)):
        token = next(
            each.values["csrf_token"]
            for each in forms_of(other.client.get(f"/rendez-vous/{call}").text)
            if "csrf_token" in each.values
        )
        other.client.post(
            f"/rendez-vous/{call}/imprimer",
            data={"csrf_token": token, "document": number, "copies": 1},
        )
        jobs = [each.document for each in rows(database, DeviceJob)]
        assert (number in jobs) is done
    # The first one: no more than that it was there, and its own words.
    page_of(counsellor, f"/rendez-vous/{call}", 404)
    page_of(counsellor, f"/rendez-vous/{call}/documents/1.pdf", 404)
    page = page_of(counsellor, former)
    assert "Réservé à la MSA" in page and NOTE in page
    assert "L'appel sonne chez Sous-préfecture de Vervins" in page
    assert former in page_of(counsellor, "/rendez-vous")
    page_of(other, former, 404)
    [found] = rows(database, Appointment)
    with database.read() as session:
        organisation = session.get_one(Organisation, found.organisation_id)
        counter = session.get_one(Counter, found.counter_id)
        held = session.scalars(
            select(CounterSlot.counter_id).where(CounterSlot.appointment_id == call)
        ).all()
    assert organisation.slug == "sous-prefecture-vervins"
    assert counter.organisation_id == organisation.id
    assert set(held) == {counter.id}
    assert rows(database, Conclusion) == []


def test_the_first_organisation_notes_its_own_part_afterwards(
    counsellor, other, database, call
) -> None:
    hand_over(counsellor, call, to="organisme:sous-prefecture-vervins", agrees="1")
    set_out(database)
    address = f"/rendez-vous/passes/{last(database).id}"
    token = next(
        each.values["csrf_token"]
        for each in forms_of(counsellor.client.get(address).text)
        if "csrf_token" in each.values
    )
    words = "Orientée pour sa carte grise"
    answer = counsellor.client.post(
        address, data={"csrf_token": token, "outcome": "redirected", "note": words}
    )
    assert answer.location == address
    assert words in page_of(counsellor, address)
    assert words not in page_of(other, f"/rendez-vous/{call}")


def test_both_notes_are_forgotten_with_the_name(counsellor, database, call) -> None:
    hand_over(
        counsellor,
        call,
        to="organisme:sous-prefecture-vervins",
        note=NOTE,
        agrees="1",
    )
    set_out(database)
    nameless = select(Appointment.id).where(Appointment.resident_name == "")
    with database.write() as session:
        row = session.get_one(Handover, last(database).id)
        row.outcome_note = "Une note"
        found = session.get_one(Appointment, call)
        found.starts_at -= timedelta(days=400)
        found.ends_at -= timedelta(days=400)
    with database.write() as session:
        forget_handover_notes(session, nameless)
    assert (last(database).note, last(database).outcome_note) == (NOTE, "Une note")
    with database.write() as session:
        session.get_one(Appointment, call).resident_name = ""
        session.flush()
        forget_handover_notes(session, nameless)
    assert (last(database).note, last(database).outcome_note) == ("", "")


def test_what_asterisk_refuses_leaves_all_as_it_was(
    counsellor, other, database, call
) -> None:
    before = rows(database, Appointment)[0]
    hand_over(counsellor, call, to="organisme:sous-prefecture-vervins", agrees="1")
    set_out(database)
    with database.write() as session:
        give_up(session, last(database).id, datetime.now(UTC))
    [found] = rows(database, Appointment)
    assert (found.state, found.organisation_id) == (S.IN_CALL, before.organisation_id)
    assert (found.counsellor_id, found.counter_id) == (
        before.counsellor_id,
        before.counter_id,
    )
    assert last(database).state == HandoverState.UNDONE
    page = page_of(counsellor, f"/rendez-vous/{call}")
    assert "n'a pas pu être passé" in page and "Avis d'imposition" in page
    page_of(other, f"/rendez-vous/{call}", 404)


def test_a_look_from_before_makes_nobody_the_one_whom_the_resident_left(
    counsellor, database, call
) -> None:
    """The list of channels was read as the kiosk was sent, and told once it was."""
    with database.read() as session:
        own = session.get_one(Appointment, call).counsellor.slug
    hand_over(counsellor, call, to=f"collegue:{COLLEAGUE}")
    set_out(database)
    name = parse_call(rows(database, Appointment)[0].call)
    for fact in (
        CallFact(name, S.IN_CALL, counsellor=own),
        CallFact(name, S.INTERRUPTED, "resident_left"),
    ):
        with database.write() as session:
            apply(session, [(fact, datetime.now(UTC))])
    over = {last(database).id: Seen(Standing.OVER)}
    with database.write() as session:
        settle(session, over, datetime.now(UTC))
    [found] = rows(database, Appointment)
    assert (found.state, found.counsellor_id) == (S.INTERRUPTED, None)
    assert last(database).state == HandoverState.NOBODY


def test_only_who_has_the_call_hands_it_over(counsellor, other, database, call) -> None:
    page_of(other, f"/rendez-vous/{call}/passer", 404)
    with database.write() as session:
        found = session.get_one(Appointment, call)
        its = Counsellor.slug == COLLEAGUE
        found.counsellor_id = session.scalars(select(Counsellor.id).where(its)).one()
    assert "passer-appel" not in page_of(counsellor, f"/rendez-vous/{call}")
    hand_over(counsellor, call, to=f"collegue:{COLLEAGUE}")
    assert rows(database, Handover) == []
    assert "Vous n'avez plus cet appel" in page_of(counsellor, f"/rendez-vous/{call}")


@pytest.mark.parametrize(
    "to",
    [
        "",
        "collegue:",
        "collegue:counsellor-msa-1",
        "collegue:counsellor-sous-prefecture-vervins-1",
        "organisme:msa",
        "organisme:nulle-part",
        "autre:msa",
    ],
)
def test_to_whom_it_cannot_go_it_does_not(counsellor, database, call, to) -> None:
    hand_over(counsellor, call, to=to, agrees="1")
    assert rows(database, Handover) == []
