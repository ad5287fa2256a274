# SPDX-License-Identifier: AGPL-3.0-or-later
"""Alerts reach who repairs: by a real SMTP server, by a signed webhook; never twice."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from booking_web.commands.main import main as guichet_web
from booking_web.commands.messages import alert_mailer_of
from booking_web.domain.fleet.alerts.findings import Finding, Subject
from booking_web.domain.fleet.alerts.raising import PATIENCE, settle_alerts
from booking_web.tables.alerts import Alert, AlertKind, AlertNotice, NoticeChannel
from booking_web.tables.fleet import NodeReport
from booking_web.telling.alerts.alert_hooks import AlertHook
from booking_web.telling.alerts.alert_mails import AlertMailer
from booking_web.telling.alerts.notices import CLAIM, PAUSES, Notices
from booking_web.telling.messages.smtp_mailer import SmtpMailer
from booking_web.telling.webhooks.sender import Sender
from provisioning.database.engine import Database
from stage.smtp_server import SmtpServer

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
IT = ("it@mairie.example", "astreinte@mairie.example")
SECRET = "a secret of the tests"
K = AlertKind
FINDINGS = {
    K.KIOSK_SILENT: ("kiosk-wassigny", "2026-11-24T09:00+00:00"),
    K.SELF_TEST_FAILED: ("kiosk-guise", "screens:one_screen fan:- camera:lens_cracked"),
    K.OTHER_MACHINE: ("kiosk-guise", "198.51.100.9"),
    K.CLOCK_WRONG: ("kiosk-guise", "-3600"),
    K.DISK_LOW: ("host-1", "800000000"),
    K.CERTIFICATE_ENDS: ("host-1", "2026-11-29T11:00+00:00"),
    K.DISPATCHER_SILENT: ("", ""),
    K.BACKUP_OLD: ("host-1", "2026-11-20T03:00+00:00"),
}


class Clock:
    """The hour of a sender; it stands still unless moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def post() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def database(either_ground) -> Iterator[Database]:
    database = Database(either_ground.url)
    yield database
    database.dispose()


@pytest.fixture
def mailer(database, either_ground, post, clock, new_app):
    """Give the sender of the site's e-mails, in French as its command has it."""
    settings = either_ground.settings(
        smtp_host="127.0.0.1",
        smtp_port=post.port,
        smtp_security="none",
        mail_from="guichet@mairie.example",
    )
    with new_app(either_ground).app_context():
        yield AlertMailer(
            database,
            SmtpMailer(settings),
            mail_from=str(settings.mail_from),
            recipients=IT,
            site_url="https://guichet.example/",
            now=clock,
        )


def begin(database, *kinds, at=NOW) -> None:
    """Have alerts of these kinds begin; those that are not named end."""
    findings = [
        Finding(Subject(kind, FINDINGS[kind][0]), FINDINGS[kind][1], timedelta(0))
        for kind in kinds
    ]
    # One that is patient needs two looks to believe that something is wrong.
    for _ in range(2):
        with database.write() as session:
            settle_alerts(session, findings, frozenset(NoticeChannel), at)


def end_all(database) -> None:
    longest = max(each.to_end for each in PATIENCE.values())
    for moment in (NOW - longest, NOW):
        with database.write() as session:
            settle_alerts(session, [], frozenset(NoticeChannel), moment)


def notices(database, channel=NoticeChannel.EMAIL) -> list[AlertNotice]:
    with database.read() as session:
        query = select(AlertNotice).where(AlertNotice.channel == channel)
        return list(session.scalars(query.order_by(AlertNotice.id)))


def backdate(database) -> None:
    """Have every alert seen an hour ago, so that each has lasted long enough."""
    with database.write() as session:
        for alert in session.scalars(select(Alert)):
            alert.seen_at = NOW - timedelta(hours=1)


def raise_all(database, *kinds) -> None:
    begin(database, *kinds)
    backdate(database)
    begin(database, *kinds)


def test_one_alert_is_one_mail_that_says_what_to_do_and_where(
    database, mailer, post
) -> None:
    raise_all(database, K.SELF_TEST_FAILED)
    assert mailer.send_due() == 1
    assert [address for address, _ in post.mails] == list(IT)
    mail = post.mails[0][1]
    assert mail["Subject"] == "Alerte – kiosk-guise : auto-test en panne"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().splitlines() == [
        "ALERTE – kiosk-guise : auto-test en panne",
        "Le second écran est éteint : allumez-le. La borne signale un problème."
        " Prévenez l'administrateur. Caméra : quelque chose ne va pas. Prévenez"
        " l'administrateur.",
        "Depuis : 24 novembre 2026, 11 h 00.",
        "https://guichet.example/administration/parc/bornes/kiosk-guise",
        "",
        "Le parc : https://guichet.example/administration/parc",
    ]
    assert mailer.send_due() == 0


def test_thirty_at_once_are_one_mail(database, mailer, post) -> None:
    raise_all(database, *K)
    assert mailer.send_due() == len(K)
    assert len(post.mails) == len(IT)
    mail = post.mails[0][1]
    assert mail["Subject"] == "8 alertes"
    text = mail.get_content()
    for said in (
        "kiosk-wassigny : borne silencieuse",
        "Vue pour la dernière fois : 24 novembre 2026, 10 h 00.",
        "de l'adresse 198.51.100.9, et elle est refusée",
        "L'horloge de la borne retarde de",
        "Il reste 800 Mo.",
        "Il finit : 29 novembre 2026, 12 h 00.",
        "Site : service d'appel arrêté",
        "La dernière : 20 novembre 2026, 4 h 00.",
    ):
        assert said in text.replace("\xa0", " "), said


def test_the_end_is_told_too(database, mailer, post) -> None:
    raise_all(database, K.DISPATCHER_SILENT)
    mailer.send_due()
    end_all(database)
    assert mailer.send_due() == 1
    mail = post.mails[-1][1]
    assert mail["Subject"] == "Fin d'alerte – Site : service d'appel arrêté"
    assert "Du 24 novembre 2026, 11 h 00 au 24 novembre 2026, 11 h 00." in (
        mail.get_content()
    )


def test_fault_a_mail_server_that_is_away_is_tried_again_then_given_up(
    database, mailer, post, clock
) -> None:
    raise_all(database, K.DISK_LOW)
    post.stop()
    for pause in PAUSES:
        assert mailer.send_due() == 0
        assert mailer.send_due() == 0
        [notice] = notices(database)
        assert (notice.state, notice.reason) == ("waiting", "server_unreachable")
        clock.now += pause
    assert mailer.send_due() == 0
    [notice] = notices(database)
    assert (notice.state, notice.attempts) == ("given_up", len(PAUSES) + 1)
    post.start()
    clock.now += timedelta(days=1)
    assert mailer.send_due() == 0
    assert post.mails == []


def test_fault_a_sender_that_is_killed_leaves_its_notices_to_the_next(
    database, mailer, post, clock
) -> None:
    raise_all(database, K.DISK_LOW)
    assert len(Notices(database, NoticeChannel.EMAIL, clock).take()) == 1
    # Killed here: for a while the other one believes that it is being sent.
    assert mailer.send_due() == 0
    clock.now += CLAIM
    assert mailer.send_due() == 1
    assert len(post.mails) == len(IT)


class Receiver:
    """A web server that takes what is posted, and answers what it is set to."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.taken.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/alerts"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def hook(database, receiver, clock) -> AlertHook:
    sender = Sender(allows_private=True)
    return AlertHook(database, sender, url=receiver.url, secret=SECRET, now=clock)


def test_the_webhook_is_signed_and_says_what_and_since_when(
    database, hook, receiver
) -> None:
    raise_all(database, K.SELF_TEST_FAILED)
    end_all(database)
    assert hook.send_due() == 2
    (headers, body), (_, second) = receiver.taken
    at = int(NOW.timestamp())
    signed = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256)
    assert f"t={at},v1={signed.hexdigest()}" in headers.values()
    assert headers["Guichet-Event"] == "alert"
    told = json.loads(body)
    assert told["id"] == headers["Guichet-Delivery"]
    assert told["alert"] == {
        "number": 1,
        "kind": "self_test_failed",
        "subject": "kiosk-guise",
        "state": "raised",
        "since": "2026-11-24T10:00:00+00:00",
        "until": None,
        "detail": "screens:one_screen fan:- camera:lens_cracked",
    }
    assert json.loads(second)["alert"]["state"] == "over"
    assert json.loads(second)["alert"]["until"] == "2026-11-24T10:00:00+00:00"


def test_fault_a_receiver_that_fails_gets_all_of_it_later_in_order(
    database, hook, receiver, clock
) -> None:
    raise_all(database, K.SELF_TEST_FAILED)
    end_all(database)
    receiver.status = 500
    assert hook.send_due() == 0
    assert len(receiver.taken) == 1
    reasons = [each.reason for each in notices(database, NoticeChannel.WEBHOOK)]
    assert reasons == ["http_500", "http_500"]
    receiver.status = 204
    assert hook.send_due() == 0
    clock.now += PAUSES[0]
    assert hook.send_due() == 2
    states = [json.loads(body)["alert"]["state"] for _, body in receiver.taken[1:]]
    assert states == ["raised", "over"]


def test_the_command_that_sends_looks_after_the_fleet(
    either_ground, database, post, tmp_path
) -> None:
    """Also without anybody to tell: the page shows what is wrong all the same."""
    backup = tmp_path / "backup.json"
    old = datetime.now(UTC) - timedelta(days=3)
    backup.write_text(json.dumps({"last_ok_at": old.isoformat(), "ok": True}))
    environment = {
        "GUICHET_SECRET_KEY": "unused",
        "GUICHET_SMTP_HOST": "127.0.0.1",
        "GUICHET_SMTP_PORT": str(post.port),
        "GUICHET_SMTP_SECURITY": "none",
        "GUICHET_MAIL_FROM": "guichet@mairie.example",
        "GUICHET_ALERT_MAIL": " ".join(IT),
        "GUICHET_BACKUP_RESULT": str(backup),
    }
    arguments = ["--database-url", either_ground.url, "messages", "send"]
    for _ in range(2):
        result = CliRunner().invoke(guichet_web, arguments, env=environment)
        assert result.exit_code == 0, result.output
    assert [address for address, _ in post.mails] == list(IT)
    assert "sauvegarde trop vieille" in post.mails[0][1]["Subject"]
    with database.read() as session:
        [node] = session.scalars(select(NodeReport)).all()
    assert node.version and node.disk_bytes and node.is_backup_watched
    assert node.backed_up_at == old


def test_without_an_address_nobody_is_told(either_ground, database) -> None:
    assert alert_mailer_of(either_ground.settings(), database) is None
