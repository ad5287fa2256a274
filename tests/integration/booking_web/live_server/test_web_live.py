# SPDX-License-Identifier: AGPL-3.0-or-later
"""Live pages under the real server: what an open page is told, and how soon."""

import gzip
import re
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import requests
from sqlalchemy import select, update

from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.journal.live_events import MISSED_AT_MOST
from booking_web.live_server.hub import STREAMS_PER_READER
from booking_web.tables.appointment import Appointment, LiveEvent
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import User
from stage.html_forms import forms_of
from stage.live_crowd import LiveCrowd
from stage.secretary import Secretary
from stage.waiting import PATIENCE, wait_for
from tests.factories.orders import an_order

SECRETARY = "mairie@wassigny.example"
PEOPLE = (SECRETARY, "mairie@guise.example", "conseiller@msa.example")
STORY = [State.CALLING, State.QUEUED, State.IN_CALL, State.DONE]
# What people are promised, on a machine that has nothing else to do.
SOON_SECONDS = 1.0 * PATIENCE
# Five seconds for each reader's turn, and what the rest of the test takes besides.
NO_LONGER_HEARD_SECONDS = (5.0 + 10.0) * PATIENCE


@pytest.fixture
def server(serve_site):
    return serve_site("--workers", "2", "--threads", "8")


@pytest.fixture
def signed_in(server, ground):
    """Give a function that opens a signed-in requests session."""

    def open_session(email: str = SECRETARY) -> requests.Session:
        session = requests.Session()
        page = session.get(f"{server.url}/connexion", timeout=10 * PATIENCE)
        [form] = forms_of(page.text)
        form.values |= {"email": email, "password": ground.passwords[email]}
        session.post(page.url, data=form.values, timeout=10 * PATIENCE)
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
    assert statistics.median(delays) < SOON_SECONDS


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


def direct(server, browser: requests.Session, **headers: str) -> requests.Response:
    """Open a browser's stream."""
    return browser.get(
        f"{server.url}/direct", stream=True, timeout=20 * PATIENCE, headers=headers
    )


def changes_told(lines: list[str]) -> list[tuple[str, ...]]:
    """Give the words of each change among the lines."""
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return [tuple(each.split(" ")) for each in data if " " in each]


def test_the_row_comes_with_the_state_and_says_it_aloud(
    server, signed_in, ground, database
) -> None:
    browser = signed_in()
    with direct(server, browser) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = lines_of(stream)
        read_until(lines, "hello")
        with Secretary(server.url) as secretary:
            secretary.sign_in(SECRETARY, ground.passwords[SECRETARY])
            appointment_id = secretary.book("M. Dupont", "MSA")
        told = read_until(lines, "message", f"appointment {appointment_id} 1 arrived")
        advance(database, appointment_id, State.CALLING)
        told += read_until(lines, "message", f"appointment {appointment_id} 1 calling")
    numbers = [line.removeprefix("id: ") for line in told if line.startswith("id: ")]
    update = browser.get(
        f"{server.url}/bureau/changements?n={','.join(numbers)}",
        headers={"Accept-Language": "fr"},
        timeout=20 * PATIENCE,
    ).text
    assert "M. Dupont : Réservé." in update
    assert "M. Dupont, MSA\u00a0: Appel de la borne." in update
    assert f'id="rendez-vous-{appointment_id}"' in update


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
    with direct(server, browser, **{"Last-Event-ID": "2"}) as stream:
        told = read_until(lines_of(stream), "hello")
    assert [line for line in told if line.startswith("id:")] == [
        f"id: {number}" for number in (3, 4, 5, 6, 6)
    ]


def test_a_page_that_missed_more_than_can_be_told_looks_at_everything(
    server, signed_in, database
) -> None:
    with database.write() as session:
        session.add_all(
            LiveEvent(at=datetime.now(UTC), kind="readiness")
            for _ in range(MISSED_AT_MOST + 2)
        )
    with direct(server, signed_in(), **{"Last-Event-ID": "1"}) as stream:
        told = read_until(lines_of(stream), "hello")
    assert "event: reset" in told
    assert len(told) < 12


def test_another_relay_hears_nothing(server, signed_in, ground) -> None:
    neighbour = signed_in("mairie@guise.example")
    with direct(server, neighbour) as stream:
        lines = lines_of(stream)
        read_until(lines, "hello")
        booked = {}
        for email, resident, organisation in (
            (SECRETARY, "M. Dupont", "MSA"),
            ("mairie@guise.example", "Mme Roy", "Mission locale"),
        ):
            with Secretary(server.url) as secretary:
                secretary.sign_in(email, ground.passwords[email])
                booked[resident] = secretary.book(resident, organisation)
        told = changes_told(read_until(lines, "message", f" {booked['Mme Roy']} "))
    assert {words[1] for words in told} == {str(booked["Mme Roy"])}
    for resident, number in (("M. Dupont", "1,2"), ("Mme Roy", "3,4")):
        update = neighbour.get(
            f"{server.url}/bureau/changements?n={number}", timeout=20 * PATIENCE
        ).text
        assert ("Mme Roy" in update) is (resident == "Mme Roy")
        assert "Dupont" not in update


def test_what_was_booked_at_a_neighbours_kiosk_is_live_too(
    server, signed_in, database
) -> None:
    with direct(server, signed_in()) as stream:
        lines = lines_of(stream)
        read_until(lines, "hello")
        now = datetime.now(UTC)
        with database.write() as session:
            secretary = session.scalars(
                select(User).where(User.email == SECRETARY)
            ).one()
            request = an_order(token="form", user_id=secretary.id, relay="guise")
            appointment_id = book(session, request, now).appointment.id
        told = read_until(lines, "message", "arrived")
        advance(database, appointment_id, State.CALLING)
        told += read_until(lines, "message", "calling")
    assert [words[3] for words in changes_told(told)] == [
        "booked",
        "arrived",
        "calling",
    ]


def test_whoever_is_not_signed_in_hears_nothing(server) -> None:
    for path, status in (
        ("/direct", 401),
        ("/borne/direct", 401),
        ("/mur/direct", 401),
        ("/bureau/changements", 401),
        ("/rendez-vous/changements", 401),
        ("/rendez-vous/1/changements", 401),
        ("/borne/changements", 403),
    ):
        answer = requests.get(f"{server.url}{path}", timeout=20 * PATIENCE)
        assert answer.status_code == status, path


def test_who_may_no_longer_see_it_hears_nothing_within_five_seconds(
    server, signed_in, database
) -> None:
    _secretary, neighbour, counsellor = PEOPLE
    browsers = [signed_in(email) for email in PEOPLE]
    streams = [direct(server, browser) for browser in browsers]
    lines = [lines_of(stream) for stream in streams]
    for each in lines:
        read_until(each, "hello")
    started = time.monotonic()
    page = browsers[0].get(f"{server.url}/bureau", timeout=20 * PATIENCE)
    [form] = [each for each in forms_of(page.text) if "deconnexion" in each.action]
    # A copy of the cookie is as good as the cookie.
    copy = requests.Session()
    copy.cookies.update(browsers[0].cookies)
    browsers[0].post(
        f"{server.url}{form.action}", data=form.values, timeout=20 * PATIENCE
    )
    with database.write() as session:
        people = update(User)
        session.execute(people.where(User.email == neighbour).values(active=False))
        session.execute(
            people.where(User.email == counsellor).values(organisation_id=1)
        )
    # The streams end by themselves: what happens afterwards is told to nobody.
    told = [list(each) for each in lines]
    seconds = time.monotonic() - started
    assert all("event: ended" in each for each in told)
    assert seconds < NO_LONGER_HEARD_SECONDS
    for browser in (copy, *browsers):
        assert direct(server, browser).status_code == 401


def test_two_hundred_open_pages_are_live_and_keep_nobody_waiting(
    server, signed_in, ground
) -> None:
    browser = signed_in()
    cookies = "; ".join(f"{each.name}={each.value}" for each in browser.cookies)
    with LiveCrowd(server.url, [cookies] * 200) as crowd:
        crowd.wait(b"event: hello")
        with Secretary(server.url) as secretary:
            secretary.sign_in(SECRETARY, ground.passwords[SECRETARY])
            first = secretary.book("M. Dupont", "MSA")
            crowd.wait(f"appointment {first} 1 arrived".encode())
            assert {each.partition(b"\r\n")[0] for each in crowd.received} == {
                b"HTTP/1.1 200 OK"
            }
            for _ in range(20):
                page = browser.get(f"{server.url}/bureau", timeout=20 * PATIENCE)
                assert page.status_code == 200
            # All of them were open all the time: they are told the next one, too.
            crowd.forget()
            second = secretary.book("Mme Roy", "MSA")
            crowd.wait(f"appointment {second} 1 booked".encode())


def test_one_person_has_only_so_many_streams(server, signed_in) -> None:
    browser = signed_in()
    cookies = "; ".join(f"{each.name}={each.value}" for each in browser.cookies)
    with LiveCrowd(server.url, [cookies] * STREAMS_PER_READER) as crowd:
        crowd.wait(b"event: hello")
        assert direct(server, browser).status_code == 503
    wait_for(
        lambda: direct(server, browser).status_code == 200, "closed streams make room"
    )


def test_one_change_is_one_number_on_the_wire_and_one_row_of_the_page(
    server, signed_in, ground, database
) -> None:
    # Of the town hall's day, which is another one than UTC's around midnight.
    today = datetime.now(ZoneInfo("Europe/Paris"))
    morning = today.replace(hour=6, minute=0, second=0, microsecond=0)
    with database.write() as session:
        for number in range(40):
            request = an_order(
                token=f"form-{number}",
                resident_name=f"Mme Durand {number}",
                starts_at=morning + timedelta(minutes=15 * number),
                minutes=15,
            )
            book(session, request, morning - timedelta(hours=1))
    browser = signed_in()
    page = browser.get(f"{server.url}/bureau", timeout=20 * PATIENCE).text
    # The first leaf of the day.
    shown = re.findall(r'id="rendez-vous-(\d+)"', page)
    assert len(shown) == page.count('class="row-card') == 20
    with direct(server, browser) as stream:
        lines = lines_of(stream)
        read_until(lines, "hello")
        appointment_id = int(shown[10])
        with database.write() as session:
            appointment = session.get_one(Appointment, appointment_id)
            move(session, appointment, State.CANCELLED, actor="user:1", at=morning)
        told = read_until(lines, "message", "cancelled")
    # The bookings just made may be told first.
    begins = max(n for n, line in enumerate(told) if line.startswith("id: "))
    told = told[begins:]
    assert changes_told(told) == [
        ("appointment", str(appointment_id), "1", "cancelled")
    ]
    number = told[0].removeprefix("id: ")
    with browser.get(
        f"{server.url}/bureau/changements?n={number}",
        headers={"Accept-Encoding": "gzip"},
        stream=True,
        timeout=20 * PATIENCE,
    ) as answer:
        sent = answer.raw.read(decode_content=False)
        size = len(sent) + len("\n".join(told))
        rows = gzip.decompress(sent).decode()
    assert rows.count('class="row-card') == 1
    assert f'id="rendez-vous-{appointment_id}"' in rows
    assert size < 5000


def test_the_access_log_names_nobody(server, signed_in, ground) -> None:
    browser = signed_in()
    browser.get(
        f"{server.url}/bureau?jour=2026-11-25&nom=Dupont", timeout=10 * PATIENCE
    )
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
