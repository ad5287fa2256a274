# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's day around the call: who comes, missed calls, the end, and who has the call."""

import html
import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from booking_web.domain.appointments.conclusions import conclude
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.conclusions import Outcome
from booking_web.tables.documents import CodeToPlay, Document
from booking_web.tables.hours import Opening
from booking_web.tables.states import AppointmentState as S
from provisioning.database.models import Counsellor, Organisation, User, VisitReason
from stage.html_forms import forms_of
from stage.kiosk_ground import acts_of, add_document, bring_to, make_pdf
from tests.factories.rows import rows
from tests.integration.booking_web.conftest import Desk

MSA = "conseiller@msa.example"
VERVINS = "conseiller@sous-prefecture-vervins.example"


def page_of(person, address):
    answer = person.client.get(address)
    assert answer.status_code == 200, address
    return html.unescape(answer.text).replace("\u00a0", " ")


def token_on(person, address):
    page = person.client.get(address).text
    return next(
        each.values["csrf_token"]
        for each in forms_of(page)
        if "csrf_token" in each.values
    )


def press(person, appointment, act, **values):
    token = token_on(person, f"/rendez-vous/{appointment}")
    return person.client.post(
        f"/rendez-vous/{appointment}/{act}", data={"csrf_token": token} | values
    )


def part_of(page, name):
    """Give what a page shows in the part with this id, up to the next part."""
    after = page[page.index(f'<div id="{name}"') + 1 :]
    return after[: after.index("data-seen=", 60)]


@pytest.fixture
def visitors(app, ground):
    """Give a function that makes somebody else who has not signed in."""
    return lambda: Desk(app.test_client(), ground.passwords)


@pytest.fixture
def missed(database, appointment):
    """Give an appointment whose call broke yesterday."""
    with database.write() as session:
        found = session.get_one(Appointment, appointment)
        for column in ("starts_at", "ends_at"):
            setattr(found, column, getattr(found, column) - timedelta(days=1))
    bring_to(database, appointment, S.INTERRUPTED)
    return appointment


def test_a_missed_call_of_yesterday_is_on_top_of_today_until_somebody_deals_with_it(
    counsellor, database, missed
) -> None:
    page = page_of(counsellor, "/rendez-vous")
    assert "Appels manqués" in page
    assert f'id="manque-{missed}"' in page
    # Another day is looked at for its own sake.
    assert "Appels manqués" not in page_of(counsellor, "/rendez-vous?jour=2026-01-05")
    answer = press(counsellor, missed, "rien-a-faire")
    assert answer.location == "/rendez-vous"
    page = page_of(counsellor, "/rendez-vous")
    assert "Appels manqués" not in page
    assert "rien à faire pour cet appel manqué" in page
    acts = [act for _, act, _ in acts_of(database, missed)]
    assert "missed_call_settled" in acts


def test_a_broken_call_after_which_all_was_said_is_closed_and_its_outcome_asked(
    counsellor, database, missed
) -> None:
    answer = press(counsellor, missed, "terminer")
    assert answer.location == f"/rendez-vous/{missed}/fin"
    [found] = rows(database, Appointment)
    assert found.state == S.DONE
    assert "Appels manqués" not in page_of(counsellor, "/rendez-vous")


def test_the_kiosk_is_called_again_and_what_speaks_against_it_is_said(
    counsellor, database, missed
) -> None:
    # Also from the appointment's own page, which is before whoever was cut off.
    assert f'href="/rendez-vous/{missed}/appeler"' in page_of(
        counsellor, f"/rendez-vous/{missed}"
    )
    answer = press(counsellor, missed, "appeler")
    assert answer.location == f"/rendez-vous/{missed}"
    page = page_of(counsellor, answer.location)
    assert "L'appel est demandé" in page and "Appel demandé" in page
    [found] = rows(database, Appointment)
    assert (found.state, found.call_requested_at is not None) == (S.ARRIVED, True)
    bring_to(database, missed, S.CALLING, S.QUEUED, S.IN_CALL, S.DONE)
    assert "/appeler" not in page_of(counsellor, f"/rendez-vous/{missed}")
    press(counsellor, missed, "appeler")
    page = page_of(counsellor, f"/rendez-vous/{missed}")
    assert "il est maintenant « Terminé »" in page
    assert rows(database, Appointment)[0].state == S.DONE


@pytest.fixture
def known(database, archive, appointment, resident):
    """Have the resident known, with papers to bring of which one is here, and two pasts."""
    now = datetime.now(UTC)
    with database.write() as session:
        present = session.get_one(Appointment, appointment)
        session.get_one(Resident, resident).birth_date = date(1958, 3, 3)
        present.visit_reason = session.scalars(
            select(VisitReason).where(VisitReason.name == "Dossier de retraite")
        ).one()
        body = session.scalars(
            select(Organisation).where(Organisation.slug == "sous-prefecture-vervins")
        ).one()
        for number, organisation_id in enumerate((present.organisation_id, body.id)):
            past = Appointment(
                submission=f"past {number}",
                kiosk_id=present.kiosk_id,
                counter_id=present.counter_id,
                organisation_id=organisation_id,
                resident_id=resident,
                resident_name="Amélie Œuvrard",
                reason=f"motif {number}",
                starts_at=now - timedelta(days=30),
                ends_at=now - timedelta(days=30) + timedelta(minutes=30),
                state=S.DONE,
                state_since=now - timedelta(days=30),
                created_by_id=1,
                created_at=now,
            )
            session.add(past)
            session.flush()
            conclude(
                session,
                past,
                Outcome.PAPERS_MISSING,
                f"Note de {number}",
                version=0,
                actor="user:1",
                now=now,
            )
    document = add_document(archive, appointment, make_pdf(), "Carte")
    with database.write() as session:
        session.execute(
            update(Document)
            .where(Document.id == document.id)
            .values(kind="identity_front")
        )
    return appointment


def test_the_counsellor_sees_who_comes_before_picking_up(
    counsellor, visitors, database, known
) -> None:
    who = part_of(page_of(counsellor, f"/rendez-vous/{known}"), "who")
    assert "né(e) le 3 mars 1958" in who
    assert "arrivé :" in who and f'href="#document-{1}"' in who
    assert "pas encore reçu" in who
    assert "Il manque des papiers" in who and "Note de 0" in who
    # Another organisation's past is not this one's.
    assert "Note de 1" not in who
    secretary = visitors()
    secretary.sign_in("mairie@wassigny.example")
    page = page_of(secretary, f"/rendez-vous/{known}")
    assert "Note de 0" not in page and "Qui vient" not in page


def test_of_another_organisation_nothing_is_to_be_had(
    visitors, database, missed, archive
) -> None:
    add_document(archive, missed, make_pdf(), "Pièce")
    stranger = visitors()
    stranger.sign_in(VERVINS)
    page = page_of(stranger, "/rendez-vous")
    assert "Appels manqués" not in page
    token = token_on(stranger, "/rendez-vous")
    for address in ("appeler", "fin", "suite", "documents.zip"):
        answer = stranger.client.get(f"/rendez-vous/{missed}/{address}")
        assert answer.status_code == 404, address
    for address in ("appeler", "fin", "suite", "terminer", "rien-a-faire"):
        answer = stranger.client.post(
            f"/rendez-vous/{missed}/{address}", data={"csrf_token": token}
        )
        assert answer.status_code == 404, address
    assert rows(database, Appointment)[0].state == S.INTERRUPTED


def end(person, appointment, **values):
    address = f"/rendez-vous/{appointment}/fin"
    page = person.client.get(address).text
    [form] = [each for each in forms_of(page) if "version" in each.values]
    sent = {key: form.values[key] for key in ("csrf_token", "version")}
    return lambda **more: person.client.post(address, data=sent | values | more)


def test_outcome_and_note_are_kept_and_a_colleagues_is_not_written_over(
    counsellor, database, appointment
) -> None:
    first = end(counsellor, appointment, outcome="resolved", note="Vu\r\ntous deux")
    second = end(counsellor, appointment, outcome="other", note="Autre avis")
    assert first(outcome="").status_code == 422
    assert first(note="n" * 1001).status_code == 422
    assert first().location == f"/rendez-vous/{appointment}#ending"
    answer = second()
    page = html.unescape(answer.text)
    assert answer.status_code == 409
    assert "a noté l'issue avant vous" in page
    assert "Vu\ntous deux" in page and "Autre avis" in page
    # Who read it writes it all the same.
    [form] = [each for each in forms_of(answer.text) if "version" in each.values]
    assert second(version=form.values["version"]).status_code == 303
    console = page_of(counsellor, f"/rendez-vous/{appointment}")
    assert "Autre issue" in console and "Autre avis" in console
    assert "Note" not in str(acts_of(database, appointment))


def test_the_next_appointment_is_two_clicks_away(
    counsellor, visitors, database, appointment
) -> None:
    with database.write() as session:
        counter_id = session.get_one(Appointment, appointment).counter_id
        session.add(
            Opening(
                counter_id=counter_id,
                first_day=date(2026, 1, 1),
                weekdays=0b1111111,
                opens_minute=9 * 60,
                closes_minute=12 * 60,
            )
        )
    address = f"/rendez-vous/{appointment}/suite"
    page = counsellor.client.get(address).text
    places = [each.split('"')[0] for each in page.split('name="place" value="')[1:]]
    assert len(places) >= 2
    sent = {"csrf_token": token_on(counsellor, address), "place": places[0]}
    answer = counsellor.client.post(address, data=sent)
    assert answer.location == f"/rendez-vous/{appointment}#ending"
    # The second click on it, and another tab that asks for another hour.
    assert counsellor.client.post(address, data=sent).status_code == 303
    answer = counsellor.client.post(address, data=sent | {"place": places[1]})
    assert answer.status_code == 409
    assert "déjà pris" in html.unescape(answer.text)
    assert (
        counsellor.client.post(address, data=sent | {"place": "x"}).status_code == 422
    )
    [_, following] = rows(database, Appointment)
    assert (following.state, following.resident_name) == (S.BOOKED, "M. Dupont")
    console = page_of(counsellor, f"/rendez-vous/{appointment}")
    assert f'href="/rendez-vous/{following.id}"' in console
    secretary = visitors()
    secretary.sign_in("mairie@wassigny.example")
    day = following.starts_at.date().isoformat()
    assert "M. Dupont" in page_of(secretary, f"/bureau?jour={day}")


def test_all_documents_are_one_file_that_tells_nothing_by_its_name(
    counsellor, database, archive, appointment
) -> None:
    address = f"/rendez-vous/{appointment}/documents.zip"
    answer = counsellor.client.get(address)
    # Nothing is given where there is nothing.
    assert answer.location == f"/rendez-vous/{appointment}#documents"
    pdf = make_pdf(2)
    for title in ("Pièce de M. Dupont", "Notice"):
        add_document(archive, appointment, pdf, title)
    removed = add_document(archive, appointment, make_pdf(3), "Retirée")
    archive.remove(removed.id, "wrong_person", "user:1")
    answer = counsellor.client.get(address)
    assert answer.status_code == 200 and answer.mimetype == "application/zip"
    name = f'attachment; filename="rendez-vous-{appointment}-documents.zip"'
    assert answer.headers["Content-Disposition"] == name
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archived:
        assert archived.testzip() is None
        told = json.loads(archived.read("documents.json"))
        names = [each["file"] for each in told["documents"]]
        assert names == ["document-001.pdf", "document-002.pdf"]
        assert told["documents"][0]["title"] == "Pièce de M. Dupont"
        for each in told["documents"]:
            content = archived.read(each["file"])
            assert content.startswith(b"%PDF") and len(content) == each["bytes"]
    [act] = [
        each for each in acts_of(database, appointment) if "documents_taken" in each
    ]
    assert "2 documents" in act


def test_the_second_desk_sees_who_has_the_call_and_leaves_the_devices_alone(
    counsellor, database, archive, appointment
) -> None:
    add_document(archive, appointment, make_pdf(), "Notice")
    with database.write() as session:
        found = session.get_one(Appointment, appointment)
        first, second = (
            Counsellor(slug=slug, name=name, organisation_id=found.organisation_id)
            for slug, name in (("msa-8", "Mme Leroy"), ("msa-9", "M. Petit"))
        )
        session.add_all([first, second])
        session.flush()
        found.counsellor_id, colleague = first.id, first.name
        account = session.scalars(select(User).where(User.email == MSA)).one()
        account.counsellor_id = second.id
        own = second.id
    page = page_of(counsellor, f"/rendez-vous/{appointment}")
    assert f"{colleague} est en communication avec l'usager." in page
    # The document is there to be looked at; it is not printed.
    assert "Notice" in page
    pdf = counsellor.client.get(f"/rendez-vous/{appointment}/documents/1.pdf")
    assert pdf.status_code == 200
    pdf.close()
    order = {"document": "1", "copies": "1", "colour": "gray"}
    press(counsellor, appointment, "imprimer", **order)
    page = page_of(counsellor, f"/rendez-vous/{appointment}")
    assert f"{colleague} est en communication : les appareils" in page
    assert rows(database, CodeToPlay) == []
    # Once the call is their own, the devices are.
    with database.write() as session:
        session.get_one(Appointment, appointment).counsellor_id = own
    press(counsellor, appointment, "imprimer", **order)
    assert [each.code for each in rows(database, CodeToPlay)] == ["*71#"]
