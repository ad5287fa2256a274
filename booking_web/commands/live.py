# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `guichet-web live`."""

import click

from booking_web.base.listening import BehindTheFront
from booking_web.base.settings import Settings
from booking_web.commands.settings import with_settings
from booking_web.live_server.server import serve


@click.command()
@click.option(
    "--bind",
    type=BehindTheFront(),
    default="127.0.0.1:8001",
    show_default=True,
    help="HOST:PORT on the loopback, or unix:PATH; `front` serves the network.",
)
@with_settings
def live(settings: Settings, bind: str) -> None:
    """Tell open pages what changes, until told to stop.

    One process is enough for a thousand pages.
    """
    serve(settings, bind)
