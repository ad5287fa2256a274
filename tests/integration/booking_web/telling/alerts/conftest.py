# SPDX-License-Identifier: AGPL-3.0-or-later
"""A clock that stands still, a real SMTP server, and the sender of the site's alerts."""

from collections.abc import Iterator

import pytest

from booking_web.telling.alerts.alert_mails import AlertMailer
from booking_web.telling.messages.smtp_mailer import SmtpMailer
from provisioning.database.engine import Database
from stage.clock import Clock
from stage.smtp_server import SmtpServer
from tests.integration.booking_web.telling.alerts.alerts_ground import IT, NOW


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def post() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


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
