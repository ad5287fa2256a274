# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: another process holds the database for three seconds."""

import sqlite3
import threading
import time
from typing import Self

import requests
from sqlalchemy import select

from booking_web.tables.appointment import Appointment, KioskSlot
from stage.html_forms import forms_of
from stage.secretary import Secretary
from stage.waiting import PATIENCE, wait_for

# The fault itself, well within the five seconds for which SQLite is asked again; a sign-in takes
# a second of its own for the password.
LOCKED_SECONDS, LOCKED_AT_SIGN_IN_SECONDS = 3.0, 1.0


class Lock:
    """The write lock of the database, held by somebody else."""

    def __init__(self, url: str) -> None:
        self._path = url.removeprefix("sqlite:///")
        self._is_held, self._ends = threading.Event(), threading.Event()
        self._seconds = 0.0
        # Told before it is let go: who has written by then did not wait for it.
        self.is_over = threading.Event()
        self._holder = threading.Thread(target=self._hold)

    def __enter__(self) -> Self:
        self._holder.start()
        wait_for(self._is_held.is_set, "the database is locked")
        return self

    def __exit__(self, *_error: object) -> None:
        self._ends.set()
        self._holder.join()

    def let_go_in(self, seconds: float) -> None:
        """Hold it for so long from now."""
        self._seconds = seconds
        self._ends.set()

    def _hold(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        self._is_held.set()
        self._ends.wait()
        time.sleep(self._seconds)
        self.is_over.set()
        connection.execute("ROLLBACK")
        connection.close()


def test_the_submit_waits_and_succeeds_once(serve, ground, database) -> None:
    server = serve("--workers", "2", "--threads", "12")
    with Secretary(server.url) as secretary:
        secretary.sign_in(
            "mairie@wassigny.example", ground.passwords["mairie@wassigny.example"]
        )
        with Lock(ground.url) as lock:
            # Pages are still shown while nobody can write.
            assert "Prendre un rendez-vous" in secretary.day_text()
            assert not lock.is_over.is_set()
            lock.let_go_in(LOCKED_SECONDS)
            appointment_id = secretary.book("M. Dupont", "MSA")
            assert lock.is_over.is_set()
    with database.read() as session:
        assert session.scalars(select(Appointment.id)).all() == [appointment_id]
        held = session.scalars(select(KioskSlot.appointment_id)).all()
    assert set(held) == {appointment_id}


def test_a_sign_in_waits_and_succeeds(serve, ground) -> None:
    server = serve("--workers", "1", "--threads", "12")
    browser = requests.Session()
    page = browser.get(f"{server.url}/connexion", timeout=10 * PATIENCE)
    [form] = forms_of(page.text)
    form.values |= {"email": "mairie@wassigny.example", "password": "wrong"}
    with Lock(ground.url) as lock:
        lock.let_go_in(LOCKED_AT_SIGN_IN_SECONDS)
        # A failed sign-in is counted, which is a write.
        answer = browser.post(page.url, data=form.values, timeout=20 * PATIENCE)
        assert lock.is_over.is_set()
    assert answer.status_code == 200
    assert "incorrect" in answer.text
