# SPDX-License-Identifier: AGPL-3.0-or-later
"""One database with an object of each kind, own and foreign, and a client of each role."""

import itertools
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select
from werkzeug.test import TestResponse

from booking_web.app import create_app
from booking_web.base.settings import Settings
from booking_web.domain.journal.live_events import Change
from booking_web.domain.rights.clients import add_client
from booking_web.shell.services import EXTENSION
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState as S
from provisioning.database.engine import Database
from stage.kiosk_ground import archive_of, documents_settings
from tests.folders import Folders
from tests.integration.booking_web.conftest import Desk, Ground
from tests.integration.booking_web.matrix.objects import objects_of
from tests.integration.booking_web.matrix.table import (
    ADMINISTRATOR,
    CLIENT,
    COUNSELLOR,
    KIOSK,
    MANAGER,
    OFFICER,
    ROLES,
    SCREEN,
    SECRETARY,
    SUPERVISOR,
    Way,
)

EMAILS = {
    SECRETARY: "mairie@wassigny.example",
    COUNSELLOR: "conseiller@msa.example",
    MANAGER: "responsable@msa.example",
    SUPERVISOR: "supervision@guichet.example",
    OFFICER: "rgpd@guichet.example",
    ADMINISTRATOR: "admin@guichet.example",
}
# What is one's own, and what has nothing in common with it.
FARTHEST = ("own", "foreign")
# Rows that every request may write, whoever asks and whatever for.
UNTOLD = {"web_session", "known_place", "rate_limit", "password_mail"}


@dataclass
class World:
    """The application, the objects by side and kind, and who asks."""

    app: Flask
    settings: Settings
    database: Database
    objects: dict[str, dict[str, dict[str, object]]]
    clients: dict[str, FlaskClient]
    headers: dict[str, dict[str, str]]
    tokens: dict[str, str]

    def __post_init__(self) -> None:
        self._addresses = itertools.count(1)

    def address(self, role: str, way: Way, owner: str) -> str:
        """Give the address of the way, about an object of that side."""
        objects = self.objects[owner]
        about = objects.get(f"{way.of} of {role}") or objects[way.of]
        values = way.values | about
        with self.app.test_request_context():
            return self.app.url_for(way.endpoint, **values)

    def ask(
        self,
        role: str,
        way: Way,
        owner: str,
        form: dict[str, str],
        *,
        with_token: bool = True,
        query: dict[str, str] | None = None,
        host: str = "localhost",
    ) -> TestResponse:
        """Ask as this role would, from an address of its own."""
        number = next(self._addresses)
        token = {"csrf_token": self.tokens[role]} if with_token else {}
        client = self.clients[role]
        return client.open(
            self.address(role, way, owner),
            method=way.method,
            headers=self.headers[role] | {"Host": host},
            query_string=query,
            environ_overrides={
                "REMOTE_ADDR": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
            },
            **({"json": way.json} if way.json is not None else {}),
            **(
                {"data": form | token}
                if way.json is None and way.method not in ("GET", "HEAD")
                else {}
            ),
        )

    def send(self, role: str, way: Way, name: str, value: str) -> TestResponse:
        """Ask as this role would, with another value in one field: of address and form."""
        query = {name: value}
        if way.method not in ("GET", "HEAD"):
            return self.ask(role, way, "own", way.data | query, query=query)
        client = self.clients[role]
        return client.get(
            self.address(role, way, "own"),
            headers=self.headers[role],
            query_string=query,
        )

    def cookies(self, role: str) -> str:
        """Give the header with which this role's browser opens a line."""
        names = (("guichet", "/"), ("borne", "/borne"))
        found = [self.clients[role].get_cookie(name, path=path) for name, path in names]
        return "; ".join(f"{each.key}={each.value}" for each in found if each)

    def change(self, side: str) -> Change:
        """Give the news that the appointment of this side has changed."""
        number = self.objects[side]["appointment"]["appointment_id"]
        with self.database.read() as session:
            appointment = session.get_one(Appointment, number)
            return Change(
                id=1,
                kiosk_id=appointment.kiosk_id,
                appointment_id=appointment.id,
                state=S.IN_CALL,
                at=datetime.now(UTC),
                organisation_id=appointment.organisation_id,
                booked_at=appointment.town_hall_id,
            )

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Give all that the database holds, but what every request may write."""
        found = {}
        metadata = MetaData()
        metadata.reflect(self.database.engine)
        with self.database.engine.connect() as connection:
            for name, table in metadata.tables.items():
                if name not in UNTOLD:
                    rows = connection.execute(select(table)).all()
                    found[name] = sorted(map(tuple, rows), key=repr)
        return found


@pytest.fixture(scope="module")
def world(request, new_ground, tmp_path_factory: Folders) -> Iterator[World]:
    """Give the world of this module's tests."""
    folder = tmp_path_factory.mktemp("matrix")
    sides = getattr(request.module, "SIDES", FARTHEST)
    with new_world(new_ground(folder), folder, sides) as made:
        yield made


@contextmanager
def new_world(
    ground: Ground, folder: Path, sides: Iterable[str] = FARTHEST
) -> Iterator[World]:
    """Give a world on a ground, its documents in a folder, with objects of these sides."""
    database = Database(ground.url)
    archive = archive_of(database, ground.url, folder)
    objects = {side: objects_of(database, archive, side) for side in sides}
    settings = ground.settings(
        **documents_settings(folder),
        trunk_caller_number="0323000000",
        smtp_host="127.0.0.1",
        mail_from="guichet@mairie.example",
        site_url="https://guichet.example",
    )
    app = create_app(settings)
    yield _world(app, settings, ground, database, objects)
    app.extensions[EXTENSION].database.dispose()
    database.dispose()


def _world(
    app: Flask, settings: Settings, ground: Ground, database: Database, objects
) -> World:
    clients = {role: app.test_client() for role in ROLES}
    headers: dict[str, dict[str, str]] = {role: {} for role in ROLES}
    for role, email in EMAILS.items():
        assert Desk(clients[role], ground.passwords).sign_in(email).status_code == 302
    headers[KIOSK] = {
        "Authorization": f"Bearer {ground.kiosk_tokens['kiosk-wassigny']}"
    }
    with database.write() as session:
        token = add_client(
            session,
            "agenda",
            user_email=EMAILS[SECRETARY],
            organisation=None,
            relay="wassigny",
            may_write=True,
            sees_residents=True,
            now=datetime.now(UTC),
        )
    headers[CLIENT] = {"Authorization": f"Bearer {token}"}
    assert ground.let_in(clients[SCREEN], "kiosk-wassigny").status_code == 303
    return World(
        app,
        settings,
        database,
        objects,
        clients,
        headers,
        {role: _token_of(clients[role]) for role in ROLES},
    )


def _token_of(client: FlaskClient) -> str:
    page = client.get("/mot-de-passe", follow_redirects=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]
