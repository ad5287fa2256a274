# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line `guichet-web webhooks`."""

import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click
import structlog
from sqlalchemy.exc import OperationalError

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.commands.settings import with_settings
from booking_web.domain.rights.clients import ClientRefused
from booking_web.tables.webhooks import EventKind
from booking_web.telling.alerts.alert_hooks import AlertHook
from booking_web.telling.webhooks.delivery import Delivered, Delivery
from booking_web.telling.webhooks.registration import (
    add_webhook,
    remove_webhook,
    retry_given_up,
    webhook_states,
)
from booking_web.telling.webhooks.sealing import webhook_seal
from booking_web.telling.webhooks.sender import Sender
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)


@click.group()
def webhooks() -> None:
    """Tell other software what happens to appointments."""


@webhooks.command("add")
@click.argument("client")
@click.argument("url")
@click.option(
    "--event",
    "kinds",
    multiple=True,
    type=click.Choice([str(kind) for kind in EventKind]),
    help="Only these; can be repeated.",
)
@with_settings
def add(settings: Settings, client: str, url: str, kinds: tuple[str, ...]) -> None:
    """Send CLIENT's events to URL; prints the secret that signs them, once."""
    wanted = [EventKind(kind) for kind in kinds] or list(EventKind)
    with _database(settings) as database:
        secret = in_transaction(
            database,
            lambda session: add_webhook(
                session,
                client,
                url,
                wanted,
                sender=_sender(settings),
                seal=webhook_seal(settings.secret_key),
                now=utc_now(),
            ),
        )
    click.echo(secret)


@webhooks.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@with_settings
def list_them(settings: Settings, as_json: bool) -> None:
    """Show each webhook, what waits, and what was given up."""
    with _database(settings) as database, database.read() as session:
        states = webhook_states(session)
    for state in states:
        if as_json:
            click.echo(json.dumps(asdict(state)))
            continue
        trouble = f", last error {state.last_error}" if state.last_error else ""
        click.echo(
            f"{state.id}  {state.client}  {state.url}  {','.join(state.kinds)}:"
            f" {state.waiting} waiting, {state.delivered} delivered,"
            f" {state.given_up} given up{trouble}"
        )
    if not states and not as_json:
        click.echo("no webhook: see guichet-web webhooks add --help")


@webhooks.command("remove")
@click.argument("webhook_id", type=int)
@with_settings
def remove(settings: Settings, webhook_id: int) -> None:
    """Send nothing more to this webhook."""
    with _database(settings) as database:
        in_transaction(database, lambda session: remove_webhook(session, webhook_id))
    click.echo(f"webhook {webhook_id} removed")


@webhooks.command("retry")
@click.argument("webhook_id", type=int)
@with_settings
def retry(settings: Settings, webhook_id: int) -> None:
    """Send again what was given up."""
    with _database(settings) as database:
        number = in_transaction(
            database, lambda session: retry_given_up(session, webhook_id, utc_now())
        )
    click.echo(f"{number} events wait again")


@webhooks.command("send")
@click.option(
    "--every",
    "every_seconds",
    type=click.FloatRange(min=0.1),
    help="Go on, looking again after so many seconds; without it, one pass.",
)
@click.option("--dry-run", is_flag=True, help="Count what waits only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a pass.")
@with_settings
def send(
    settings: Settings, every_seconds: float | None, dry_run: bool, as_json: bool
) -> None:
    """Send what is due. Exit status 1 where one pass gave an event up."""
    with _database(settings) as database:
        if dry_run:
            with database.read() as session:
                waiting = sum(state.waiting for state in webhook_states(session))
            click.echo(f"{waiting} events wait")
            return
        delivery = Delivery(
            database, _sender(settings), webhook_seal(settings.secret_key), utc_now
        )
        alerts = _alert_hook(settings, database)
        if every_seconds is None:
            told = delivery.send_due()
            if alerts is not None:
                alerts.send_due()
            _tell(told, as_json)
            sys.exit(1 if told.given_up else 0)
        _go_on(delivery, alerts, every_seconds, as_json)


def _alert_hook(settings: Settings, database: Database) -> AlertHook | None:
    url, secret = settings.alert_webhook, settings.alert_webhook_secret
    if not url or not secret:
        return None
    return AlertHook(database, _sender(settings), url=url, secret=secret, now=utc_now)


def _go_on(
    delivery: Delivery, alerts: AlertHook | None, every_seconds: float, as_json: bool
) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        try:
            told = delivery.ended()
            if told != Delivered():
                _tell(told, as_json)
            delivery.begin_due()
            if alerts is not None:
                alerts.send_due()
        except DatabaseBusy:
            logger.warning("database busy, webhooks wait")
        except OperationalError:
            # It is back one day: who ended here would have been missed by then.
            logger.warning("database not available, webhooks wait")
        stop.wait(every_seconds)
    delivery.stop()


def _tell(told: Delivered, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(told)))
        return
    click.echo(
        f"{told.delivered} delivered, {told.failed} failed, {told.given_up} given up"
    )


def _sender(settings: Settings) -> Sender:
    return Sender(allows_private=settings.webhooks_allow_private)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url, signing_key=settings.secret_key)
    try:
        yield database
    except ClientRefused as error:
        raise click.ClickException(str(error)) from error
    finally:
        database.dispose()
