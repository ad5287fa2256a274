# SPDX-License-Identifier: AGPL-3.0-or-later
"""Live pages under the real server: what an open page is told, and how soon."""

import json
import re
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from sqlalchemy import select

from booking_web.lifecycle import move
from booking_web.live import STREAMS_PER_VIEWER
from booking_web.models import Appointment
from booking_web.scheduling import BookingRequest, book
from booking_web.states import AppointmentState as State
from provisioning.models import User
from stage.html_forms import forms_of
from stage.secretary import Secretary
from stage.waiting import wait_for

SECRETARY = "mairie@wassigny.example"
STORY = [State.CALLING, State.QUEUED, State.IN_CALL, State.DONE]


@pytest.fixture
def server(serve):
    return serve("--workers", "2", "--threads", "24")


@pytest.fixture
def signed_in(server, ground):
    """Give a function that opens a signed-in requests session."""

    def open_session(email: str = SECRETARY) -> requests.Session:
        session = requests.Session()
        page = session.get(f"{server.url}/connexion", timeout=10)
        [form] = forms_of(page.text)
        form.values |= {"email": email, "password": ground.passwords[email]}
        session.post(page.url, data=form.values, timeout=10)
        return session

    return open_session


def advance(database, appointment_id, state) -> float:
    """Move the appointment as the dispatcher would; give when it was committed."""
    with database.write() as session:
        appointment = session.get_one(Appointment, appointment_id)
        appointment.call_requested_at = None
        move(session, appointment, state, actor="dispatcher", at=datetime.now(UTC))
    return time.monotonic()


def lines_of(stream: requests.Response) -> Iterator[str]:
    """Give the lines of a stream as they come; to be asked for once."""
    return stream.iter_lines(chunk_size=1, decode_unicode=True)


def read_until(stream: Iterator[str], event: str, text: str = "") -> list[str]:
    """Read the stream up to the end of the event, or of the one that holds the text."""
    lines, is_wanted = [], False
    for line in stream:
        lines.append(line)
        if line == f"event: {event}":
            is_wanted = not text
        is_wanted = is_wanted or bool(text and text in line)
        if is_wanted and line == "":
            return lines
    raise AssertionError(f"the stream ended: {lines}")


def test_the_whole_story_arrives_in_order_and_soon(server, ground, database) -> None:
    with Secretary(server.url) as secretary:
        secretary.sign_in(SECRETARY, ground.passwords[SECRETARY])
        watch = secretary.watch()
        appointment_id = secretary.book("M. Dupont", "MSA")
        watch.wait_state(appointment_id, "arrived")
        delays = []
        for state in STORY:
            committed_at = advance(database, appointment_id, state)
            seen = watch.wait_state(appointment_id, state)
            delays.append(seen.seen_at - committed_at)
        states = [seen.state for seen in watch.states(appointment_id)]
    assert states == ["booked", "arrived", "calling", "queued", "in_call", "done"]
    assert statistics.median(delays) < 1.0


def test_states_passed_through_in_one_moment_are_each_told(
    server, ground, database
) -> None:
    with Secretary(server.url) as secretary:
        secretary.sign_in(SECRETARY, ground.passwords[SECRETARY])
        watch = secretary.watch()
        appointment_id = secretary.book("M. Dupont", "MSA")
        for state in STORY:
            advance(database, appointment_id, state)
        watch.wait_state(appointment_id, "done")
        states = [seen.state for seen in watch.states(appointment_id)]
    assert states == ["booked", "arrived", "calling", "queued", "in_call", "done"]


def test_the_list_comes_with_the_state_and_says_it_aloud(
    server, signed_in, ground, database
) -> None:
    browser = signed_in()
    headers = {"Accept-Language": "fr"}
    with browser.get(
        f"{server.url}/bureau/flux", stream=True, timeout=20, headers=headers
    ) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert stream.headers["X-Accel-Buffering"] == "no"
        lines = lines_of(stream)
        read_until(lines, "day")
        with Secretary(server.url) as secretary:
            secretary.sign_in(SECRETARY, ground.passwords[SECRETARY])
            appointment_id = secretary.book("M. Dupont", "MSA")
        told = "\n".join(read_until(lines, "day", "Appel demandé"))
        advance(database, appointment_id, State.CALLING)
        told += "\n".join(read_until(lines, "day", "Appel de la borne"))
    assert "M. Dupont : Réservé." in told
    assert "M. Dupont, MSA\u00a0: Appel de la borne." in told
    assert f'id="rendez-vous-{appointment_id}"' in told


def test_a_page_that_was_cut_off_is_told_what_it_missed(
    server, signed_in, ground, database
) -> None:
    browser = signed_in()
    with Secretary(server.url) as secretary:
        secretary.sign_in(SECRETARY, ground.passwords[SECRETARY])
        appointment_id = secretary.book("M. Dupont", "MSA")
    for state in STORY:
        advance(database, appointment_id, state)
    # Events 1 and 2 are the booking and the arrival.
    with browser.get(
        f"{server.url}/bureau/flux",
        stream=True,
        timeout=20,
        headers={"Last-Event-ID": "2"},
    ) as stream:
        told = read_until(lines_of(stream), "day")
    assert [line for line in told if line.startswith("id:")] == [
        f"id: {number}" for number in (3, 4, 5, 6)
    ]


def test_another_relay_hears_nothing(server, signed_in, ground) -> None:
    neighbour = signed_in("mairie@guise.example")
    with neighbour.get(f"{server.url}/bureau/flux", stream=True, timeout=20) as stream:
        lines = lines_of(stream)
        read_until(lines, "day")
        with Secretary(server.url) as secretary:
            secretary.sign_in(SECRETARY, ground.passwords[SECRETARY])
            secretary.book("M. Dupont", "MSA")
        with Secretary(server.url) as secretary:
            email = "mairie@guise.example"
            secretary.sign_in(email, ground.passwords[email])
            secretary.book("Mme Roy", "Mission locale")
        told = "\n".join(read_until(lines, "day"))
    assert "Mme Roy" in told
    assert "Dupont" not in told


def test_what_was_booked_at_a_neighbours_kiosk_is_live_too(
    server, signed_in, database
) -> None:
    with signed_in().get(
        f"{server.url}/bureau/flux",
        stream=True,
        timeout=20,
        headers={"Accept-Language": "fr"},
    ) as stream:
        lines = lines_of(stream)
        read_until(lines, "day")
        now = datetime.now(UTC)
        with database.write() as session:
            secretary = session.scalars(
                select(User).where(User.email == SECRETARY)
            ).one()
            request = BookingRequest(
                token="form",
                user_id=secretary.id,
                relay="guise",
                organisation="msa",
                resident_name="M. Dupont",
                reason="",
                starts_at=None,
            )
            appointment_id = book(session, request, now).appointment.id
        told = "\n".join(read_until(lines, "day", "Appel demandé"))
        advance(database, appointment_id, State.CALLING)
        told += "\n".join(read_until(lines, "day", "Appel de la borne"))
    states = [json.loads(each)["state"] for each in re.findall(r"data: ({.*})", told)]
    assert states == ["booked", "arrived", "calling"]
    assert "M. Dupont, MSA\u00a0: Appel de la borne." in told


def test_whoever_is_not_signed_in_gets_no_stream(server) -> None:
    assert requests.get(f"{server.url}/bureau/flux", timeout=10).status_code == 401


def test_streams_are_limited_and_leave_the_pages_quick(server, signed_in) -> None:
    browser = signed_in()
    # Twice the limit for two workers, and one more each that is refused.
    streams = [
        browser.get(f"{server.url}/bureau/flux", stream=True, timeout=10)
        for _ in range(2 * STREAMS_PER_VIEWER + 4)
    ]
    refused = [each for each in streams if each.status_code == 503]
    assert len(streams) - len(refused) <= 2 * STREAMS_PER_VIEWER
    assert refused
    times = []
    for _ in range(20):
        started = time.monotonic()
        assert browser.get(f"{server.url}/sante", timeout=5).status_code == 200
        times.append(time.monotonic() - started)
    assert statistics.median(times) < 0.5
    for stream in streams:
        stream.close()

    def is_open_again() -> bool:
        with browser.get(
            f"{server.url}/bureau/flux", stream=True, timeout=10
        ) as stream:
            return stream.status_code == 200

    wait_for(is_open_again, "closed streams make room", 40, poll_seconds=0.5)


def test_the_access_log_names_nobody(server, signed_in, ground) -> None:
    browser = signed_in()
    browser.get(f"{server.url}/bureau?jour=2026-11-25&nom=Dupont", timeout=10)
    log = wait_for(
        lambda: (
            server.program.log_text()
            if "GET /bureau" in (server.program.log_text())
            else None
        ),
        "the access log",
    )
    for secret in ("127.0.0.1 -", "Dupont", "jour=", "wassigny", "python-requests"):
        assert secret not in log.partition('"GET')[2], secret
