# SPDX-License-Identifier: AGPL-3.0-or-later
"""Clients of the booking API, an organisation with hours, and a fixed time."""

from datetime import UTC, date, datetime

import pytest
import structlog
from click.testing import CliRunner
from sqlalchemy import select

from booking_web.commands import clients as clients_command
from booking_web.commands import imports as imports_command
from booking_web.commands import webhooks as webhooks_command
from booking_web.commands.main import main as guichet_web
from booking_web.tables.hours import Opening
from booking_web.telling.webhooks.delivery import Delivery
from booking_web.telling.webhooks.sealing import webhook_seal
from booking_web.telling.webhooks.sender import Sender
from provisioning.database.engine import Database
from provisioning.database.models import Counter
from stage.clock import Clock
from tests.integration.booking_web.api.public.receiver import Receiver

# A Tuesday, 10:02 in Paris.
NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
# In the MSA's hours, tomorrow.
NINE = "2026-11-25T09:00:00+01:00"
BASE = "/api/v1"


@pytest.fixture
def command(ground, monkeypatch):
    """Give a function that runs guichet-web at NOW, as an administrator types it."""
    for module in (imports_command, clients_command, webhooks_command):
        monkeypatch.setattr(module, "utc_now", lambda: NOW)

    def run(*arguments: str):
        result = CliRunner().invoke(
            guichet_web,
            arguments,
            env={"GUICHET_DATABASE_URL": ground.url, "GUICHET_SECRET_KEY": "x"},
        )
        # It logs to a stream that is closed by now.
        structlog.reset_defaults()
        return result

    return run


@pytest.fixture
def new_client(command):
    """Give a function that adds a client for whoever works there, and gives its token."""

    def add(name: str, *options: str) -> str:
        options = options or ("--organisation", "msa", "--residents")
        where = dict(zip(options, options[1:]))
        user = (
            f"mairie@{where['--relay']}.example"
            if "--relay" in where
            else f"responsable@{where['--organisation']}.example"
        )
        result = command("api-client", "add", name, "--user", user, *options)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    return add


@pytest.fixture
def hours(database) -> None:
    """Publish the MSA's hours: every day from 9 to 12."""
    with database.write() as session:
        counters = session.scalars(select(Counter).where(Counter.slug.like("msa-%")))
        for counter in counters:
            session.add(
                Opening(
                    counter_id=counter.id,
                    first_day=date(2026, 1, 1),
                    weekdays=127,
                    opens_minute=9 * 60,
                    closes_minute=12 * 60,
                )
            )


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def secret(msa, command, receiver, monkeypatch) -> str:
    """Have the MSA's events sent to the receiver; gives the webhook's secret."""
    monkeypatch.setenv("GUICHET_WEBHOOKS_ALLOW_PRIVATE", "true")
    result = command("webhooks", "add", "msa-agenda", receiver.url)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def delivery(database: Database, clock) -> Delivery:
    return Delivery(database, Sender(allows_private=True), webhook_seal("x"), clock)


class Caller:
    """A program with a token."""

    def __init__(self, app, token: str) -> None:
        self._client = app.test_client()
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query):
        return self._client.get(BASE + path, query_string=query, headers=self._headers)

    def post(self, path: str, told: dict, **headers: str):
        headers = self._headers | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self._client.post(BASE + path, json=told, headers=headers)

    def send_csv(self, path: str, content: bytes, **query: str):
        """Send a file as the request's body."""
        return self._client.post(
            BASE + path,
            data=content,
            query_string=query,
            headers=self._headers | {"Content-Type": "text/csv"},
        )

    def book(self, key: str = "a-key", **changes):
        told = {
            "organisation": "msa",
            "relay": "wassigny",
            "starts_at": NINE,
            "resident_name": "Mme Lefèvre",
        }
        return self.post("/appointments", told | changes, Idempotency_Key=key)


@pytest.fixture
def app(new_app, ground):
    """Give the application at NOW."""
    return new_app(ground, now=lambda: NOW)


@pytest.fixture
def caller(app):
    """Give a function that makes a program with this token."""
    return lambda token: Caller(app, token)


@pytest.fixture
def msa_token(new_client, hours) -> str:
    """Give the token of the MSA's own software."""
    return new_client("msa-agenda")


@pytest.fixture
def msa(caller, msa_token) -> Caller:
    """Give the MSA's own software."""
    return caller(msa_token)
