# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `guichet-web`, as an administrator types it."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from booking_web.commands import main
from booking_web.domain.rights.password_links import person_of_link
from booking_web.tables.appointment import Appointment
from provisioning.database.engine import Database
from provisioning.database.models import User
from stage.waiting import PATIENCE

GUICHET_WEB = Path(sys.executable).with_name("guichet-web")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(GUICHET_WEB), *arguments],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", **environment},
        timeout=60 * PATIENCE,
    )


def test_a_new_database_is_made_and_made_once(tmp_path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    for _ in range(2):
        result = run(
            "upgrade-database", GUICHET_DATABASE_URL=url, GUICHET_SECRET_KEY="x"
        )
        assert (result.returncode, result.stdout) == (0, "database up to date\n")
    database = Database(url)
    with database.read() as session:
        assert session.scalars(select(Appointment)).all() == []
    database.dispose()


def test_whether_a_database_is_of_this_version_is_told_without_a_change(
    tmp_path,
) -> None:
    file = tmp_path / "new.db"
    environment = {
        "GUICHET_DATABASE_URL": f"sqlite:///{file}",
        "GUICHET_SECRET_KEY": "x",
    }
    dry = run("upgrade-database", "--dry-run", **environment)
    assert (dry.returncode, dry.stdout) == (0, "an upgrade is pending\n")
    as_json = run("upgrade-database", "--json", **environment)
    assert json.loads(as_json.stdout) == {"changed": True, "pending": False}
    dry = run("upgrade-database", "--dry-run", "--json", **environment)
    assert json.loads(dry.stdout) == {"changed": False, "pending": False}


def test_on_an_installed_server_nobody_names_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "guichet.toml"
    settings.write_text(
        f'database_url = "sqlite:///{tmp_path}/new.db"\nsecret_key = "x"\n'
    )
    monkeypatch.setattr(main, "SETTINGS_FILE", settings)
    answered = CliRunner().invoke(main.main, ["upgrade-database", "--dry-run"])
    assert answered.output == "an upgrade is pending\n"


def test_the_first_administrator_is_invited_until_they_have_signed_in(
    ground, database
) -> None:
    environment = {
        "GUICHET_DATABASE_URL": ground.url,
        "GUICHET_SECRET_KEY": "x",
        "GUICHET_SITE_URL": "https://guichet.example.fr",
    }
    with database.read() as session:
        email = session.scalars(select(User.email).order_by(User.id)).first()
    assert email is not None
    invited = run("invite", email, "--unless-signed-in", "--json", **environment)
    told = json.loads(invited.stdout)
    assert told["link"].startswith("https://guichet.example.fr/mot-de-passe/")
    assert told["days"] == 7
    token = told["link"].rpartition("/")[2]
    with database.read() as session:
        person = person_of_link(session, token, datetime.now(UTC))
        assert person is not None and person.email == email
    with database.write() as session:
        session.execute(update(User).values(last_signed_in_at=datetime.now(UTC)))
    again = run("invite", email, "--unless-signed-in", "--json", **environment)
    assert json.loads(again.stdout) == {"link": None, "days": None}
    unknown = run("invite", "nobody@example.fr", **environment)
    assert unknown.returncode == 1 and "nobody who may sign in" in unknown.stderr


def test_a_missing_secret_is_a_usage_error_without_trace() -> None:
    result = run("serve", GUICHET_DATABASE_URL="sqlite://")
    assert result.returncode == 2
    assert "secret_key is missing" in result.stderr
    assert "Traceback" not in result.stderr


def test_pruning_counts_before_it_forgets(ground, desk, database) -> None:
    desk.book()
    long_ago = datetime.now(UTC) - timedelta(days=400)
    with database.write() as session:
        session.execute(
            update(Appointment).values(
                starts_at=long_ago - timedelta(minutes=30), ends_at=long_ago
            )
        )
    environment = {"GUICHET_DATABASE_URL": ground.url, "GUICHET_SECRET_KEY": "x"}
    dry = run("prune", "--older-than-days", "365", "--dry-run", **environment)
    assert dry.stdout.startswith("1 appointments would be anonymised\n")
    assert f"due: resident: 1, the oldest of {long_ago:%Y-%m-%d}\n" in dry.stdout
    assert "due: documents: 0\n" in dry.stdout
    with database.read() as session:
        assert session.scalars(select(Appointment.resident_name)).all() == ["M. Dupont"]
    result = run("prune", "--older-than-days", "365", "--json", **environment)
    assert json.loads(result.stdout)["appointments_anonymised"] == 1
    with database.read() as session:
        assert session.scalars(select(Appointment.resident_name)).all() == [""]
