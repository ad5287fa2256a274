# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `guichet-dispatcher`: wiring and life of the process."""

import asyncio
import contextlib
import logging
import signal
import sys
from pathlib import Path

import click
import structlog
from sdnotify import SystemdNotifier

from booking_web.base.settings import Settings, SettingsError, load_settings
from booking_web.dispatcher.dispatcher import Dispatcher
from booking_web.dispatcher.manager.panoramisk_ami import PanoramiskAmi
from booking_web.dispatcher.manager.panoramisk_connection import AmiAddress
from booking_web.domain.appointments.guests.numbers import Trunk
from booking_web.domain.appointments.line.keeping import keeping_of
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Place the calls of due appointments and follow them."""


@main.command()
@click.option(
    "--config",
    "config_file",
    envvar="GUICHET_CONFIG",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The settings file of the site.",
)
@click.option("--json-log", is_flag=True, help="Log one JSON object a line.")
def run(config_file: Path | None, json_log: bool) -> None:
    """Run until SIGTERM; goes on for ever when Asterisk or the database is away."""
    _configure_log(json_log)
    try:
        settings = load_settings(config_file)
        if not settings.ami_secret:
            raise SettingsError("ami_secret is missing: the site's file holds it")
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    asyncio.run(_run(settings, settings.ami_secret))


async def _run(settings: Settings, ami_secret: str) -> None:
    database = Database(settings.database_url, signing_key=settings.secret_key)
    ami = PanoramiskAmi(
        AmiAddress(
            settings.ami_host, settings.ami_port, settings.ami_username, ami_secret
        )
    )
    doorbell = Path(settings.doorbell) if settings.doorbell else None
    dispatcher = Dispatcher(
        database,
        ami,
        doorbell,
        keeping_of(settings),
        settings.calls_at_once,
        Trunk.of(settings),
    )
    serving = asyncio.create_task(dispatcher.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, serving.cancel)
    service_manager = SystemdNotifier()
    service_manager.notify("READY=1")
    logger.info("dispatcher ready")
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    service_manager.notify("STOPPING=1")
    database.dispose()
    logger.info("dispatcher stopped")


def _configure_log(as_json: bool) -> None:
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


if __name__ == "__main__":
    main()
