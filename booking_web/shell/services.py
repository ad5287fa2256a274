# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages work with, kept once per application."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app, g

from booking_web.base.settings import Settings
from booking_web.domain.journal.live_events import last_event_id
from booking_web.shell.doorbell import Doorbell
from provisioning.database.engine import Database

EXTENSION = "guichet"


@dataclass(frozen=True)
class Services:
    """The collaborators of every view of one application."""

    settings: Settings
    database: Database
    doorbell: Doorbell
    now: Callable[[], datetime]


def services_of(app: Flask) -> Services:
    """Give the services of an application."""
    found: Services = app.extensions[EXTENSION]
    return found


def services() -> Services:
    """Give the services of the application that answers this request."""
    return services_of(current_app)


def begin_page() -> None:
    """Note the latest change, before anything that a page shows is read.

    Noted later, a change between the two would be neither on the page nor told to it.
    """
    with services().database.read() as session:
        g.drawn_after = last_event_id(session)


def last_change() -> int:
    """Give the number of the change that the page is drawn after; `begin_page` noted it."""
    return int(g.drawn_after)
