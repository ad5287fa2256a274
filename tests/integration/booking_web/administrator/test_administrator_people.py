# SPDX-License-Identifier: AGPL-3.0-or-later
"""People on the administrator's pages: invited, moved, closed; an administrator stays."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from booking_web.domain.rights.password_links import PasswordMail, person_of_link
from booking_web.tables.administration import DirectoryAct
from provisioning.database.engine import Database
from provisioning.database.models import User
from provisioning.directory.credentials import hash_password
from stage.administrator_desk import (
    HOME,
    AdministratorDesk,
    acts,
    read,
    secrets_of,
)

ADMINISTRATOR = "admin@guichet.example"
SECRETARY = "mairie@wassigny.example"
PEOPLE = f"{HOME}/personnes"
INVITED = {
    "name": "Mme Caron",
    "email": "caron@guise.example",
    "role": "secretary",
    "relay": "guise",
}


@pytest.fixture
def office(app, ground) -> AdministratorDesk:
    """Give the administrator at the pages."""
    return AdministratorDesk(app, ground.passwords, ADMINISTRATOR)


def number_of(database: Database, email: str) -> int:
    """Give the number by which a person's page is addressed."""
    with database.read() as session:
        found = session.scalar(select(User.id).where(User.email == email))
        assert found is not None
        return found


def test_the_last_administrator_stays(office, database) -> None:
    address = f"{PEOPLE}/{number_of(database, ADMINISTRATOR)}"
    for act in ("/fermer", "/retirer"):
        refused = read(office.press(address, act))
        assert "C'est le dernier administrateur" in refused
    asked = office.send(address, role="secretary", relay="guise")
    assert "C'est le dernier administrateur" in read(office.agree(asked))
    with database.read() as session:
        user = session.scalars(select(User).where(User.email == ADMINISTRATOR)).one()
    assert (user.active, user.role) == (True, "administrator")
    assert acts(database) == []


@pytest.mark.parametrize("act", ["/fermer", "/retirer", "demoted"])
def test_two_administrators_who_take_each_other_away_at_once_leave_one(
    either_ground, new_app, act
) -> None:
    app = new_app(either_ground)
    database = Database(either_ground.url)
    other = "second@guichet.example"
    passwords = either_ground.passwords | {other: "a password of the second one"}
    with database.write() as session:
        session.add(
            User(
                email=other,
                name="Second",
                password=hash_password(passwords[other]),
                session_key="second",
                role="administrator",
            )
        )
    pairs = ((ADMINISTRATOR, other), (other, ADMINISTRATOR))
    ready = threading.Barrier(2)
    requests = []
    for email, victim in pairs:
        person = AdministratorDesk(app, passwords, email)
        address = f"{PEOPLE}/{number_of(database, victim)}"
        if act == "demoted":
            form = person.form(address)
            values = form.values | {"role": "secretary", "relay": "guise"}
        else:
            form = person.form(address, act)
            values = form.values
        target = form.action or address
        requests.append((person, target, values | {"confirme": "1"}))

    def take_away(
        person: AdministratorDesk, address: str, values: dict[str, str]
    ) -> None:
        ready.wait()
        person.client.post(address, data=values)

    threads = [threading.Thread(target=take_away, args=each) for each in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        left = session.scalar(
            select(func.count()).where(
                User.role == "administrator", User.active.is_(True)
            )
        )
    database.dispose()
    assert left == 1


@pytest.mark.parametrize("site_url", [None, "https://guichet.example"])
def test_the_link_is_said_to_be_mailed_only_where_it_is(
    new_app, ground, database, site_url
) -> None:
    app = new_app(
        ground,
        smtp_host="127.0.0.1",
        mail_from="guichet@mairie.example",
        site_url=site_url,
    )
    office = AdministratorDesk(app, ground.passwords, ADMINISTRATOR)
    said = read(office.send(f"{PEOPLE}/ajouter", **INVITED))
    assert ("Il part aussi par courrier électronique" in said) == bool(site_url)
    assert ("à donner en main propre" in said) == (not site_url)
    with database.read() as session:
        asked = session.scalars(select(PasswordMail)).all()
    assert len(asked) == (1 if site_url else 0)


def test_a_secretary_is_invited_by_a_link_that_is_shown_once(
    office, app, database
) -> None:
    form = office.form(f"{PEOPLE}/ajouter")
    answer = office.post(f"{PEOPLE}/ajouter", form.values | INVITED)
    assert "Voici le lien" in read(answer)
    link = secrets_of(answer.text)["Lien pour choisir le mot de passe"]
    token = link.rpartition("/")[2]
    with database.read() as session:
        user = person_of_link(session, token, datetime.now(UTC))
        assert user is not None and user.email == INVITED["email"]
        assert user.relay is not None and user.relay.slug == "guise"
    again = office.post(f"{PEOPLE}/ajouter", form.values | INVITED)
    assert "Rien n'a été fait deux fois." in read(again)
    assert token not in again.text
    assert acts(database) == [("invited", "user", INVITED["email"])]
    with database.read() as session:
        assert person_of_link(session, token, datetime.now(UTC)) is not None
        rows = session.scalars(select(DirectoryAct)).all()
        assert token not in "".join(f"{row.detail}{row.submission}" for row in rows)


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("supervisor", "Superviseur"),
        ("officer", "Délégué à la protection des données"),
    ],
)
def test_who_works_for_the_whole_site_is_invited_without_a_place(
    office, database, role, words
) -> None:
    # A relay that was chosen before the role is not kept.
    answer = office.send(f"{PEOPLE}/ajouter", **INVITED | {"role": role})
    assert "Lien pour choisir le mot de passe" in secrets_of(answer.text)
    assert words in office.page(f"{PEOPLE}?montre={role}&cherche=caron")
    with database.read() as session:
        user = session.scalars(select(User).where(User.email == INVITED["email"])).one()
    assert (user.role, user.relay_id, user.organisation_id) == (role, None, None)


def test_an_address_that_somebody_has_is_refused_beside_its_field(office) -> None:
    answer = office.send(f"{PEOPLE}/ajouter", **INVITED | {"email": SECRETARY.upper()})
    assert answer.status_code == 409
    assert "Une autre personne est déjà inscrite avec cette adresse." in read(answer)
    assert 'value="Mme Caron"' in answer.text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"relay": ""}, "Une secrétaire travaille dans un relais"),
        ({"role": "manager"}, "travaille pour un organisme : choisissez-le"),
        ({"role": ""}, "Choisissez un rôle dans la liste."),
        ({"email": "caron@guise"}, "Cette adresse n'est pas complète."),
        ({"relay": "moon"}, "Une secrétaire travaille dans un relais"),
    ],
)
def test_a_role_asks_for_its_place(office, database, values, said) -> None:
    answer = office.send(f"{PEOPLE}/ajouter", **INVITED | values)
    assert answer.status_code == 422
    assert said in read(answer).replace("\u00a0", " ")
    assert acts(database) == []


def test_a_new_link_replaces_the_one_before(office, database) -> None:
    answer = office.send(f"{PEOPLE}/ajouter", **INVITED)
    first = secrets_of(answer.text)["Lien pour choisir le mot de passe"]
    address = f"{PEOPLE}/{number_of(database, INVITED['email'])}"
    answer = office.press(address, "/lien")
    second = secrets_of(answer.text)["Lien pour choisir le mot de passe"]
    assert first != second
    with database.read() as session:
        found = [
            person_of_link(session, link.rpartition("/")[2], datetime.now(UTC))
            for link in (first, second)
        ]
    assert found[0] is None and found[1] is not None


def test_a_closed_person_is_out_at_once_and_may_come_back(
    office, app, ground, database
) -> None:
    secretary = AdministratorDesk(app, ground.passwords, SECRETARY)
    assert secretary.client.get("/bureau").status_code == 200
    address = f"{PEOPLE}/{number_of(database, SECRETARY)}"
    assert "Le compte est fermé." in read(office.press(address, "/fermer"))
    assert secretary.client.get("/bureau").status_code == 303
    assert "Comptes fermés (1)" in office.page(PEOPLE)
    assert "ouvert à nouveau" in read(office.press(address, "/ouvrir"))
    assert secretary.client.get("/bureau").status_code == 303
    AdministratorDesk(app, ground.passwords, SECRETARY)
    assert [act for act, _, _ in acts(database)] == ["closed", "opened"]


def test_a_person_who_moves_loses_the_old_place_at_once(
    office, app, ground, database
) -> None:
    secretary = AdministratorDesk(app, ground.passwords, SECRETARY)
    address = f"{PEOPLE}/{number_of(database, SECRETARY)}"
    values = {"email": "Mairie@Guise-2.example", "relay": "guise"}
    asked = office.send(address, **values)
    assert "elle est déconnectée aussitôt" in read(asked)
    assert "La fiche est changée." in read(office.agree(asked))
    assert secretary.client.get("/bureau").status_code == 303
    with database.read() as session:
        user = session.scalars(
            select(User).where(User.email == "mairie@guise-2.example")
        ).one()
        assert user.relay is not None and user.relay.slug == "guise"
    taken = office.send(address, email=ADMINISTRATOR)
    assert "Une autre personne est déjà inscrite" in read(taken)


def test_a_counsellor_answers_one_telephone_of_the_own_organisation(
    office, database
) -> None:
    counsellor = "conseiller@msa.example"
    address = f"{PEOPLE}/{number_of(database, counsellor)}"
    others = office.send(address, counsellor="counsellor-mission-locale-thierache-1")
    assert "celui d'un autre organisme" in read(others)
    kept = office.send(address, counsellor="counsellor-msa-1")
    assert "La fiche est changée." in read(kept)
    with database.read() as session:
        user = session.scalars(select(User).where(User.email == counsellor)).one()
        assert user.counsellor is not None
        assert user.counsellor.slug == "counsellor-msa-1"
    colleague = INVITED | {"role": "counsellor", "organisation": "msa"}
    taken = office.send(f"{PEOPLE}/ajouter", **colleague, counsellor="counsellor-msa-1")
    assert f"déjà celui de {counsellor}" in read(taken)
    # A telephone that somebody answers is not taken away under them.
    refused = office.press(f"{HOME}/telephones/counsellor-msa-1", "/retirer")
    assert "Retirez ou déplacez d'abord" in read(refused)
    assert f"{counsellor}.</p>" in read(refused)
    # Whoever is no counsellor any more has none.
    asked = office.send(address, role="manager", organisation="msa")
    assert "La fiche est changée." in read(office.agree(asked))
    with database.read() as session:
        user = session.scalars(select(User).where(User.email == counsellor)).one()
        assert user.counsellor is None


def test_a_link_ends_with_the_address_that_it_went_to_and_with_the_account(
    office, database
) -> None:
    for act in ("readdressed", "closed"):
        values = INVITED | {"email": f"{act}@guise.example"}
        answer = office.send(f"{PEOPLE}/ajouter", **values)
        link = secrets_of(answer.text)["Lien pour choisir le mot de passe"]
        address = f"{PEOPLE}/{number_of(database, values['email'])}"
        if act == "readdressed":
            office.send(address, email="caron@guise.example")
        else:
            office.press(address, "/fermer")
            office.press(address, "/ouvrir")
        with database.read() as session:
            token = link.rpartition("/")[2]
            assert person_of_link(session, token, datetime.now(UTC)) is None
