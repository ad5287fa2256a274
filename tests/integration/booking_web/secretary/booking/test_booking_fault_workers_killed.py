# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: the web workers are killed while, or just after, a form is submitted."""

import os
import signal
import threading

import pytest
import requests
from sqlalchemy import select

from booking_web.domain.places.grid import slots_touched
from booking_web.tables.appointment import Appointment, JournalEntry, KioskSlot
from stage.html_forms import Form, forms_of
from stage.waiting import PATIENCE, wait_for

SECRETARY = "mairie@wassigny.example"


class Browser:
    """A signed-in secretary who keeps the form that they filled in."""

    def __init__(self, url: str, password: str) -> None:
        self._url = url
        self._session = requests.Session()
        page = self._session.get(f"{url}/connexion", timeout=10 * PATIENCE)
        [form] = forms_of(page.text)
        form.values |= {"email": SECRETARY, "password": password}
        self._session.post(page.url, data=form.values, timeout=10 * PATIENCE)

    def filled_form(self) -> Form:
        """Give the booking form, filled in."""
        page = self._session.get(f"{self._url}/bureau", timeout=10 * PATIENCE).text
        [form] = [each for each in forms_of(page) if "resident_name" in each.values]
        form.values |= {"resident_name": "M. Dupont", "organisation": "msa"}
        form.values["when"] = "now"
        return form

    def submit(self, form: Form) -> str:
        """Send the form and give where it leads."""
        answer = self._session.post(
            self._url + form.action,
            data=form.values,
            timeout=20 * PATIENCE,
            allow_redirects=False,
        )
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]


def kill_workers(server) -> None:
    """Kill every worker at once; gunicorn starts others."""
    killed = server.worker_pids()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    wait_for(
        lambda: (
            len(server.worker_pids()) == len(killed)
            and not set(killed) & set(server.worker_pids())
        ),
        "new workers",
    )


def the_one_appointment(database) -> Appointment:
    with database.read() as session:
        [appointment] = session.scalars(select(Appointment)).all()
        slots = session.scalars(select(KioskSlot.starts_at)).all()
        acts = session.scalars(select(JournalEntry.act)).all()
    assert sorted(slots) == slots_touched(appointment.starts_at, appointment.ends_at)
    assert acts.count("booked") == 1
    return appointment


def test_a_form_sent_again_after_the_answer_was_lost_is_not_doubled(
    serve, ground, database
) -> None:
    server = serve("--workers", "2", "--threads", "12")
    browser = Browser(server.url, ground.passwords[SECRETARY])
    form = browser.filled_form()
    first = browser.submit(form)
    kill_workers(server)
    again = browser.submit(form)
    assert again == first
    assert again.endswith(f"-{the_one_appointment(database).id}")


def test_a_form_whose_worker_died_on_it_is_sent_again_and_not_lost(
    serve, ground, database
) -> None:
    server = serve("--workers", "2", "--threads", "12")
    browser = Browser(server.url, ground.passwords[SECRETARY])
    form = browser.filled_form()
    lock = database.engine.connect().execution_options(sqlite_begin="IMMEDIATE")
    lock.begin()
    failures: list[Exception] = []

    def submit() -> None:
        try:
            browser.submit(form)
        except requests.RequestException as error:
            failures.append(error)

    submitting = threading.Thread(target=submit)
    submitting.start()
    # Nobody can write, so nobody answers: sooner or later it dies with the worker it is in.
    while submitting.is_alive():
        kill_workers(server)
        submitting.join(1)
    lock.close()
    assert failures
    where = browser.submit(form)
    assert where.endswith(f"-{the_one_appointment(database).id}")


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_stops_quickly_although_pages_are_watching(
    serve_site, ground, signal_number
) -> None:
    site = serve_site("--workers", "1", "--threads", "8")
    browser = Browser(site.url, ground.passwords[SECRETARY])
    streams = [
        browser._session.get(f"{site.url}/direct", stream=True, timeout=10 * PATIENCE)
        for _ in range(3)
    ]
    assert [stream.status_code for stream in streams] == [200] * 3
    os.kill(site.live.pid, signal_number)
    # As long as the streams themselves it would go on for hours.
    wait_for(lambda: not site.live.is_running, "the server stops", 20)
    for stream in streams:
        stream.close()
