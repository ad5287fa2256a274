# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command that serves the pages."""

import click

from booking_web.base.listening import BehindTheFront
from booking_web.base.settings import Settings
from booking_web.commands.settings import with_settings
from booking_web.commands.web_server import WebServer


@click.command()
@click.option(
    "--bind",
    type=BehindTheFront(),
    default="127.0.0.1:8000",
    show_default=True,
    help="HOST:PORT on the loopback, or unix:PATH; `front` serves the network.",
)
@click.option(
    "--workers",
    default=2,
    show_default=True,
    type=click.IntRange(1),
    help="Processes; one for each processor.",
)
@click.option(
    "--threads",
    default=16,
    show_default=True,
    type=click.IntRange(1),
    help="Per worker: so many requests at once.",
)
@with_settings
def serve(settings: Settings, bind: str, workers: int, threads: int) -> None:
    """Serve the pages until told to stop."""
    WebServer(settings, bind=bind, workers=workers, threads=threads).run()
