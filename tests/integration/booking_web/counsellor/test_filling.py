# SPDX-License-Identifier: AGPL-3.0-or-later
"""Drafts on the counsellor's pages: who may, what is refused and how, what a script is told."""

import secrets

import pytest
from sqlalchemy import func, select

from booking_web.base.clock import utc_now
from booking_web.domain.forms.drafts import Drafts
from booking_web.domain.forms.library import Library, Sent
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.forms import Draft
from provisioning.database.models import Organisation
from stage.html_forms import forms_of
from stage.kiosk_ground import archive_of, book_one, documents_settings, in_call
from stage.waiting import wait_for
from tests.factories.drafts import edition_of, resident_in
from tests.factories.forms_described import a_form, an_allowance
from tests.factories.forms_read import read_form
from tests.factories.pdf_forms import request_for_a_home

MSA = "conseiller@msa.example"
COLLEAGUE = "user:1"
SECRET = "Lefèvre-Œuvrard"


@pytest.fixture
def app(new_app, ground, tmp_path):
    return new_app(ground, **documents_settings(tmp_path))


@pytest.fixture
def archive(database, ground, tmp_path):
    return archive_of(database, ground.url, tmp_path)


@pytest.fixture
def library(database, archive):
    return Library(database, archive.store, utc_now)


@pytest.fixture
def drafts(database, archive):
    return Drafts(database, archive.store.key, utc_now)


@pytest.fixture
def sent(database):
    with database.read() as session:
        query = select(Organisation.id).where(Organisation.slug == "msa")
        organisation = session.scalars(query).one()
    return lambda: Sent(organisation, "user:1", secrets.token_hex(8))


@pytest.fixture
def form_id(library, sent):
    return library.take_in(sent(), "Demande", an_allowance())


@pytest.fixture
def appointment(database):
    return in_call(database)


@pytest.fixture
def draft(drafts, database, form_id, appointment):
    """Give a draft that nobody holds."""
    begun = drafts.begin(edition_of(database, form_id), appointment, COLLEAGUE)
    drafts.let_go(begun, COLLEAGUE)
    return begun


def token_of(person, address):
    return forms_of(person.client.get(address).text)[0].values["csrf_token"]


def send(person, appointment, path="", **values):
    """Send a form of the drafts of an appointment, with its token."""
    token = token_of(person, f"/rendez-vous/{appointment}")
    address = f"/rendez-vous/{appointment}/brouillons{path}"
    return person.client.post(address, data={"csrf_token": token} | values)


def said(person, answer):
    """Give the page that an answer leads to."""
    return person.client.get(answer.location).text


def test_a_button_pressed_twice_begins_one_draft(
    counsellor, database, form_id, appointment
):
    edition = str(edition_of(database, form_id))
    answers = [
        send(counsellor, appointment, edition=edition, submission="the page's own")
        for _ in range(2)
    ]
    assert answers[0].location == answers[1].location
    assert answers[0].location.endswith("/brouillons/1")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 1


@pytest.mark.parametrize(
    "person, is_there",
    [(MSA, True), ("mairie@wassigny.example", False), ("admin@guichet.example", False)],
)
def test_only_the_organisation_s_counsellors_see_forms(
    visitor, appointment, draft, person, is_there
):
    visitor.sign_in(person)
    page = visitor.client.get(f"/rendez-vous/{appointment}").text
    assert ("forms-title" in page) == is_there
    address = f"/rendez-vous/{appointment}/brouillons/{draft}"
    assert visitor.client.get(address).status_code == (200 if is_there else 403)


def test_what_cannot_be_begun_is_told_with_what_to_do(
    counsellor, library, sent, database, form_id, appointment
):
    edition = str(edition_of(database, form_id))
    library.withdraw(sent(), form_id)
    told = said(counsellor, send(counsellor, appointment, edition=edition))
    assert "vient d'être retiré" in told.replace("&#39;", "'")
    flat = library.take_in(sent(), "Plat", a_form())
    flat_edition = str(edition_of(database, flat))
    told = said(counsellor, send(counsellor, appointment, edition=flat_edition))
    assert "ne sont pas encore placés" in told
    told = said(counsellor, send(counsellor, appointment, edition="4711"))
    assert "pas dans la bibliothèque" in told
    assert send(counsellor, appointment, edition="x").status_code == 422


def test_a_draft_of_one_whom_nobody_knows_does_not_wait(
    counsellor, drafts, draft, database, appointment
):
    answer = send(counsellor, appointment, f"/{draft}/mettre-de-cote")
    told = said(counsellor, answer).replace("&#39;", "'")
    assert "n'a noté qu'un nom" in told
    assert drafts.read(draft).appointment_id == appointment


def test_a_draft_that_a_colleague_fills_in_is_neither_set_aside_nor_erased(
    counsellor, drafts, draft, database, appointment
):
    drafts.save_field(draft, 0, "nom", SECRET, COLLEAGUE)
    for act in ("mettre-de-cote", "effacer"):
        answer = send(counsellor, appointment, f"/{draft}/{act}")
        assert "remplit ce brouillon en ce moment" in said(counsellor, answer)
    page = counsellor.client.get(f"/rendez-vous/{appointment}").text
    assert "le remplit depuis" in page and SECRET not in page
    assert drafts.read(draft).values == {"nom": SECRET}


def test_a_draft_that_waits_goes_on_in_the_next_appointment_of_its_resident(
    counsellor, drafts, form_id, database, appointment
):
    resident = resident_in(database)
    later, others = book_one(database, "guise"), book_one(database, "marly-gomont")
    with database.write() as session:
        for each in (appointment, later):
            session.get_one(Appointment, each).resident_id = resident
    begun = drafts.begin(edition_of(database, form_id), appointment, COLLEAGUE)
    drafts.let_go(begun, COLLEAGUE)
    send(counsellor, appointment, f"/{begun}/mettre-de-cote")
    assert send(counsellor, others, f"/{begun}/continuer").location.endswith(
        f"/rendez-vous/{others}#forms-title"
    )
    answer = send(counsellor, later, f"/{begun}/continuer")
    assert answer.location.endswith(f"/rendez-vous/{later}/brouillons/{begun}")
    gone = counsellor.client.get(f"/rendez-vous/{appointment}/brouillons/{begun}")
    assert gone.status_code == 404 and "mis de côté" in gone.text


def test_a_script_is_told_what_was_kept_what_changed_and_what_is_refused(
    counsellor, drafts, library, sent, database, appointment
):
    form = read_form(request_for_a_home().saved())
    form_id = library.take_in(sent(), "Logement", form)
    begun = drafts.begin(edition_of(database, form_id), appointment, COLLEAGUE)
    drafts.save_field(begun, 0, "cp", "02120", COLLEAGUE)
    drafts.let_go(begun, COLLEAGUE)
    numbers = {each.key: at for at, each in enumerate(form.description.fields)}
    name = {"champ": str(numbers["nom"]), "revision": "0"}
    answer = send(counsellor, appointment, f"/{begun}/champ", valeur="x" * 200, **name)
    told = answer.json
    assert (answer.status_code, told["revision"]) == (200, 2)
    assert told["meanwhile"] == [{"field": numbers["cp"], "value": "02120"}]
    # An engine that starts just now draws it a moment later.
    address = (
        f"/rendez-vous/{appointment}/brouillons/{begun}/lieu?champ={name['champ']}"
    )
    told = wait_for(
        lambda: (seen := counsellor.client.get(address).json)["crop"] and seen, "a crop"
    )
    assert "plus long que sa case" in told["remarks"][0]
    assert told["crop"]["page"] == 1 and told["crop"]["png"]

    choice = {"champ": str(numbers["commune"]), "valeur": "Nulle part"}
    refused = send(counsellor, appointment, f"/{begun}/champ", **choice)
    assert refused.status_code == 422 and "un de la liste" in refused.json["refused"]
    assert (
        send(counsellor, appointment, f"/{begun}/champ", champ="99").status_code == 422
    )

    drafts.take_over(begun, COLLEAGUE)
    drafts.save_field(begun, 2, "txtPrenom", "Zoé", COLLEAGUE)
    taken = send(counsellor, appointment, f"/{begun}/champ", valeur="y", **name)
    assert taken.status_code == 409 and taken.json["isMine"] is False
    assert {"field": numbers["txtPrenom"], "value": "Zoé"} in taken.json["meanwhile"]
    assert drafts.read(begun).values["nom"] == "x" * 200


def test_residents_of_one_name_and_drafts_of_one_form_are_told_apart(
    counsellor, drafts, draft, form_id, database, appointment
):
    resident = resident_in(database)
    with database.write() as session:
        session.get_one(Appointment, appointment).resident_id = resident
    second = drafts.begin(edition_of(database, form_id), appointment, COLLEAGUE)
    drafts.let_go(second, COLLEAGUE)
    address = f"/rendez-vous/{appointment}/brouillons/{second}"
    page = counsellor.client.get(address).text
    assert f"né ou née le 07/03/1948 – Brouillon {second}" in page
    asked = counsellor.client.get(f"{address}/effacer").text
    assert f"– Brouillon {second}" in asked
    answer = send(counsellor, appointment, f"/{second}/effacer")
    assert "Le brouillon est effacé" in said(counsellor, answer)
    assert drafts.read(draft).values == {}


def test_an_old_page_without_scripts_overwrites_nothing_and_may_be_sent_all_the_same(
    counsellor, drafts, draft, appointment
):
    first = {"c0": "Lefèvre", "c1": "", "revision": "0"}
    assert send(counsellor, appointment, f"/{draft}", **first).status_code == 303
    # Sent by the page before, to which one went back.
    old = {"c0": "Le", "c1": "7/3/1948", "revision": "0"}
    answer = send(counsellor, appointment, f"/{draft}", **old)
    told = answer.text.replace("&#39;", "'")
    assert answer.status_code == 422
    assert "Ce champ a été changé entre-temps, par vous sur une autre page" in told
    assert drafts.read(draft).values == {"nom": "Lefèvre", "naissance": "7/3/1948"}
    again = next(each.values for each in forms_of(told) if "partiel" in each.values)
    assert again["c0"].strip() == "Le" and "c1" not in again
    again = {**again, "c0": "Le"}
    assert send(counsellor, appointment, f"/{draft}", **again).status_code == 303
    assert drafts.read(draft).values["nom"] == "Le"


def test_nothing_that_is_filled_in_stands_in_the_journal_or_the_history(
    counsellor, drafts, draft, database, appointment
):
    form = {"c0": SECRET, "c1": "7/3/1948", "c2": "Oui", "revision": "0"}
    assert send(counsellor, appointment, f"/{draft}", **form).status_code == 303
    assert drafts.read(draft).values == {
        "nom": SECRET,
        "naissance": "7/3/1948",
        "marie": "Oui",
    }
    with database.read() as session:
        entries = session.scalars(select(JournalEntry.detail)).all()
    assert all(SECRET not in each and "1948" not in each for each in entries)
    address = f"/rendez-vous/{appointment}/brouillons/{draft}/historique"
    page = counsellor.client.get(address).text
    assert "1 changement" in page and SECRET not in page
