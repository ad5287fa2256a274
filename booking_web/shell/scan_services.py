# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages work with to arrange scans: one of each for a web worker's process.

Where a site keeps no documents, all that is asked of them raises StoreNotConfigured.
"""

from flask import Flask, current_app

from booking_web.domain.documents.keeping import Keeper
from booking_web.domain.documents.keepings import Keepings
from booking_web.domain.documents.thumbnails import Thumbnails
from booking_web.shell.archive import ARCHIVE_EXTENSION
from booking_web.shell.services import services_of

SCANS_EXTENSION = "guichet_scans"


class ScanServices:
    """The three of them; none starts a thread or a process before it is used."""

    def __init__(self, app: Flask) -> None:
        archive, found = app.extensions[ARCHIVE_EXTENSION], services_of(app)
        self.keeper = Keeper(found.database, archive, found.now)
        self.keepings = Keepings(found.database, self.keeper, found.now)
        self.thumbnails = Thumbnails(archive)


def set_up_scan_services(app: Flask) -> None:
    """Give the application its services for scans; after its archive."""
    app.extensions[SCANS_EXTENSION] = ScanServices(app)


def scan_services() -> ScanServices:
    """Give the services of the application that answers this request."""
    found: ScanServices = current_app.extensions[SCANS_EXTENSION]
    return found
