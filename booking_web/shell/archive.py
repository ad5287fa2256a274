# SPDX-License-Identifier: AGPL-3.0-or-later
"""The archive of the application that answers a request, and how its pages open."""

from flask import Flask, current_app

from booking_web.domain.documents.archive import Archive, open_archive
from booking_web.domain.documents.laid_pages import LaidPage
from booking_web.domain.documents.laid_pictures import size_as_it_lies
from booking_web.domain.kiosks.looking_closely import opened
from booking_web.domain.kiosks.screen_content import Closer
from booking_web.shell.services import EXTENSION, Services
from booking_web.tables.documents import Document

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


def opened_closely(document: Document, laid: LaidPage) -> Closer:
    """Give how closely the second screen shows a page first.

    Drawn for it: raises DocumentRefused where nobody can see it.
    """
    picture = archive().draw_page(document, laid.page)
    return opened(*size_as_it_lies(picture, laid))
