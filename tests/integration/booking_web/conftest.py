# SPDX-License-Identifier: AGPL-3.0-or-later
"""The demo inventory in a database of the test's own, and the web application on it."""

import shutil
import tomllib
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url
from werkzeug.test import TestResponse

from booking_web.app import create_app
from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.shell.services import EXTENSION
from provisioning.cli import main as guichet_provision
from provisioning.database.engine import Database
from provisioning.database.schema import upgrade
from provisioning.directory.service import Directory
from stage.forked_work import Begin, begun_by, forks
from stage.html_forms import Form, forms_of
from stage.many_applications import compiled_once, typefaces_unpacked_once
from stage.owned_folder import OwnedFolder
from stage.postgresql import PrivatePostgres
from stage.put_back import put_back
from stage.site import Site, WebServer
from tests.folders import Folders

REPOSITORY = Path(__file__).parents[3]
INVENTORY = REPOSITORY / "script" / "demo-inventory.toml"
POSTGRESQL_SETUP = REPOSITORY / ".setup" / "postgresql.json"
SITE_URL = "https://guichet.example"
SECRET_KEY = "a secret of the tests, of no use to anybody"

SECRETARY = "mairie@wassigny.example"
NEIGHBOUR = "mairie@guise.example"
ADMINISTRATOR = "admin@guichet.example"


@dataclass(frozen=True)
class Ground:
    """A database that holds the demo inventory, and what opens its doors."""

    url: str
    passwords: dict[str, str]
    kiosk_tokens: dict[str, str]

    def screen_code(self, kiosk: str) -> str:
        """Give a new code that lets a browser be this kiosk's second screen, once."""
        database = Database(self.url)
        try:
            return Directory(database).let_in_screen(kiosk)
        finally:
            database.dispose()

    def screen_address(self, kiosk: str) -> str:
        """Give the path that a kiosk's browser opens at its first start."""
        return f"/borne/rattacher?code={self.screen_code(kiosk)}"

    def let_in(self, client: FlaskClient, kiosk: str) -> TestResponse:
        """Let a test client be this kiosk's second screen, as its browser does."""
        form = form_with(client.get(self.screen_address(kiosk)).text, "code")
        return client.post(form.action, data=form.values)

    def settings(self, **changes: object) -> Settings:
        """Give settings for plain http on the loopback."""
        values = {"database_url": self.url, "secret_key": SECRET_KEY}
        values |= {"site_url": SITE_URL}
        return Settings(**values | {"secure_cookies": False} | changes)


def provisioned(url: str, secrets: Path) -> Ground:
    """Upgrade the database, apply the demo inventory and read what was generated."""
    upgrade(url)
    result = CliRunner().invoke(
        guichet_provision,
        ["--database-url", url, "apply", str(INVENTORY)]
        + ["--secrets-dir", str(secrets), "--sip-server", "127.0.0.1"],
    )
    assert result.exit_code == 0, result.output
    bundles = [tomllib.loads(path.read_text()) for path in secrets.glob("kiosk-*.toml")]
    return Ground(
        url,
        tomllib.loads((secrets / "accounts.toml").read_text()),
        {each["kiosk"]["slug"]: each["kiosk"]["token"] for each in bundles},
    )


@pytest.fixture(scope="session", autouse=True)
def _applications_compiled_once() -> Iterator[None]:
    with compiled_once(), typefaces_unpacked_once():
        yield


@pytest.fixture(scope="session")
def _forks() -> Iterator[Begin]:
    with forks() as begin:
        yield begin


@pytest.fixture(autouse=True)
def _files_worked_on_by_forks(_forks: Begin) -> Iterator[None]:
    with begun_by(_forks):
        yield


@pytest.fixture(scope="session")
def _template(tmp_path_factory: Folders) -> tuple[Path, Ground]:
    folder = tmp_path_factory.mktemp("ground")
    path = folder / "template.db"
    ground = provisioned(f"sqlite:///{path}", folder / "secrets")
    database = Database(ground.url)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.dispose()
    return path, ground


@pytest.fixture(scope="session")
def new_ground(_template: tuple[Path, Ground]) -> Callable[[Path], Ground]:
    """Give a function that puts a fresh SQLite database of the demo inventory in a folder."""
    path, template = _template

    def make(folder: Path) -> Ground:
        copy = folder / "guichet.db"
        shutil.copy(path, copy)
        return Ground(f"sqlite:///{copy}", template.passwords, template.kiosk_tokens)

    return make


@pytest.fixture(scope="session")
def shared_ground(
    new_ground: Callable[[Path], Ground], tmp_path_factory: Folders
) -> Ground:
    """Give one database for many tests; each takes it fresh, see `fresh_shared_ground`."""
    return new_ground(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def fresh_shared_ground(
    _template: tuple[Path, Ground], shared_ground: Ground
) -> Ground:
    """Give the shared database as it was at first, under the server that has it open."""
    put_back(Path(make_url(shared_ground.url).database or ""), _template[0])
    return shared_ground


@pytest.fixture
def ground(new_ground: Callable[[Path], Ground], tmp_path: Path) -> Ground:
    """Give a fresh SQLite database of the demo inventory."""
    return new_ground(tmp_path)


@pytest.fixture(scope="session")
def _postgresql() -> Iterator[PrivatePostgres]:
    if not POSTGRESQL_SETUP.exists():
        pytest.skip("no PostgreSQL: run script/setup --test")
    # A database is 620 files, and each test has its own: where as many have just been removed,
    # a file system on a disk (ext4) looks half a second for room for them.
    folder = OwnedFolder("gv-", in_memory=True)
    server = PrivatePostgres(folder.path / "postgresql", POSTGRESQL_SETUP)
    server.start()
    yield server
    server.stop()
    folder.remove()


@pytest.fixture(scope="session")
def _new_postgresql_ground(
    _postgresql: PrivatePostgres, tmp_path_factory: Folders
) -> Callable[[], Ground]:
    """Give a function that makes a fresh PostgreSQL database of the demo inventory."""
    secrets = tmp_path_factory.mktemp("postgresql_ground")
    template = provisioned(_postgresql.new_database("ground"), secrets)

    def make() -> Ground:
        url = _postgresql.new_database(f"web_{uuid.uuid4().hex}", "ground")
        return Ground(url, template.passwords, template.kiosk_tokens)

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def either_ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """Give the demo inventory on SQLite, then on a real PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("ground")
        return
    server: PrivatePostgres = request.getfixturevalue("_postgresql")
    made: Ground = request.getfixturevalue("_new_postgresql_ground")()
    yield made
    server.drop_database(made.url)


@pytest.fixture
def either_database(either_ground: Ground) -> Iterator[Database]:
    """Give the database behind the pages, SQLite's, then PostgreSQL's."""
    database = Database(either_ground.url)
    yield database
    database.dispose()


@pytest.fixture
def database(ground: Ground) -> Iterator[Database]:
    """Give the database behind the pages of this test."""
    database = Database(ground.url)
    yield database
    database.dispose()


@pytest.fixture
def new_app() -> Iterator[Callable[..., Flask]]:
    """Give a function that makes an application on a ground, as a worker would."""
    apps: list[Flask] = []

    def make(
        ground: Ground, now: Callable[[], datetime] = utc_now, **settings
    ) -> Flask:
        apps.append(create_app(ground.settings(**settings), now=now))
        return apps[-1]

    yield make
    for app in apps:
        app.extensions[EXTENSION].database.dispose()


@pytest.fixture
def app(new_app: Callable[..., Flask], ground: Ground) -> Flask:
    """Give the application on the test's ground."""
    return new_app(ground)


class Desk:
    """A person at the pages, by Flask's test client; forms are sent as a browser would."""

    def __init__(self, client: FlaskClient, passwords: dict[str, str]) -> None:
        self.client = client
        self._passwords = passwords

    def sign_in(self, email: str, password: str | None = None) -> TestResponse:
        """Send the sign-in form and give the answer."""
        page = self.client.get("/connexion")
        form = form_with(page.text, "password")
        form.values |= {
            "email": email,
            "password": self._passwords[email] if password is None else password,
        }
        return self.client.post(form.action, data=form.values)

    def form(self, address: str = "/bureau") -> Form:
        """Give the booking form of the page as it is shown."""
        return form_with(self.client.get(address).text, "resident_name")

    def book(self, form: Form | None = None, **values: str) -> TestResponse:
        """Send the booking form and give the answer, not followed."""
        form = form or self.form()
        defaults = {"resident_name": "M. Dupont", "organisation": "msa", "when": "now"}
        form.values |= defaults | values
        return self.client.post(form.action, data=form.values)

    def press(self, appointment_id: int, act: str) -> TestResponse:
        """Press a button of the list, whether the page offers it or not."""
        token = self.form().values["csrf_token"]
        return self.client.post(
            f"/bureau/rendez-vous/{appointment_id}/{act}", data={"csrf_token": token}
        )


def form_with(page: str, field: str) -> Form:
    """Give the form of the page that has this field."""
    [form] = [form for form in forms_of(page) if field in form.values]
    return form


@pytest.fixture
def visitor(app: Flask, ground: Ground) -> Desk:
    """Give somebody who has not signed in."""
    return Desk(app.test_client(), ground.passwords)


@pytest.fixture
def desk(visitor: Desk) -> Desk:
    """Give the secretary of Wassigny, signed in."""
    assert visitor.sign_in(SECRETARY).status_code == 302
    return visitor


@pytest.fixture(scope="session")
def serving() -> Callable[..., AbstractContextManager[Site]]:
    """Give a function that serves a ground, live, for as long as its block lasts."""

    @contextmanager
    def serve_ground(ground: Ground, folder: Path, *options: str) -> Iterator[Site]:
        site = Site(ground.url, folder, *options, secret_key=SECRET_KEY)
        try:
            site.start()
            yield site
        finally:
            site.kill()

    return serve_ground


@pytest.fixture(scope="session")
def serving_pages() -> Callable[..., AbstractContextManager[WebServer]]:
    """Give a function that serves a ground's pages alone, as long as its block lasts."""

    @contextmanager
    def serve_ground(
        ground: Ground, folder: Path, *options: str
    ) -> Iterator[WebServer]:
        server = WebServer(ground.url, folder, *options, secret_key=SECRET_KEY)
        try:
            server.start()
            yield server
        finally:
            server.program.kill()

    return serve_ground


@pytest.fixture
def serve(ground: Ground, tmp_path: Path) -> Iterator[Callable[..., WebServer]]:
    """Give a function that starts the server on the test's ground."""
    servers: list[WebServer] = []

    def start(*options: str) -> WebServer:
        server = WebServer(ground.url, tmp_path, *options, secret_key=SECRET_KEY)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.program.kill()


@pytest.fixture
def serve_site(ground: Ground, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Give a function that starts the pages with their front on the test's ground."""
    sites: list[Site] = []

    def start(
        *options: str, tls: Path | None = None, packages: Path | None = None
    ) -> Site:
        site = Site(
            *(ground.url, tmp_path, *options),
            secret_key=SECRET_KEY,
            tls=tls,
            packages=packages,
        )
        sites.append(site)
        site.start()
        return site

    yield start
    for site in sites:
        site.kill()
