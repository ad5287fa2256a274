# SPDX-License-Identifier: AGPL-3.0-or-later
"""The database is away: each command says so in a sentence, and what to do. It was a traceback."""

import signal
import threading
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from booking_web.commands import messages, webhooks
from booking_web.commands.main import COMMANDS, main
from provisioning.cli import main as guichet_provision

# Nobody listens there.
AWAY = "postgresql+psycopg://guichet@127.0.0.1:1/guichet"
EMAIL = "mairie@wassigny.example"
# What is typed after each command's name, where it asks the database.
TYPED = {
    "api-client": ("list",),
    "fleet": ("list",),
    "forms": ("list", "--organisation", "msa"),
    "forget-code": (EMAIL,),
    "import": ("{file}", "--user", EMAIL),
    "invite": (EMAIL,),
    "messages": ("remind",),
    "prune": ("--older-than-days", "900"),
    "settle-older-copy": ("--copied-at", "2026-11-27T02:30:00+00:00"),
    "statistics": ("refresh",),
    "upgrade-database": (),
    "verify-journal": (),
    "webhooks": ("list",),
}
# They begin without one, and answer 503 or wait until it is back.
SERVICES = {"front", "live", "serve"}


def test_every_command_is_typed_here() -> None:
    assert set(TYPED) | SERVICES == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(TYPED))
def test_each_command_says_that_the_database_does_not_answer(
    name: str, tmp_path
) -> None:
    file = tmp_path / "appointments.csv"
    file.write_text("nom;jour\n")
    typed = [each.format(file=file) for each in TYPED[name]]
    told = CliRunner().invoke(
        main,
        ["--database-url", AWAY, name, *typed],
        env={
            "GUICHET_SECRET_KEY": "x",
            "GUICHET_DOCUMENTS_DIR": str(tmp_path),
            "GUICHET_SITE_URL": "https://guichet.example",
        },
    )
    said(told)


@pytest.mark.parametrize("typed", [("list", "kiosks"), ("diagnose", "kiosk-guise")])
def test_so_does_the_directory_s_and_those_of_other_rooms(typed) -> None:
    told = CliRunner().invoke(guichet_provision, ["--database-url", AWAY, *typed])
    said(told)


class ThreeTurns(threading.Event):
    """Ends a service after three turns, as the third is waited for; its threads wait."""

    turns = 0

    def wait(self, timeout: float | None = None) -> bool:
        if threading.current_thread() is not threading.main_thread():
            return super().wait(timeout)
        self.turns += 1
        if self.turns >= 3:
            self.set()
        return self.is_set()


@pytest.mark.parametrize(
    ("module", "name"), [(messages, "messages"), (webhooks, "webhooks")]
)
def test_a_service_goes_on_and_waits_until_it_is_back(
    module, name: str, monkeypatch
) -> None:
    """It ended, and was started again each ten seconds, to end again."""
    # Threads have events of their own, and wait for them.
    known = SimpleNamespace(Event=ThreeTurns, Thread=threading.Thread)
    monkeypatch.setattr(module, "threading", known)
    deaf = SimpleNamespace(
        signal=lambda number, handler: None,
        SIGTERM=signal.SIGTERM,
        SIGINT=signal.SIGINT,
    )
    monkeypatch.setattr(module, "signal", deaf)
    told = CliRunner().invoke(
        main,
        ["--database-url", AWAY, name, "send", "--every", "1"],
        env={"GUICHET_SECRET_KEY": "x"},
    )
    assert told.exit_code == 0, told.output
    assert told.stderr.count(f"database not available, {name} wait") == 3


def test_what_a_check_of_the_server_repeats_says_why() -> None:
    """It repeats the last line, which was a question of PostgreSQL's client."""
    away = "postgresql+psycopg://guichet@/guichet?host=/nowhere"
    told = CliRunner().invoke(
        main,
        ["--database-url", away, "upgrade-database", "--dry-run"],
        env={"GUICHET_SECRET_KEY": "x"},
    )
    said(told)
    assert "the database cannot be used: " in told.stderr.splitlines()[-1]


def said(told) -> None:
    assert told.exit_code == 1, told.output
    assert isinstance(told.exception, SystemExit), told.exception
    assert "Traceback" not in told.output
    assert "Error: " in told.stderr and "database" in told.stderr
