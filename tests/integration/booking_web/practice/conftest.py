# SPDX-License-Identifier: AGPL-3.0-or-later
"""The site with its practice beside it, at ten o'clock of a working day."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from booking_web.practice.gate import PracticeGate
from booking_web.practice.worlds import World
from booking_web.shell.services import services_of
from booking_web.tables.appointment import Appointment
from provisioning.database.engine import Database
from provisioning.database.models import User
from stage.clock import Clock
from stage.html_forms import Form, forms_of
from tests.folders import Folders
from tests.integration.booking_web.conftest import SECRETARY, Desk

COUNSELLOR = "conseiller@msa.example"
PRACTICE = "/exercice"
EXERCISES = "/exercice/consignes"


class Trainee(Desk):
    """Somebody signed in to the site, who practises by the same browser."""

    gate: PracticeGate
    account_id: int

    def get(self, address: str) -> TestResponse:
        """Open a page below the prefix, and every page that it leads to."""
        return self.client.get(f"{PRACTICE}{address}", follow_redirects=True)

    def send(self, page: str, ends_with: str, **values: str) -> TestResponse:
        """Send the form of a page whose address ends so, and open what it leads to."""
        found = [
            form
            for form in forms_of(self.get(page).text)
            if form.action.split("?")[0].endswith(ends_with)
        ]
        assert found, f"no form {ends_with} on {page}"
        return self.send_form(found[0], **values)

    def send_form(self, form: Form, **values: str) -> TestResponse:
        """Send a form as a browser would."""
        data = form.values | values
        return self.client.post(form.action, data=data, follow_redirects=True)

    def token(self) -> str:
        """Give the token of the practice's forms in this browser."""
        page = self.get("/consignes").text
        return re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]

    def act(self, room: str, number: int, act: str, **values: str) -> TestResponse:
        """Press a button of somebody's row, and open what it leads to."""
        address = f"{PRACTICE}{room}/{number}/{act}"
        data = {"csrf_token": self.token()} | values
        return self.client.post(address, data=data, follow_redirects=True)

    def ticked(self) -> set[str]:
        """Give the exercises that are done."""
        page = self.get("/consignes").text
        return set(re.findall(r'id="exercice-(\w+)" class="is-done"', page))

    def number_of(self, name: str) -> int:
        """Give the number of somebody's appointment in the trainee's world."""
        database = Database(self.world().database_url)
        query = select(Appointment.id).where(Appointment.resident_name == name)
        try:
            with database.read() as session:
                return session.scalars(query.order_by(Appointment.id.desc())).first()
        finally:
            database.dispose()

    def world(self) -> World:
        """Give what the trainee practises on."""
        return self.gate.worlds.world_of(self.account_id)


@pytest.fixture
def clock() -> Clock:
    """Give the clock of the site and of its practice."""
    return Clock(datetime(2030, 5, 14, 8, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def practice_template(tmp_path_factory: Folders) -> Path:
    """Give what each world is a copy of: its making takes seconds."""
    return tmp_path_factory.mktemp("practice")


@pytest.fixture
def gate(new_app, ground, clock, practice_template: Path) -> Iterator[PracticeGate]:
    """Give the site with its practice."""
    made = PracticeGate(new_app(ground, now=clock), practice_template, clock)
    yield made
    made.close()
    for number in range(1, 30):
        made.worlds.reset(number)


@pytest.fixture
def trainee(gate: PracticeGate, ground) -> Trainee:
    """Give the secretary of Wassigny, who begins to practise."""
    return trainee_of(gate, ground, SECRETARY)


def trainee_of(gate: PracticeGate, ground, email: str) -> Trainee:
    """Give somebody who is signed in to the site."""
    found = Trainee(Client(gate), ground.passwords)
    found.gate = gate
    with services_of(gate.site).database.read() as session:
        query = select(User.id).where(User.email == email)
        found.account_id = session.scalars(query).one()
    assert found.sign_in(email).status_code == 302
    return found
