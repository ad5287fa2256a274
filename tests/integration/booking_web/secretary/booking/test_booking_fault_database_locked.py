# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: another process holds the database for three seconds."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from sqlalchemy import select

from booking_web.tables.appointment import Appointment, KioskSlot
from stage.html_forms import forms_of
from stage.secretary import Secretary

LOCKED_SECONDS = 3.0


@contextmanager
def locked(
    url: str, seconds: float, begins: threading.Event | None = None
) -> Iterator[None]:
    """Hold the write lock, in the background, for so many seconds from `begins`, or from now."""
    is_held, done = threading.Event(), threading.Event()

    def hold() -> None:
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.isolation_level = None
        connection.execute("BEGIN IMMEDIATE")
        is_held.set()
        if begins is not None:
            begins.wait(60)
        done.wait(seconds)
        connection.execute("ROLLBACK")
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    is_held.wait(5)
    try:
        yield
    finally:
        done.set()
        if begins is not None:
            begins.set()
        holder.join()


def test_the_submit_waits_and_succeeds_once(serve, ground, database) -> None:
    server = serve("--workers", "2", "--threads", "12")
    with Secretary(server.url) as secretary:
        secretary.sign_in(
            "mairie@wassigny.example", ground.passwords["mairie@wassigny.example"]
        )
        started = time.monotonic()
        has_read = threading.Event()
        with locked(ground.url, LOCKED_SECONDS, has_read):
            # Pages are still shown while nobody can write.
            assert "Prendre un rendez-vous" in secretary.day_text()
            has_read.set()
            appointment_id = secretary.book("M. Dupont", "MSA")
        waited = time.monotonic() - started
    assert waited >= LOCKED_SECONDS - 0.5
    with database.read() as session:
        assert session.scalars(select(Appointment.id)).all() == [appointment_id]
        held = session.scalars(select(KioskSlot.appointment_id)).all()
    assert set(held) == {appointment_id}


def test_a_sign_in_waits_and_succeeds(serve, ground) -> None:
    server = serve("--workers", "1", "--threads", "12")
    browser = requests.Session()
    page = browser.get(f"{server.url}/connexion", timeout=10)
    [form] = forms_of(page.text)
    form.values |= {"email": "mairie@wassigny.example", "password": "wrong"}
    with locked(ground.url, 1.0):
        # A failed sign-in is counted, which is a write.
        answer = browser.post(page.url, data=form.values, timeout=20)
    assert answer.status_code == 200
    assert "incorrect" in answer.text
