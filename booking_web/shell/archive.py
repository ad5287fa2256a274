# SPDX-License-Identifier: AGPL-3.0-or-later
"""The archive of the application that answers a request."""

from flask import Flask, current_app

from booking_web.domain.documents.archive import Archive, open_archive
from booking_web.shell.services import EXTENSION, Services

ARCHIVE_EXTENSION = "guichet_archive"


def set_up_archive(app: Flask) -> None:
    """Give the application its archive; raises StoreNotConfigured for a broken key."""
    found: Services = app.extensions[EXTENSION]
    app.extensions[ARCHIVE_EXTENSION] = open_archive(
        found.settings, found.database, found.now
    )


def archive() -> Archive:
    """Give the archive of the application that answers this request."""
    found: Archive = current_app.extensions[ARCHIVE_EXTENSION]
    return found
