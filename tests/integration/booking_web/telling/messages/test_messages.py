# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages to residents, with a real SMTP server: once each, retried, given up in words."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from click.testing import CliRunner
from icalendar import Calendar
from sqlalchemy import func, select, update

from booking_web.base.settings import Settings
from booking_web.base.sms_spool import SmsSpool
from booking_web.commands.main import main as guichet_web
from booking_web.domain.appointments import acts
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.rules import Hours
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.messages import Message, MessageState
from booking_web.telling.messages.reminders import forget_old, queue_reminders
from booking_web.telling.messages.sending import PAUSES, MessageSender, Passed
from booking_web.telling.messages.sms_senders import sms_sender_of
from booking_web.telling.messages.smtp_mailer import SmtpMailer
from provisioning.database.engine import Database
from provisioning.database.models import Relay
from stage.clock import Clock
from stage.smtp_server import SmtpServer
from tests.factories.orders import add_resident, an_order

NOW = datetime(2031, 1, 2, 9, 0, tzinfo=UTC)
IN_THREE_DAYS = NOW + timedelta(days=3, hours=4, minutes=30)
MAIL = "zoe.lefevre@example.org"
MOBILE = "+33600000000"
LANDLINE = "+33199000102"


@pytest.fixture
def post() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def settings(ground, post) -> Settings:
    return ground.settings(
        smtp_host="127.0.0.1",
        smtp_port=post.port,
        smtp_security="none",
        mail_from="rendez-vous@mairie.example",
    )


def make_sender(settings: Settings, database: Database, clock: Clock) -> MessageSender:
    return MessageSender(
        database,
        mailer=SmtpMailer(settings) if settings.smtp_host else None,
        sms_sender=sms_sender_of(settings, SmtpMailer),
        mail_from=settings.mail_from or "",
        now=clock,
    )


@pytest.fixture
def sender(app, settings, database, clock) -> Iterator[MessageSender]:
    with app.app_context():
        yield make_sender(settings, database, clock)


def make_appointment(
    database, starts_at=IN_THREE_DAYS, *, mail=MAIL, telephone="", now=NOW
) -> int:
    """Book for a resident with these addresses."""
    with database.write() as session:
        resident = add_resident(session, now, telephone=telephone, email=mail)
        request = an_order(
            token=f"{starts_at} {mail} {telephone}",
            resident_name="Mme Zoé Lefèvre",
            details="retraite",
            starts_at=starts_at,
            resident_id=resident.id,
        )
        appointment = book(session, request, now).appointment
        return appointment.id


def messages(database) -> list[Message]:
    with database.read() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def move_to(database, appointment_id: int, starts_at: datetime, now=NOW) -> None:
    with database.write() as session:
        appointment = session.get_one(Appointment, appointment_id)
        acts.reschedule(
            session,
            appointment,
            starts_at=starts_at,
            actor="user:1",
            now=now,
            hours=Hours.AGREED,
        )


def cancel(database, appointment_id: int) -> None:
    with database.write() as session:
        appointment = session.get_one(Appointment, appointment_id)
        acts.cancel(session, appointment, "user:1", NOW)


def calendar_of(mail: EmailMessage) -> tuple[str, Calendar]:
    """Give the method and the calendar; both copies of it must be the same."""
    inline = next(
        part for part in mail.walk() if part.get_content_type() == "text/calendar"
    )
    [attached] = mail.iter_attachments()
    assert attached.get_filename() == "rendez-vous.ics"
    first = Calendar.from_ical(inline.get_content())
    assert first.to_ical() == Calendar.from_ical(attached.get_content()).to_ical()
    assert inline["Content-Type"].params["method"] == first["METHOD"]
    return str(first["METHOD"]), first


def test_a_booking_is_told_with_its_calendar_entry(sender, database, post) -> None:
    make_appointment(database)
    assert sender.send_due() == Passed(sent=1)
    [(recipient, mail)] = post.mails
    assert recipient == MAIL
    assert mail["Subject"] == "Rendez-vous : dimanche 5 janvier 2031 à 14 h 30"
    text = mail.get_body(("plain",)).get_content()
    assert "Mutualité sociale agricole (MSA)" in text
    assert "Relais de Wassigny" in text
    assert "Lefèvre" not in str(mail) and "retraite" not in text
    method, calendar = calendar_of(mail)
    assert method == "REQUEST"
    [event] = calendar.walk("VEVENT")
    assert event["DTSTART"].dt == IN_THREE_DAYS
    assert event["SEQUENCE"] == 0 and event["STATUS"] == "CONFIRMED"
    assert event["ATTENDEE"] == f"mailto:{MAIL}"
    assert sender.send_due() == Passed()


def test_a_message_is_in_the_language_that_was_chosen_for_the_appointment(
    sender, database, post
) -> None:
    appointment_id = make_appointment(database)
    with database.write() as session:
        session.get_one(Appointment, appointment_id).language = "en"
    assert sender.send_due() == Passed(sent=1)
    [(_, mail)] = post.mails
    assert mail["Subject"].startswith("Appointment: Sunday 5 January")
    assert mail["Content-Language"] == "en"
    text = mail.get_body(("plain",)).get_content()
    assert "You have an appointment:" in text and "Bonjour" not in text


def test_one_uid_lives_through_moving_and_cancelling(
    sender, database, post, clock
) -> None:
    appointment_id = make_appointment(database)
    sender.send_due()
    later = IN_THREE_DAYS + timedelta(days=1)
    move_to(database, appointment_id, later)
    sender.send_due()
    cancel(database, appointment_id)
    sender.send_due()
    calendars = [calendar_of(mail) for _, mail in post.mails]
    assert [method for method, _ in calendars] == ["REQUEST", "REQUEST", "CANCEL"]
    events = [calendar.walk("VEVENT")[0] for _, calendar in calendars]
    assert len({str(event["UID"]) for event in events}) == 1
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2]
    assert events[1]["DTSTART"].dt == later
    assert events[2]["STATUS"] == "CANCELLED"
    assert "Ne venez pas" in post.mails[2][1].get_body(("plain",)).get_content()


def test_a_message_that_was_overtaken_is_not_sent(sender, database, post) -> None:
    appointment_id = make_appointment(database)
    move_to(database, appointment_id, IN_THREE_DAYS + timedelta(days=1))
    assert sender.send_due() == Passed(sent=1, dropped=1)
    [(_, mail)] = post.mails
    assert mail["Subject"].startswith("Rendez-vous déplacé : lundi 6 janvier")


def test_a_server_that_is_down_is_tried_again_with_growing_pauses(
    sender, database, post, clock
) -> None:
    post.stop()
    make_appointment(database)
    make_appointment(database, IN_THREE_DAYS + timedelta(hours=1), mail="b@example.org")
    assert sender.send_due() == Passed(failed=2)
    first, second = messages(database)
    assert first.state == second.state == MessageState.WAITING
    assert first.reason == "server_unreachable"
    assert first.next_attempt_at == NOW + PAUSES[0]
    assert sender.send_due() == Passed()
    clock.now += PAUSES[0]
    assert sender.send_due() == Passed(failed=2)
    assert messages(database)[0].next_attempt_at == clock.now + PAUSES[1]
    assert list(PAUSES) == sorted(PAUSES)
    post.start()
    clock.now += PAUSES[1]
    assert sender.send_due() == Passed(sent=2)
    assert {address for address, _ in post.mails} == {MAIL, "b@example.org"}
    assert messages(database)[0].reason == ""


def test_after_a_day_of_failures_the_message_is_given_up(
    sender, database, post, clock
) -> None:
    post.stop()
    make_appointment(database)
    for pause in PAUSES:
        assert sender.send_due() == Passed(failed=1)
        clock.now += pause
    assert sender.send_due() == Passed(given_up=1)
    [message] = messages(database)
    assert message.state == MessageState.GIVEN_UP
    assert message.reason == "server_unreachable"
    clock.now += timedelta(days=1)
    assert sender.send_due() == Passed()


def test_a_refused_recipient_is_given_up_at_once_and_the_others_get_theirs(
    sender, database, post, capsys
) -> None:
    post.mailbox.answers[MAIL] = "550 5.1.1 no such user zoe"
    make_appointment(database)
    make_appointment(database, IN_THREE_DAYS + timedelta(hours=1), mail="b@example.org")
    assert sender.send_due() == Passed(sent=1, given_up=1)
    refused, sent = messages(database)
    assert (refused.state, refused.reason) == ("given_up", "address_refused")
    assert sent.state == MessageState.SENT
    assert not re.search("zoe|lefevre|example.org", "".join(capsys.readouterr()))


def test_a_recipient_refused_for_now_is_tried_again(
    sender, database, post, clock
) -> None:
    post.mailbox.answers[MAIL] = "451 4.7.1 greylisted"
    make_appointment(database)
    assert sender.send_due() == Passed(failed=1)
    assert messages(database)[0].reason == "server_busy"
    post.mailbox.answers.clear()
    clock.now += PAUSES[0]
    assert sender.send_due() == Passed(sent=1)


def test_a_server_without_encryption_gets_nothing_unless_allowed(
    app, settings, database, post, clock, ground
) -> None:
    careful = ground.settings(
        smtp_host="127.0.0.1", smtp_port=post.port, mail_from="a@mairie.example"
    )
    make_appointment(database)
    with app.app_context():
        assert make_sender(careful, database, clock).send_due() == Passed(failed=1)
    assert messages(database)[0].reason == "no_encryption"
    assert post.mails == []


def test_two_senders_at_once_send_each_message_once(
    app, settings, either_ground, post, clock
) -> None:
    database = Database(either_ground.url)
    for hour in range(8):
        make_appointment(
            database, IN_THREE_DAYS + timedelta(hours=hour), mail=f"r{hour}@example.org"
        )
    together = threading.Barrier(2)

    def send() -> Passed:
        together.wait()
        with app.app_context():
            return make_sender(settings, database, clock).send_due()

    with ThreadPoolExecutor(2) as threads:
        both = [each.result() for each in [threads.submit(send) for _ in range(2)]]
    database.dispose()
    assert sum(passed.sent for passed in both) == 8
    assert sorted(address for address, _ in post.mails) == [
        f"r{hour}@example.org" for hour in range(8)
    ]


def test_a_sender_killed_while_sending_leaves_the_message_to_the_next(
    sender, database, post, clock, monkeypatch
) -> None:
    make_appointment(database)

    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(sender._mailer, "send", die)
        with pytest.raises(SystemExit):
            sender.send_due()
    assert sender.send_due() == Passed()
    clock.now += timedelta(minutes=11)
    assert sender.send_due() == Passed(sent=1)


def test_the_reminder_job_run_twice_reminds_once(
    sender, either_ground, post, clock
) -> None:
    database = Database(either_ground.url)
    make_appointment(database)
    with database.write() as session:
        session.execute(update(Message).values(state=MessageState.SENT))
    clock.now = IN_THREE_DAYS - timedelta(hours=48)
    counts = []
    # Two machines, one of them with a clock that is two minutes ahead.
    for ahead in (timedelta(0), timedelta(minutes=2), timedelta(0)):
        with database.write() as session:
            counts.append(queue_reminders(session, clock.now + ahead))
    assert counts == [1, 0, 0]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 2
    database.dispose()


def test_a_reminder_goes_out_48_hours_before_and_not_earlier(
    sender, database, post, clock
) -> None:
    make_appointment(database)
    sender.send_due()
    for before, queued in (
        (timedelta(hours=48, minutes=1), 0),
        (timedelta(hours=48), 1),
    ):
        clock.now = IN_THREE_DAYS - before
        with database.write() as session:
            assert queue_reminders(session, clock.now) == queued
    assert sender.send_due() == Passed(sent=1)
    _, mail = post.mails[1]
    assert mail["Subject"].startswith("Rappel de rendez-vous : dimanche 5 janvier")
    assert list(mail.iter_attachments()) == []


def test_who_was_told_later_than_48_hours_before_gets_no_reminder(
    database,
) -> None:
    make_appointment(database, NOW + timedelta(hours=30))
    moved = make_appointment(database, mail="b@example.org")
    at = IN_THREE_DAYS - timedelta(hours=20)
    move_to(database, moved, IN_THREE_DAYS + timedelta(hours=1), now=at)
    with database.write() as session:
        assert queue_reminders(session, at + timedelta(hours=1)) == 0


def test_a_sender_whose_clock_is_two_minutes_behind_sends_two_minutes_later(
    sender, database, clock
) -> None:
    make_appointment(database)
    clock.now = NOW - timedelta(minutes=2)
    assert sender.send_due() == Passed()
    clock.now = NOW
    assert sender.send_due() == Passed(sent=1)


@pytest.mark.parametrize(
    ("zone", "starts_at", "words"),
    [
        # 48 hours before lie in winter time, the appointment in summer time.
        ("Europe/Paris", datetime(2031, 3, 31, 7, 0, tzinfo=UTC), "31 mars 2031 à 9 h"),
        ("Indian/Reunion", datetime(2031, 3, 31, 5, 0, tzinfo=UTC), "2031 à 9 h 00"),
        ("America/Martinique", datetime(2028, 3, 1, 2, 0, tzinfo=UTC), "29 février"),
    ],
)
def test_messages_tell_the_hour_of_the_relay(
    sender, database, post, clock, zone, starts_at, words
) -> None:
    with database.write() as session:
        session.execute(update(Relay).values(time_zone=zone))
    make_appointment(database, starts_at, now=starts_at - timedelta(days=5))
    clock.now = starts_at - timedelta(hours=48)
    with database.write() as session:
        assert queue_reminders(session, clock.now) == 1
    assert sender.send_due() == Passed(sent=2)
    for _, mail in post.mails:
        assert words in mail["Subject"]
    _, calendar = calendar_of(post.mails[0][1])
    assert calendar.walk("VEVENT")[0]["DTSTART"].dt == starts_at


def test_an_sms_goes_to_a_file_for_the_modem(
    app, ground, database, clock, tmp_path
) -> None:
    spool = tmp_path / "spool"
    settings = ground.settings(sms_sender="file", sms_spool=str(spool))
    make_appointment(database, mail="", telephone=MOBILE)
    with app.app_context():
        sender = make_sender(settings, database, clock)
        assert sender.send_due() == Passed(failed=1)
        assert messages(database)[0].reason == "spool_unwritable"
        spool.mkdir()
        clock.now += PAUSES[0]
        assert sender.send_due() == Passed(sent=1)
    [file] = spool.iterdir()
    head, _, text = file.read_text().partition("\n\n")
    assert head == f"To: {MOBILE[1:]}\nAlphabet: UTF-8"
    assert text.startswith("Rendez-vous MSA : dimanche 5 janvier 2031 à 14 h 30")
    assert len(text) <= 306 and "Lefèvre" not in text


def test_an_sms_written_while_its_resident_is_erased_is_taken_back(
    app, ground, database, clock, tmp_path, monkeypatch
) -> None:
    settings = ground.settings(sms_sender="file", sms_spool=str(tmp_path))
    make_appointment(database, mail="", telephone=MOBILE)
    spool = SmsSpool(tmp_path)
    put = SmsSpool.put

    def erased_meanwhile(self: SmsSpool, sms_id: str, content: str) -> None:
        put(self, sms_id, content)
        assert len(spool.waiting()) == 1
        with database.write() as session:
            session.execute(update(Appointment).values(resident_id=None))

    monkeypatch.setattr(SmsSpool, "put", erased_meanwhile)
    with app.app_context():
        passed = make_sender(settings, database, clock).send_due()
    assert passed == Passed(dropped=1)
    assert spool.waiting() == {}
    assert messages(database)[0].reason == "address_gone"


def test_an_sms_goes_through_the_gateway(
    app, ground, database, clock, post, settings
) -> None:
    values = {name: getattr(settings, name) for name in ("smtp_host", "smtp_port")}
    settings = ground.settings(
        **values,
        smtp_security="none",
        mail_from="rendez-vous@mairie.example",
        sms_sender="smtp",
        sms_gateway="sms.example",
    )
    make_appointment(database, mail="", telephone=MOBILE)
    with app.app_context():
        assert make_sender(settings, database, clock).send_due() == Passed(sent=1)
    [(recipient, mail)] = post.mails
    assert recipient == f"{MOBILE[1:]}@sms.example"
    assert mail.get_content().startswith("Rendez-vous MSA")


def test_nothing_is_queued_without_an_address_or_for_a_walk_in(database) -> None:
    make_appointment(database, mail="", telephone=LANDLINE)
    make_appointment(database, NOW, mail=MAIL)
    assert messages(database) == []


def test_a_resident_merged_meanwhile_is_written_to_at_the_address_that_stayed(
    sender, database, post
) -> None:
    appointment_id = make_appointment(database)
    with database.write() as session:
        gone = session.get_one(Appointment, appointment_id).resident_id
        kept = add_resident(
            session, NOW, name="Zoé Lefèvre", telephone="", email="zoe@example.net"
        )
        session.get_one(Resident, gone).merged_into_id = kept.id
    assert sender.send_due() == Passed(sent=1)
    assert post.mails[0][0] == "zoe@example.net"


def test_a_message_that_came_too_late_or_has_no_channel_is_dropped(
    app, ground, sender, database, clock
) -> None:
    make_appointment(database)
    with app.app_context():
        silent = make_sender(ground.settings(), database, clock)
        assert silent.send_due() == Passed(dropped=1)
    assert messages(database)[0].reason == "channel_off"
    make_appointment(database, IN_THREE_DAYS + timedelta(hours=1), mail="b@example.org")
    clock.now = IN_THREE_DAYS + timedelta(hours=2)
    assert sender.send_due() == Passed(dropped=1)
    assert messages(database)[1].reason == "too_late"


def test_old_messages_are_forgotten(database) -> None:
    make_appointment(database)
    with database.write() as session:
        assert forget_old(session, IN_THREE_DAYS + timedelta(days=50)) == 0
        assert forget_old(session, IN_THREE_DAYS + timedelta(days=61)) == 1
    assert messages(database) == []


def test_the_command_reminds_and_sends(ground, database, post, settings) -> None:
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=47)
    make_appointment(database, starts_at, now=datetime.now(UTC) - timedelta(days=4))
    environment = {
        "GUICHET_DATABASE_URL": ground.url,
        "GUICHET_SECRET_KEY": "unused",
        "GUICHET_SMTP_HOST": "127.0.0.1",
        "GUICHET_SMTP_PORT": str(post.port),
        "GUICHET_SMTP_SECURITY": "none",
        "GUICHET_MAIL_FROM": "rendez-vous@mairie.example",
    }
    for arguments in ("remind", "remind", "send", "send"):
        result = CliRunner().invoke(
            guichet_web, ["messages", arguments], env=environment
        )
        assert result.exit_code == 0, result.output
        assert MAIL not in result.output
    kinds = [mail["Subject"].partition(" : ")[0] for _, mail in post.mails]
    assert kinds == ["Rendez-vous", "Rappel de rendez-vous"]


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({"GUICHET_SMTP_HOST": "127.0.0.1"}, "mail_from"),
        ({"GUICHET_SMS_SENDER": "pigeon"}, "file or smtp"),
        ({"GUICHET_SMS_SENDER": "file"}, "sms_spool"),
        ({"GUICHET_SMS_SENDER": "smtp"}, "sms_gateway"),
    ],
)
def test_a_half_given_setting_is_named(ground, environment, missing) -> None:
    told = {"GUICHET_DATABASE_URL": ground.url, "GUICHET_SECRET_KEY": "unused"}
    result = CliRunner().invoke(
        guichet_web, ["messages", "send"], env=told | environment
    )
    assert result.exit_code == 2
    assert missing in result.output
