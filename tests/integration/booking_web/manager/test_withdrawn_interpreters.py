# SPDX-License-Identifier: AGPL-3.0-or-later
"""A service of interpreters withdraws hours; the town hall reads it and asks another one."""

import html
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from booking_web.domain.appointments.booking import book
from booking_web.tables.appointment import Appointment
from booking_web.tables.hours import Closure, Opening
from provisioning.database.models import Counter, Organisation
from tests.factories.interpreters import INTERPRETERS, interpreted_in, let_interpret
from tests.factories.orders import an_order
from tests.integration.booking_web.manager.test_web_manager import PAGE, Person

MANAGER, SECRETARY = "responsable@msa.example", "mairie@wassigny.example"
NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
AT_NINE = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
AGAIN = f"{PAGE}/a-deplacer"
DAY = "/bureau?jour=2026-11-26"


@pytest.fixture
def app(new_app, ground):
    return new_app(ground, now=lambda: NOW)


@pytest.fixture
def interpreted(database) -> int:
    """Give an appointment of Mme Legrand with the sous-préfecture, in which the MSA interprets."""
    let_interpret(database)
    with database.write() as session:
        msa = session.scalars(
            select(Organisation).where(Organisation.slug == "msa")
        ).one()
        msa.interprets = "sign"
        counter = select(Counter.id).where(Counter.organisation_id == msa.id)
        session.add(
            Opening(
                counter_id=session.scalars(counter).one(),
                first_day=date(2026, 1, 1),
                weekdays=8,
                opens_minute=510,
                closes_minute=720,
            )
        )
        order = an_order(
            resident_name="Mme Legrand",
            organisation="sous-prefecture-vervins",
            starts_at=AT_NINE,
            interpreter="msa",
        )
        return book(session, order, NOW).appointment.id


def read(person: Person, address: str) -> str:
    return html.unescape(person.read(address)).replace("\u00a0", " ")


def withdraw(manager: Person, **more: str) -> str:
    form = {"first_day": "26/11/2026", "counter": "tous", "label": "Formation"} | more
    page = manager.send(f"{PAGE}/exception", f"{PAGE}/exception", **form).text
    return html.unescape(page).replace("\u00a0", " ")


def test_nobody_loses_an_interpreter_silently(
    app, ground, database, interpreted
) -> None:
    manager = Person(app, ground.passwords, MANAGER)
    secretary = Person(app, ground.passwords, SECRETARY)
    assert "nterprète à confirmer" not in read(secretary, DAY)
    asked = withdraw(manager)
    # For whom, when and where; never who comes.
    assert "Interprète pour Sous-préfecture de Vervins" in asked
    assert "Mme Legrand" not in asked
    with database.read() as session:
        assert session.scalars(select(Closure)).all() == []
    waits = withdraw(manager, confirme="1")
    assert "Vous interprétez dans 1 rendez-vous hors des heures publiées" in waits
    assert "Mme Legrand" not in waits
    # It keeps its interpreter, and the desk says on any day that this is not certain.
    assert interpreted_in(database) == ["msa"]
    for address in (DAY, "/bureau", "/bureau/attente/offres"):
        assert "Interprète à confirmer" in read(secretary, address), address
    manager.send(f"{AGAIN}/{interpreted}/sans-interprete", AGAIN)
    assert interpreted_in(database) == [None]
    assert "Il ne reste rien à replacer" in read(manager, AGAIN)

    page = read(secretary, DAY)
    assert page.count("L'interprète ne vient plus.") == 2
    button = f'id="interprete-{INTERPRETERS}-{interpreted}"'
    assert button in page and 'id="interprete-msa-' not in page
    done = secretary.send(
        f"/bureau/rendez-vous/{interpreted}/interprete", DAY, interprete=INTERPRETERS
    )
    assert done.status_code == 200 and "ne vient plus" not in done.text
    assert interpreted_in(database) == [INTERPRETERS]


def test_the_service_sends_another_or_comes_all_the_same(
    app, ground, database, interpreted
) -> None:
    manager = Person(app, ground.passwords, MANAGER)
    withdraw(manager, confirme="1")
    assert "Confier à un autre interprète" not in read(manager, AGAIN)
    refused = manager.send(f"{AGAIN}/{interpreted}/autre-interprete", AGAIN)
    assert "Aucun autre de vos interprètes" in html.unescape(refused.text)
    manager.send(f"{AGAIN}/{interpreted}/garder-interprete", AGAIN)
    assert "Il ne reste rien à replacer" in read(manager, AGAIN)
    secretary = Person(app, ground.passwords, SECRETARY)
    assert "nterprète à confirmer" not in read(secretary, DAY)
    assert interpreted_in(database) == ["msa"]


def test_of_another_service_nobody_settles_anything(
    app, ground, database, interpreted
) -> None:
    with database.write() as session:
        appointment = session.get_one(Appointment, interpreted)
        appointment.interpreter_counter_id = session.scalars(
            select(Counter.id)
            .join(Organisation)
            .where(Organisation.slug == INTERPRETERS)
        ).one()
    manager = Person(app, ground.passwords, MANAGER)
    for act in ("autre-interprete", "garder-interprete", "sans-interprete"):
        assert manager.send(f"{AGAIN}/{interpreted}/{act}", PAGE).status_code == 404
    assert interpreted_in(database) == [INTERPRETERS]


def test_at_the_desk_one_who_is_none_is_refused_in_words(
    app, ground, database, interpreted
) -> None:
    secretary = Person(app, ground.passwords, SECRETARY)
    address = f"/bureau/rendez-vous/{interpreted}/interprete"
    refused = secretary.send(address, DAY, interprete="sous-prefecture-vervins")
    assert "Ce service d'interprètes n'existe pas." in html.unescape(refused.text)
    assert interpreted_in(database) == ["msa"]
