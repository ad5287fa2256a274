# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line `guichet-web messages`: sends what waits, makes reminders."""

import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from urllib.parse import urlsplit

import click
import structlog
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings, SettingsError
from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.commands.fleet_watch import FleetWatch
from booking_web.commands.settings import with_settings
from booking_web.domain.documents.archive import open_archive
from booking_web.domain.documents.errors import StoreNotConfigured
from booking_web.domain.journal.chaining import Chain
from booking_web.domain.rights.password_links import PasswordMail
from booking_web.shell.languages import in_french
from booking_web.tables.document_mails import DocumentMail
from booking_web.telling.alerts.alert_mails import AlertMailer
from booking_web.telling.alerts.personal_mails import PersonalMailer
from booking_web.telling.alerts.watch_mails import Found, watch_mail
from booking_web.telling.messages.document_mails import DocumentLetters
from booking_web.telling.messages.mail_queue import MailQueue
from booking_web.telling.messages.password_mails import PasswordLetters
from booking_web.telling.messages.ports import NotDelivered
from booking_web.telling.messages.reminders import forget_old, queue_reminders
from booking_web.telling.messages.sending import MessageSender
from booking_web.telling.messages.sms_senders import sms_sender_of
from booking_web.telling.messages.smtp_mailer import SmtpMailer
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)


@click.group("messages")
def messages() -> None:
    """Write to residents by e-mail and SMS, and to who has forgotten a password."""


@messages.command()
@click.option(
    "--every",
    metavar="SECONDS",
    type=click.IntRange(1),
    help="Go on, with this pause between two looks, until told to stop.",
)
@with_settings
def send(settings: Settings, every: int | None) -> None:
    """Send what is due in the outbox, look after the fleet, and link the journal's lines."""
    database = Database(settings.database_url, signing_key=settings.secret_key)
    fleet = FleetWatch(settings, database, utc_now)
    try:
        sender = sender_of(settings, database)
        documents = document_mailer_of(settings, database)
        passwords = password_mailer_of(settings, database)
        alerts = alert_mailer_of(settings, database)
        concerned = personal_mailer_of(settings, database)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    stop = threading.Event()
    if every is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    with in_french(), _journal_linked(database, stop, goes_on=every is not None):
        while not stop.is_set():
            try:
                passed = asdict(sender.send_due())
                if documents is not None:
                    passed["documents"] = documents.send_due()
                if passwords is not None:
                    passed["passwords"] = passwords.send_due()
                fleet.look()
                if alerts is not None:
                    passed["alerts"] = alerts.send_due()
                if concerned is not None:
                    passed["people"] = concerned.send_due()
                if every is None or any(passed.values()):
                    logger.info("outbox passed", **passed)
            except DatabaseBusy:
                logger.warning("database busy")
            except OperationalError:
                if every is None:
                    raise
                # It is back one day: who ended here would have been missed by then.
                logger.warning("database not available, messages wait")
            if every is None or stop.wait(every):
                break
    database.dispose()


@contextmanager
def _journal_linked(
    database: Database, stop: threading.Event, *, goes_on: bool
) -> Iterator[None]:
    """Have the journal linked meanwhile, whatever a mail server takes its time for."""
    chain = Chain(database, utc_now)
    if not goes_on:
        chain.catch_up()
        yield
        return
    linking = threading.Thread(target=chain.keep_up, args=(stop,), name="journal")
    linking.start()
    try:
        yield
    finally:
        stop.set()
        linking.join()


@messages.command()
@with_settings
def remind(settings: Settings) -> None:
    """Queue the reminders that are due 48 hours before, and forget old messages."""
    database = Database(settings.database_url, signing_key=settings.secret_key)
    now = utc_now()
    queued = in_transaction(database, lambda session: queue_reminders(session, now))
    forgotten = in_transaction(database, lambda session: forget_old(session, now))
    database.dispose()
    logger.info("reminders queued", queued=queued, forgotten=forgotten)


def sender_of(settings: Settings, database: Database) -> MessageSender:
    """Give the sender that the settings describe; raises SettingsError."""
    has_mail = bool(settings.smtp_host or settings.mail_from)
    return MessageSender(
        database,
        mailer=SmtpMailer(settings) if has_mail else None,
        sms_sender=sms_sender_of(settings, SmtpMailer),
        mail_from=settings.mail_from or "",
        now=utc_now,
    )


def password_mailer_of(
    settings: Settings, database: Database
) -> MailQueue[PasswordMail] | None:
    """Give the sender of links for passwords; none without a server and a `site_url`."""
    if not (settings.smtp_host and settings.mail_from and settings.site_url):
        return None
    return MailQueue(
        database,
        SmtpMailer(settings),
        PasswordLetters(database, site_url=settings.site_url),
        mail_from=settings.mail_from,
        now=utc_now,
    )


def document_mailer_of(
    settings: Settings, database: Database
) -> MailQueue[DocumentMail] | None:
    """Give the sender of documents; none without a server, or a store to read them from."""
    try:
        archive = open_archive(settings, database, utc_now)
    except StoreNotConfigured as error:
        # The other messages go out all the same.
        logger.warning("no documents to send", reason=str(error))
        return None
    if not (settings.smtp_host and settings.mail_from and archive.is_configured):
        return None
    return MailQueue(
        database,
        SmtpMailer(settings),
        DocumentLetters(database, archive),
        mail_from=settings.mail_from,
        now=utc_now,
    )


def alert_mailer_of(settings: Settings, database: Database) -> AlertMailer | None:
    """Give the sender of e-mails about the machines; none where nobody is named."""
    if not (settings.alert_mail and settings.mail_from):
        return None
    return AlertMailer(
        database,
        SmtpMailer(settings),
        mail_from=settings.mail_from,
        recipients=settings.alert_mail.split(),
        site_url=settings.site_url or "",
        now=utc_now,
    )


def personal_mailer_of(settings: Settings, database: Database) -> PersonalMailer | None:
    """Give the sender of e-mails about alerts to whom they concern; none without a server."""
    if not (settings.smtp_host and settings.mail_from):
        return None
    return PersonalMailer(
        database,
        SmtpMailer(settings),
        mail_from=settings.mail_from,
        site_url=settings.site_url or "",
        now=utc_now,
    )


@messages.command()
@with_settings
def watched(settings: Settings) -> None:
    """Write to who is told of alerts what `guichet-server watch` found, given as JSON.

    Asks nothing of the database: it may be what failed.
    """
    if not (settings.alert_mail and settings.mail_from):
        click.echo("nobody is named to be told: alert_mail", err=True)
        return
    try:
        found = Found.model_validate_json(sys.stdin.buffer.read())
    except ValidationError as error:
        raise click.UsageError("what is read is no JSON of a watch") from error
    with in_french():
        mail = watch_mail(
            found,
            server=urlsplit(settings.site_url or "").hostname or socket.gethostname(),
            sender=settings.mail_from,
            recipients=settings.alert_mail.split(),
            now=utc_now(),
        )
    mailer = SmtpMailer(settings)
    try:
        mailer.send(mail)
    except NotDelivered as error:
        raise click.ClickException(f"the e-mail did not go out: {error}") from error
    finally:
        mailer.close()
