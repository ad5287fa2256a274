# SPDX-License-Identifier: AGPL-3.0-or-later
"""The administrator's pages: nobody needs a shell to add a secretary, a relay or a kiosk."""

import re
import threading
import tomllib
from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.datastructures import MultiDict

from booking_web.domain.appointments.booking import book
from provisioning.database.engine import Database
from provisioning.database.models import (
    Counter,
    Kiosk,
    Organisation,
    Relay,
    User,
    VisitReason,
)
from provisioning.database.realtime import PjsipAuth
from provisioning.directory.credentials import (
    SipSecret,
    hash_password,
    sip_password_digest,
)
from provisioning.directory.digests import digest_of
from provisioning.directory.screen_enrolment import enrol_screen
from stage.administrator_desk import (
    HOME,
    AdministratorDesk,
    acts,
    read,
    secrets_of,
)
from stage.html_forms import forms_of
from tests.factories.orders import an_order

ADMINISTRATOR = "admin@guichet.example"
SECRETARY = "mairie@wassigny.example"
PEOPLE, RELAYS, KIOSKS = f"{HOME}/personnes", f"{HOME}/relais", f"{HOME}/bornes"
PHONES, REASONS = f"{HOME}/telephones", f"{HOME}/motifs"


@pytest.fixture
def office(app, ground) -> AdministratorDesk:
    """Give the administrator at the pages."""
    return AdministratorDesk(app, ground.passwords, ADMINISTRATOR)


def book_at_guise(database: Database) -> None:
    """Book half an hour at the kiosk of Guise, tomorrow."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    request = an_order(
        token="form",
        relay="guise",
        resident_name="Mme Legrand",
        starts_at=hour + timedelta(days=1),
    )
    with database.write() as session:
        book(session, request, datetime.now(UTC))


def test_the_administrator_lands_on_what_is_missing(visitor, office, database) -> None:
    visitor.sign_in(ADMINISTRATOR)
    assert visitor.client.get("/").location == HOME
    office.send(f"{RELAYS}/ajouter", name="Relais d'Hirson", commune="Hirson")
    page = office.page(HOME)
    assert "Sans borne : 1" in page
    assert "Sans secrétaire : 1" in page
    assert "Jamais en ligne : 3" in page


@pytest.mark.parametrize(
    "email", [SECRETARY, "conseiller@msa.example", "responsable@msa.example"]
)
def test_every_other_role_is_refused_on_every_route(
    app, ground, database, email
) -> None:
    stranger = AdministratorDesk(app, ground.passwords, email)
    token = forms_of(stranger.client.get("/", follow_redirects=True).text)[0].values
    refused = 0
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("administrator."):
            continue
        for method in sorted(rule.methods & {"GET", "POST"}):
            address = rule.rule.replace("<ref>", "guise")
            data = {"csrf_token": token["csrf_token"], "submission": "x" * 32}
            answer = stranger.client.open(address, method=method, data=data)
            if (method, address) == ("GET", HOME):
                # Who opens another role's first page is led to their own.
                assert answer.status_code == 303
                assert not answer.location.startswith(HOME)
                continue
            assert answer.status_code in (403, 404), (method, address)
            refused += 1
    assert refused > 40
    assert acts(database) == []


def test_nobody_gets_in_unsigned(visitor) -> None:
    answer = visitor.client.get(f"{PEOPLE}?page=2")
    assert answer.status_code == 303
    assert answer.location.startswith("/connexion?next=")


def test_a_relay_is_added_by_its_name_alone_and_written_down(office, database) -> None:
    answer = office.send(
        f"{RELAYS}/ajouter",
        name="Relais d'Hirson",
        commune="Hirson",
        telephone="03 23 58 00 00",
        latitude="49,92",
        longitude="4,08",
    )
    assert "Le relais est inscrit." in read(answer)
    with database.read() as session:
        relay = session.scalars(select(Relay).where(Relay.slug == "hirson")).one()
        assert (relay.telephone, relay.latitude) == ("+33323580000", 49.92)
    assert acts(database) == [("added", "relay", "hirson")]
    page = office.page(f"{RELAYS}/hirson")
    assert "Relais de Guise</a>, 32 km" in page
    assert "inscrit, par" in page


@pytest.mark.parametrize("pages", [RELAYS, f"{HOME}/organismes"])
def test_the_hour_of_the_site_s_relays_is_proposed_for_what_is_new(
    office, database, pages
) -> None:
    assert office.form(f"{pages}/ajouter").values["time_zone"] == "Europe/Paris"
    with database.write() as session:
        session.execute(update(Relay).values(time_zone="Indian/Mauritius"))
    assert office.form(f"{pages}/ajouter").values["time_zone"] == "Indian/Mauritius"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": ""}, "Écrivez un nom"),
        ({"commune": " "}, "Écrivez le nom de la commune."),
        ({"telephone": "12"}, "Ce numéro n'existe pas."),
        ({"latitude": "beaucoup", "longitude": "3"}, "Écrivez un nombre entre -90"),
        ({"latitude": "49,9"}, "ou aucune des deux"),
        ({"latitude": "nan", "longitude": "3"}, "Écrivez un nombre entre -90"),
        ({"time_zone": "Moon"}, "Choisissez dans la liste."),
        ({"room": "x" * 121}, "120 caractères"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    office, database, values, said
) -> None:
    typed = {"name": "Relais d'Hirson", "commune": "Hirson"}
    form = office.form(f"{RELAYS}/ajouter")
    form.values |= {"address": "4 rue de la Gare"}
    answer = office.post(f"{RELAYS}/ajouter", form.values | typed | values)
    assert answer.status_code == 422
    assert said in read(answer)
    assert 'value="4 rue de la Gare"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert acts(database) == []


def test_a_form_that_comes_twice_at_once_adds_one(
    office, ground, app, database
) -> None:
    form = office.form(f"{KIOSKS}/ajouter")
    values = form.values | {"relay": "guise"}
    cookies = office.client.get_cookie("guichet")
    answers: list[int] = []

    def send() -> None:
        client = app.test_client()
        client.set_cookie("guichet", cookies.value)
        answers.append(client.post(f"{KIOSKS}/ajouter", data=values).status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 303, 303, 303]
    with database.read() as session:
        slugs = set(session.scalars(select(Kiosk.slug)))
    assert {slug for slug in slugs if "guise" in slug} == {
        "kiosk-guise",
        "kiosk-guise-2",
    }
    again = office.post(f"{KIOSKS}/ajouter", values)
    assert "Rien n'a été fait deux fois." in read(again)


def test_a_new_kiosks_file_is_shown_once_and_opens_what_it_says(
    new_app, ground, database
) -> None:
    app = new_app(ground, sip_server="asterisk.example")
    office = AdministratorDesk(app, ground.passwords, ADMINISTRATOR)
    answer = office.send(f"{KIOSKS}/ajouter", relay="guise")
    shown = secrets_of(answer.text)
    address = re.search(r'href="(data:[^"]+)" download="([^"]+)"', answer.text)
    assert address is not None and address[2] == "kiosk-guise-2.toml"
    bundle = tomllib.loads(b64decode(address[1].partition(",")[2]).decode())
    assert bundle["sip"]["server"] == "asterisk.example"
    assert bundle["sip"]["secret"] == shown["Mot de passe"]
    secret = SipSecret("kiosk-guise-2", bundle["sip"]["secret"])
    with database.read() as session:
        auth = session.get_one(PjsipAuth, "kiosk-guise-2")
        assert auth.password_digest == sip_password_digest(secret, with_md5=False)
        kiosk = session.scalars(
            select(Kiosk).where(Kiosk.slug == "kiosk-guise-2")
        ).one()
        assert kiosk.token_digest == digest_of(bundle["kiosk"]["token"])
    later = office.page(f"{KIOSKS}/kiosk-guise-2")
    assert shown["Mot de passe"] not in later


def test_a_second_screen_is_let_in_by_a_code_of_the_page(office, app, database) -> None:
    address = f"{KIOSKS}/kiosk-guise"
    assert "Pas encore rattaché." in office.page(address)
    answer = office.press(address, "/ecran")
    code = secrets_of(answer.text)["Code du second écran"]
    with database.write() as session:
        assert enrol_screen(session, code, datetime.now(UTC)) is not None
        assert enrol_screen(session, code, datetime.now(UTC)) is None
    assert "Rattaché depuis le" in office.page(address)
    assert acts(database) == [("screen_code_made", "kiosk", "kiosk-guise")]


def test_moving_a_kiosk_asks_with_the_appointments_that_follow_it(
    office, database
) -> None:
    book_at_guise(database)
    address = f"{KIOSKS}/kiosk-guise"
    asked = office.send(address, relay="wassigny")
    assert "1 rendez-vous à venir est pris sur cette borne" in read(asked)
    assert acts(database) == []
    assert "La borne est changée." in read(office.agree(asked))
    with database.read() as session:
        kiosk = session.scalars(select(Kiosk).where(Kiosk.slug == "kiosk-guise")).one()
        assert kiosk.relay.slug == "wassigny"


def test_who_changes_nothing_after_a_question_finds_what_they_typed(office) -> None:
    address = f"{KIOSKS}/kiosk-guise"
    asked = office.send(address, relay="wassigny")
    [form] = [each for each in forms_of(asked.text) if "confirme" in each.values]
    back = office.post(form.action or address, form.values | {"revenir": "1"})
    assert '<option value="wassigny" selected>' in back.text


def test_what_the_history_names_is_kept_and_said_so(office, database) -> None:
    book_at_guise(database)
    refused = read(office.press(f"{KIOSKS}/kiosk-guise", "/retirer"))
    assert "Des rendez-vous passés ou à venir y renvoient" in refused
    refused = read(office.press(f"{RELAYS}/wassigny", "/retirer"))
    assert "kiosk-wassigny" in refused and "mairie@wassigny.example" in refused
    assert acts(database) == []
    done = read(office.press(f"{KIOSKS}/kiosk-marly-gomont", "/retirer"))
    assert "La borne est retirée." in done
    assert acts(database) == [("removed", "kiosk", "kiosk-marly-gomont")]


@pytest.mark.parametrize(("act", "is_shown"), [("/secret", True), ("/couper", False)])
def test_a_secret_is_replaced_and_shown_once_or_to_nobody(
    office, database, act, is_shown
) -> None:
    with database.read() as session:
        before = session.get_one(PjsipAuth, "counsellor-msa-1").password_digest
    answer = office.press(f"{PHONES}/counsellor-msa-1", act)
    with database.read() as session:
        auth = session.get_one(PjsipAuth, "counsellor-msa-1")
    assert auth.password_digest != before
    shown = secrets_of(answer.text).get("Mot de passe", "")
    assert bool(shown) is is_shown
    if is_shown:
        secret = SipSecret("counsellor-msa-1", shown)
        digests = {
            sip_password_digest(secret, with_md5=False),
            sip_password_digest(secret, with_md5=True),
        }
        assert auth.password_digest in digests


def test_an_organisation_comes_with_a_counter_and_its_reasons_with_papers(
    office, database
) -> None:
    office.send(
        f"{HOME}/organismes/ajouter", name="Caisse d'allocations", short_name="CAF"
    )
    office.send(f"{HOME}/guichets/ajouter?organisme=caf", name="Guichet 2")
    page = office.client.get(f"{REASONS}/ajouter?organisme=caf")
    [form] = [each for each in forms_of(page.text) if "position" in each.values]
    sent = list((form.values | {"name": "Aide au logement", "minutes": "25"}).items())
    sent = [pair for pair in sent if pair[0] != "papers"]
    for paper in ("Pièce d'identité", "person-vcard", "", "", "Bail", ""):
        sent.append(("papers", paper))
    answer = office.post(f"{REASONS}/ajouter", MultiDict(sent))
    assert "Le motif est inscrit." in read(answer)
    with database.read() as session:
        counters = session.scalars(
            select(Counter.slug).where(Counter.slug.startswith("caf"))
        )
        assert set(counters) == {"caf-1", "caf-2"}
        reason = session.scalars(
            select(VisitReason).where(VisitReason.name == "Aide au logement")
        ).one()
    assert reason.slug == "caf-aide-au-logement"
    assert reason.minutes == 25
    assert reason.papers == [
        {"name": "Pièce d'identité", "pictogram": "person-vcard"},
        {"name": "Bail", "pictogram": ""},
    ]


def test_a_paper_is_renamed_in_every_reason_at_once(office, database) -> None:
    old, new = (
        "Justificatif de domicile de moins de 6 mois",
        "Facture de moins de 3 mois",
    )
    page = office.page(f"{HOME}/papiers")
    assert old in page
    address = f"{HOME}/papiers/changer?nom={old}&dessin=house-door"
    assert "Carte grise" in office.page(address)
    said = read(office.send(address, name=new))
    assert "Le papier est changé dans tous ses motifs." in said
    with database.read() as session:
        papers = [
            paper["name"]
            for reason in session.scalars(select(VisitReason))
            for paper in reason.papers
        ]
    assert old not in papers
    assert papers.count(new) == 3


def test_two_who_change_the_same_entry_do_not_undo_each_other(
    office, app, ground, database
) -> None:
    first, second = office.form(f"{RELAYS}/guise"), office.form(f"{RELAYS}/guise")
    office.post(f"{RELAYS}/guise", first.values | {"room": "Salle 1"})
    answer = office.post(f"{RELAYS}/guise", second.values | {"name": "Guise"})
    assert answer.status_code == 409
    assert "Quelqu'un d'autre a changé cette fiche entre-temps" in read(answer)
    assert 'value="Guise"' in answer.text
    with database.read() as session:
        relay = session.scalars(select(Relay).where(Relay.slug == "guise")).one()
    assert (relay.name, relay.room) == ("Relais de Guise", "Salle 1")


def test_a_list_of_three_hundred_is_searched_sorted_and_paged(office, database) -> None:
    with database.write() as session:
        guise = session.scalars(select(Relay).where(Relay.slug == "guise")).one()
        hashed = hash_password("unused")
        for number in range(300):
            session.add(
                User(
                    email=f"agent{number}@guise.example",
                    name=f"Agent {number:03} Lefèvre",
                    password=hashed,
                    session_key=f"key {number}",
                    role="secretary",
                    relay_id=guise.id,
                )
            )
    page = office.page(PEOPLE)
    assert page.count('role="rowheader"') == 50
    assert "page 1 sur 7" in page
    assert "Agent 299" in office.page(f"{PEOPLE}?cherche=lefevre+agent&tri=-nom")
    found = office.page(f"{PEOPLE}?cherche=LEFEVRE+142")
    assert re.findall(r"Agent \d+", found) == ["Agent 142"]
    last = office.page(f"{PEOPLE}?cherche=agent&page=6")
    assert re.findall(r"Agent \d+", last)[-1] == "Agent 299"
    assert "page 6 sur 6" in office.page(f"{PEOPLE}?cherche=agent&page=99")
    assert "Rien ne correspond." in office.page(f"{PEOPLE}?cherche=zzz")
    never = office.page(f"{PEOPLE}?montre=jamais-connectes")
    assert "Administrateur" not in never.partition("<tbody")[2]


def test_an_organisation_is_made_a_service_of_interpreters_and_back(
    office, database
) -> None:
    page = f"{HOME}/organismes/mission-locale-thierache"
    its = Organisation.slug == "mission-locale-thierache"
    # What is no kind of interpreter is refused beside its field, and changes nothing.
    for kind, kept in (("sign", "sign"), ("typed", "typed"), ("dance", "typed")):
        answer = office.send(page, interprets=kind)
        assert ("Choisissez dans la liste." in answer.text) == (kind != kept)
        with database.read() as session:
            found = session.scalars(select(Organisation.interprets).where(its)).one()
        assert found == kept
    office.send(page, interprets="")
    with database.read() as session:
        assert session.scalars(select(Organisation.interprets).where(its)).one() == ""
