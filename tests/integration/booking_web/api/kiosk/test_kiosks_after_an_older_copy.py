# SPDX-License-Identifier: AGPL-3.0-or-later
"""After an older copy of the database came back, each kiosk is let in with what it has."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from sqlalchemy import make_url

from provisioning.database import models
from provisioning.database.engine import Database
from provisioning.database.realtime import PjsipAuth
from provisioning.directory.credentials import SipSecret, sip_password_digest
from provisioning.directory.service import Directory, Outcome
from stage.clock import Clock
from tests.integration.booking_web.conftest import SECRET_KEY, Ground

GUISE = "kiosk-guise"
ADDRESS = "/api/kiosk/v1/call"
# Signed moments are whole seconds.
NEXT_MOMENT = timedelta(seconds=1)

Rotated = Callable[..., SipSecret]


def asks(client: FlaskClient, token: str | None) -> int:
    """Ask as the kiosk with this token; give the answer's status."""
    answer = client.get(ADDRESS, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give the time at which secrets are made, signed and put back: it stands still."""
    clock = Clock(datetime.now(UTC).replace(microsecond=0) + NEXT_MOMENT)
    made_at = SimpleNamespace(now=lambda _zone: clock())
    monkeypatch.setattr(models, "datetime", made_at)
    monkeypatch.setattr(
        TimestampSigner, "get_timestamp", lambda _: int(clock().timestamp())
    )
    return clock


@pytest.fixture
def rotated(clock: Clock) -> Rotated:
    """Give a function that gives the kiosk new secrets, as the administrator's page does."""

    def rotate(ground: Ground, key: str = SECRET_KEY) -> SipSecret:
        database = Database(ground.url, signing_key=key)
        told: list[Outcome] = []
        # Of a later moment than the secrets before, and what comes next of a later one still.
        clock.now += NEXT_MOMENT
        Directory(database).rotate(GUISE, told.append)
        database.dispose()
        clock.now += NEXT_MOMENT
        [secret] = told[0].sip_secrets
        return secret

    return rotate


def telephone_digest(ground: Ground) -> str:
    """Give what Asterisk compares the kiosk's telephone with."""
    database = Database(ground.url)
    with database.read() as session:
        digest = str(session.get_one(PjsipAuth, GUISE).password_digest)
    database.dispose()
    return digest


@pytest.fixture
def copy(ground: Ground, tmp_path: Path) -> Ground:
    """Give yesterday's copy; what a test does to the ground is not in it."""
    database = Database(ground.url)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.dispose()
    file = tmp_path / "copy.db"
    shutil.copy(Path(make_url(ground.url).database or ""), file)
    return Ground(f"sqlite:///{file}", ground.passwords, ground.kiosk_tokens)


@pytest.fixture
def back(
    copy: Ground, new_app: Callable[..., Flask], clock: Clock
) -> Callable[[], FlaskClient]:
    """Give a function that serves the copy, put back at this moment."""

    def serve() -> FlaskClient:
        app = new_app(copy, clock, restored_at=clock().isoformat())
        return app.test_client()

    return serve


def test_a_kiosk_with_new_secrets_is_let_in_and_its_telephone_too(
    ground: Ground, copy: Ground, back: Callable[[], FlaskClient], rotated: Rotated
) -> None:
    secret = rotated(ground)
    client = back()
    assert asks(client, ground.kiosk_tokens[GUISE]) == 200
    assert telephone_digest(copy) != sip_password_digest(secret, with_md5=False)
    assert asks(client, secret.token) == 200
    assert telephone_digest(copy) == sip_password_digest(secret, with_md5=False)
    assert asks(client, secret.token) == 200
    # What the copy knew is over.
    assert asks(client, ground.kiosk_tokens[GUISE]) == 401


def test_of_two_new_secrets_the_later_one_wins_for_ever(
    ground: Ground, back: Callable[[], FlaskClient], rotated: Rotated
) -> None:
    stolen, kept = rotated(ground), rotated(ground)
    client = back()
    assert asks(client, stolen.token) == 200
    assert asks(client, kept.token) == 200
    assert asks(client, stolen.token) == 401
    assert asks(client, kept.token) == 200


def test_what_is_taken_away_after_the_restoration_stays_away(
    ground: Ground, copy: Ground, back: Callable[[], FlaskClient], rotated: Rotated
) -> None:
    stolen = rotated(ground)
    client = back()
    after = rotated(copy)
    assert asks(client, stolen.token) == 401
    assert asks(client, after.token) == 200


def test_without_a_restoration_no_other_token_is_believed(
    ground: Ground,
    copy: Ground,
    new_app: Callable[..., Flask],
    clock: Clock,
    rotated: Rotated,
) -> None:
    secret = rotated(ground)
    assert asks(new_app(copy, clock).test_client(), secret.token) == 401
    long_ago = (clock() - timedelta(days=1)).isoformat()
    client = new_app(copy, clock, restored_at=long_ago).test_client()
    assert asks(client, secret.token) == 401


@pytest.mark.parametrize("key", ["", "another site's key"])
def test_what_this_site_did_not_sign_is_not_believed(
    ground: Ground, back: Callable[[], FlaskClient], rotated: Rotated, key: str
) -> None:
    secret = rotated(ground, key)
    assert asks(back(), secret.token) == 401
