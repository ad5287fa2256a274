# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which scene the second screen shows of what the server knows, and what it writes of it."""

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from booking_web.domain.appointments.asked import asked_for
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.line.joining import join_line
from booking_web.domain.kiosks.pictures import SentPicture, keep_mark
from booking_web.domain.kiosks.presence import write_presence
from booking_web.domain.kiosks.scenes import GOODBYE_LASTS, TROUBLE_LASTS
from booking_web.domain.kiosks.wipes import WipeReport, take_wipe_report
from booking_web.tables.alerts import (
    Alert,
    AlertKind,
    AlertNotice,
    NoticeChannel,
    NoticeState,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.hours import Closure, Opening
from booking_web.tables.presence import Presence
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Counter, Organisation
from stage.clock import Clock
from tests.factories.interpreters import let_interpret
from tests.factories.orders import an_order

# A Friday; 10:09 on the wall of Wassigny.
NOW = datetime(2031, 1, 10, 9, 9, tzinfo=UTC)
QUEUED = (State.ARRIVED, State.CALLING, State.QUEUED)


class Relay:
    """A relay's second screen, and what happens at its kiosk, by a clock of the test's own."""

    def __init__(self, client: FlaskClient, database, clock: Clock) -> None:
        self.clock = clock
        self._database = database
        self._client = client

    def book(self, *states: State, relay: str = "wassigny", **values: object) -> int:
        """Book an appointment and bring it through these states."""
        with self._database.write() as session:
            order = an_order(relay=relay, **values)
            appointment = book(session, order, self.clock.now).appointment
            self._advance(session, appointment, states)
            return appointment.id

    def wait(self, **values: object) -> None:
        """Have somebody wait in the line."""
        with self._database.write() as session:
            order = an_order(starts_at=None, **values)
            join_line(session, order, asked_for(session, order), self.clock.now)

    def advance(self, appointment_id: int, *states: State) -> None:
        """Bring an appointment through these states."""
        with self._database.write() as session:
            appointment = session.get_one(Appointment, appointment_id)
            self._advance(session, appointment, states)

    def _advance(self, session, appointment: Appointment, states) -> None:
        for state in states:
            if state is State.CALLING:
                appointment.call_requested_at = None
                appointment.attempt += 1
            if appointment.state != state:
                move(session, appointment, state, actor="d", at=self.clock.now)
                session.flush()

    def get(self, address: str) -> TestResponse:
        """Ask as the screen does."""
        return self._client.get(address)

    def page(self) -> str:
        """Give what the screen shows."""
        return html.unescape(self.get("/borne").text)

    def reads(self, language: str, *sentences: str) -> bool:
        """Tell whether the page and its scene are in the language, and say all of this."""
        page = self.page()
        named = re.findall(r'(?:<html|id="scene-[^>]*) lang="(\w+)"', page)
        return named == [language] * 2 and all(each in page for each in sentences)

    def scene(self) -> str:
        """Give the name of the scene."""
        [found] = re.findall(r'id="scene-(\w+)', self.page())
        return found


@pytest.fixture
def relay(new_app, ground, database) -> Relay:
    clock = Clock(NOW)
    # The code that lets a screen in is of today.
    today = new_app(ground).test_client()
    ground.let_in(today, "kiosk-wassigny")
    cookie = today.get_cookie("borne", path="/borne")
    client = new_app(ground, now=clock).test_client()
    client.set_cookie("borne", cookie.value, path="/borne")
    return Relay(client, database, clock)


def publish(database, *organisations: str, opens: int = 14 * 60) -> None:
    """Have the counters of these organisations open at this minute of each day."""
    with database.write() as session:
        counters = session.scalars(
            select(Counter)
            .join(Organisation, Organisation.id == Counter.organisation_id)
            .where(Organisation.slug.in_(organisations))
        )
        for counter in counters:
            session.add(
                Opening(
                    counter_id=counter.id,
                    first_day=date(2031, 1, 1),
                    weekdays=127,
                    opens_minute=opens,
                    closes_minute=17 * 60,
                )
            )


ALL = ("sous-prefecture-vervins", "mission-locale-thierache", "msa")


def test_nobody_knows_that_a_relay_without_hours_is_closed(relay, database) -> None:
    publish(database, "msa")
    assert relay.scene() == "free"


def test_a_closed_relay_says_when_it_opens(relay, database) -> None:
    publish(database, *ALL)
    assert relay.scene() == "closed"
    assert "Le guichet rouvre aujourd'hui à 14 h 00." in relay.page()
    relay.clock.now += timedelta(hours=4)
    assert relay.scene() == "free"
    relay.clock.now += timedelta(hours=4)
    assert "Le guichet rouvre le samedi 11 janvier 2031 à 14 h 00." in relay.page()


def test_it_is_closed_only_where_none_of_all_is_open(relay, database) -> None:
    publish(database, "msa", "mission-locale-thierache")
    publish(database, "sous-prefecture-vervins", opens=9 * 60)
    assert relay.scene() == "free"
    # On a day on which this one is not there, the others are not open yet.
    with database.write() as session:
        slug = select(Organisation.id).where(
            Organisation.slug == "sous-prefecture-vervins"
        )
        session.add(
            Closure(
                organisation_id=session.scalars(slug).one(),
                first_day=NOW.date(),
                last_day=NOW.date(),
            )
        )
    relay.clock.now += timedelta(minutes=1)
    assert relay.scene() == "closed"
    assert "Le guichet rouvre aujourd'hui à 14 h 00." in relay.page()


def test_whom_nobody_can_come_to_does_not_keep_it_open(relay, database) -> None:
    # Interpreters at any hour, and one that has no counter yet.
    let_interpret(database)
    with database.write() as session:
        session.add(Organisation(slug="caf", name="CAF", short_name="CAF"))
    publish(database, "msa", "sous-prefecture-vervins")
    assert relay.scene() == "closed"
    # Nor do the hours of interpreters.
    publish(database, "mission-locale-thierache", opens=9 * 60)
    relay.clock.now += timedelta(minutes=1)
    assert relay.scene() == "closed"


def test_who_comes_next_is_told_by_initials_alone(relay) -> None:
    starts_at = NOW + timedelta(minutes=51)
    relay.book(resident_name="Mme Zoé Lefèvre", details="RSA", starts_at=starts_at)
    page = relay.page()
    assert relay.scene() == "free"
    assert "11 h 00 <strong>Z. L.</strong>" in page and ">MSA</span>" in page
    assert not any(word in page for word in ("Lefèvre", "Zoé", "RSA"))


def test_a_light_mark_of_the_next_one_stands_on_dark(relay, database) -> None:
    relay.book(starts_at=NOW + timedelta(minutes=51))
    sent = SentPicture(b"\x89PNG", 600, 200, True, "user:1", "a form of the test", NOW)
    with database.write() as session:
        msa = select(Organisation.id).where(Organisation.slug == "msa")
        keep_mark(session, session.scalars(msa).one(), sent)
    page = relay.page()
    [address] = re.findall(r'own-mark-light"><img src="([^"]+)"[^>]*alt="MSA"', page)
    assert relay.get(address).data == b"\x89PNG"
    assert relay.get(address.replace(".png", "0.png")).status_code == 404


def test_who_comes_next_is_asked_to_sit_down_at_a_closed_relay_too(
    relay, database
) -> None:
    publish(database, *ALL)
    relay.book(starts_at=NOW + timedelta(minutes=11))
    assert relay.scene() == "closed"
    relay.clock.now += timedelta(minutes=1)
    assert relay.scene() == "expected"
    relay.clock.now += timedelta(minutes=26)
    assert relay.scene() == "closed"


def test_from_expected_to_goodbye_the_screen_is_in_the_appointments_language(
    relay,
) -> None:
    mine = relay.book(starts_at=NOW + timedelta(minutes=11), language="en")
    for minutes, language, sentence, key in (
        (0, "fr", "Bienvenue au guichet virtuel.", "Besoin d'aide ?"),
        (1, "en", "Sit down.", "Need help?"),
    ):
        relay.clock.now += timedelta(minutes=minutes)
        assert relay.reads(language, sentence, key)
    assert "The line is cut." in relay.page()
    assert "/borne/voix/en/line_cut" in relay.page()
    for state, sentence in (
        (State.ARRIVED, "Sit down."),
        (State.CALLING, "We are calling a counsellor."),
        (State.QUEUED, "A counsellor will answer you."),
        (State.IN_CALL, "The counsellor is here."),
        (State.DONE, "Thank you, goodbye."),
    ):
        relay.advance(mine, state)
        assert relay.reads("en", sentence, "Need help?"), state
    relay.clock.now += GOODBYE_LASTS
    assert relay.reads("fr", "Bienvenue au guichet virtuel.", "Besoin d'aide ?")


def test_who_waits_first_in_the_line_reads_it_in_the_language_chosen_for_them(
    relay,
) -> None:
    relay.wait(token="first", language="en")
    relay.wait(token="second")
    assert relay.reads(
        "en", "Welcome to the virtual counter.", "The call service does not answer"
    )
    # Who is expected by now comes first: nobody reads of the line then.
    relay.book(starts_at=NOW + timedelta(minutes=6), token="expected")
    assert relay.scene() == "expected"
    assert relay.reads("fr", "Asseyez-vous.")


def test_who_waits_first_and_reads_french_is_not_told_in_the_language_of_the_next(
    relay,
) -> None:
    relay.wait(token="first")
    relay.wait(token="second", language="en")
    assert relay.reads(
        "fr", "Bienvenue au guichet virtuel.", "Le service d'appel ne répond pas"
    )


def test_a_language_that_is_not_offered_any_more_is_french(relay, database) -> None:
    mine = relay.book(*QUEUED)
    with database.write() as session:
        session.get_one(Appointment, mine).language = "br"
    assert relay.reads("fr", "Un conseiller va vous répondre.", "Besoin d'aide ?")


def test_those_who_are_answered_first_are_drawn_and_no_time_is_promised(relay) -> None:
    for other in ("guise", "marly-gomont"):
        relay.book(*QUEUED, relay=other)
        relay.clock.now += timedelta(seconds=1)
    # Another organisation's queue is another one.
    mine = relay.book(*QUEUED)
    page = relay.page()
    assert relay.scene() == "waiting"
    assert "2 personnes passent avant vous." in page
    assert "environ" not in page
    relay.clock.now += timedelta(minutes=3)
    assert relay.scene() == "waiting_long"
    assert "Si personne ne répond, voyez la secrétaire." in relay.page()
    relay.advance(mine, State.ABANDONED)
    assert relay.scene() == "nobody"


def test_another_residents_call_takes_the_place_of_the_last_ones_scene(relay) -> None:
    first = relay.book(*QUEUED, State.IN_CALL, State.DONE)
    assert relay.scene() == "goodbye"
    second = relay.book(State.ARRIVED, State.CALLING, organisation="msa")
    assert relay.scene() == "calling"
    relay.advance(second, State.INTERRUPTED)
    assert relay.scene() == "call_cut"
    relay.clock.now += max(TROUBLE_LASTS, GOODBYE_LASTS)
    assert relay.scene() == "free"
    assert first != second


@pytest.fixture
def kiosk_away(relay, database) -> None:
    """Have the dispatcher see that the kiosk's telephone is not there."""
    see(database, relay.clock.now, Presence.OFFLINE)


def see(database, now: datetime, presence: Presence) -> None:
    with database.write() as session:
        devices = {"kiosk-wassigny": presence}
        write_presence(session, devices, {}, now, is_all=False)


def test_a_telephone_that_is_away_for_a_moment_is_not_out_of_order(
    relay, database, kiosk_away
) -> None:
    assert relay.scene() == "free"
    relay.clock.now += timedelta(seconds=61)
    see(database, relay.clock.now, Presence.OFFLINE)
    assert relay.scene() == "out_of_order"
    assert "L'administrateur est prévenu." not in relay.page()
    see(database, relay.clock.now, Presence.READY)
    assert relay.scene() == "free"


@pytest.mark.parametrize("is_waited_for", [False, True])
def test_a_kiosk_that_is_not_wiped_is_out_of_order_until_it_is(
    relay, database, is_waited_for
) -> None:
    def tell(state: str, *failures: str) -> None:
        with database.write() as session:
            told = WipeReport(state, None, failures)
            take_wipe_report(session, 1, told, "kiosk", relay.clock.now)

    if is_waited_for:
        # Who sits there is not told to stay.
        asked = relay.book(State.ARRIVED)
        with database.write() as session:
            appointment = session.get_one(Appointment, asked)
            appointment.call_requested_at = relay.clock.now
    expected = "calling" if is_waited_for else "free"
    assert relay.scene() == expected
    tell("failed", "spool:read_only")
    assert relay.scene() == "out_of_order"
    tell("clean")
    assert relay.scene() == expected


def test_that_the_administrator_was_told_is_said_once_it_is_so(
    relay, database, kiosk_away
) -> None:
    relay.clock.now += timedelta(seconds=61)
    see(database, relay.clock.now, Presence.OFFLINE)
    with database.write() as session:
        alert = Alert(
            kind=AlertKind.KIOSK_SILENT, subject="kiosk-wassigny", seen_at=NOW
        )
        session.add(alert)
        session.flush()
        notice = AlertNotice(
            uuid="1",
            alert_id=alert.id,
            is_over=False,
            channel=NoticeChannel.EMAIL,
            next_attempt_at=NOW,
            created_at=NOW,
        )
        session.add(notice)
    assert "L'administrateur est prévenu." not in relay.page()
    with database.write() as session:
        session.get_one(AlertNotice, 1).state = NoticeState.SENT
    assert "L'administrateur est prévenu." in relay.page()
