# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the server saw of itself goes out by a real SMTP server, with the database away."""

import json

import pytest
from click.testing import CliRunner, Result

from booking_web.commands.main import main as guichet_web
from booking_web.tables.alerts import NoticeChannel
from tests.integration.booking_web.telling.alerts.alerts_ground import (
    IT,
    K,
    notices,
    raise_all,
)

# Nobody listens there.
AWAY = "postgresql+psycopg://guichet@127.0.0.1:1/guichet"
DATABASE = {
    "name": "database",
    "says": "guichet-web --config failed: the database does not answer",
    "advice": "systemctl status postgresql",
    "since": "2026-12-01T11:58:00+00:00",
    "looks": 2,
}
UNITS = DATABASE | {"name": "units", "says": "not running: guichet-web.service"}


def sent(post, told: object, **changes: str) -> Result:
    environment = {
        "GUICHET_SECRET_KEY": "unused",
        "GUICHET_SMTP_HOST": "127.0.0.1",
        "GUICHET_SMTP_PORT": str(post.port),
        "GUICHET_SMTP_SECURITY": "none",
        "GUICHET_MAIL_FROM": "guichet@mairie.example",
        "GUICHET_ALERT_MAIL": " ".join(IT),
        "GUICHET_SITE_URL": "https://guichet.example",
        "TZ": "Europe/Paris",
        **changes,
    }
    return CliRunner().invoke(
        guichet_web,
        ["--database-url", AWAY, "messages", "watched"],
        input=told if isinstance(told, str) else json.dumps(told),
        env={key: value for key, value in environment.items() if value},
    )


def test_it_says_what_failed_and_what_to_do(post) -> None:
    told = sent(post, {"began": [DATABASE, UNITS], "over": []})
    assert told.exit_code == 0, told.output
    assert [address for address, _ in post.mails] == list(IT)
    mail = post.mails[0][1]
    assert mail["Subject"] == "Alerte – serveur guichet.example : 2 contrôles en panne"
    assert (mail["Content-Language"], mail["Auto-Submitted"]) == (
        "fr",
        "auto-generated",
    )
    text = mail.get_content().splitlines()
    assert text[:3] == [
        "ALERTE – database",
        DATABASE["says"],
        "À faire : systemctl status postgresql",
    ]
    assert text[3].startswith("Depuis : 01/12/2026 ")
    assert "guichet-server check" in text[-1]


def test_it_says_that_all_is_well_again(post) -> None:
    assert sent(post, {"began": [], "over": [DATABASE]}).exit_code == 0
    mail = post.mails[0][1]
    assert mail["Subject"] == "Fin d'alerte – serveur guichet.example"
    assert mail.get_content().splitlines()[1].startswith("Le début : 01/12/2026 ")


def test_where_nobody_is_named_it_is_told_to_nobody(post) -> None:
    told = sent(post, {"began": [DATABASE]}, GUICHET_ALERT_MAIL="")
    assert told.exit_code == 0 and "nobody is named" in told.stderr
    assert post.mails == []


def test_a_mail_server_that_is_away_is_told_to_who_asked(post) -> None:
    told = sent(post, {"began": [DATABASE]}, GUICHET_SMTP_PORT="1")
    assert told.exit_code == 1
    assert "the e-mail did not go out: server_unreachable" in told.stderr


@pytest.mark.parametrize("text", ["", "[]", '{"began": [{}]}', '{"began": 3}'])
def test_what_is_no_word_of_a_watch_is_refused(post, text: str) -> None:
    told = sent(post, text)
    assert told.exit_code == 2 and "no JSON of a watch" in told.stderr
    assert post.mails == []


def test_the_alert_of_the_pages_sends_no_second_one(database, mailer, post) -> None:
    raise_all(database, K.SERVER_FAILING)
    assert mailer.send_due() == 0 and post.mails == []
    channels = {NoticeChannel.WEBHOOK: 1, NoticeChannel.EMAIL: 0}
    for channel, count in channels.items():
        assert len(notices(database, channel)) == count
