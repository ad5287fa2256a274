# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages work with to fill in forms: one of each for a web worker's process.

Each is made when it is first asked for: a process of the engine's belongs to the worker
that started it, and a worker that draws no form starts none. Where a site keeps no
documents, those that need the store raise StoreNotConfigured.
"""

import threading
from functools import cached_property

from flask import Flask, current_app

from booking_web.domain.forms.draft_outcomes import OpenDraft
from booking_web.domain.forms.drafts import Drafts
from booking_web.domain.forms.drawn_drafts import DrawnDrafts
from booking_web.domain.forms.engine import Draft, FormEngine
from booking_web.domain.forms.known_editions import KnownEditions
from booking_web.domain.forms.known_layouts import KnownLayouts
from booking_web.domain.forms.library import Library
from booking_web.domain.forms.printed.completing import SignedForms
from booking_web.domain.forms.printed.named_pages import NamedPages
from booking_web.domain.forms.printed.printing import PrintedForms
from booking_web.domain.forms.printed.reading import ScanReader
from booking_web.domain.forms.reader import FormReader
from booking_web.domain.forms.return_reader import ReturnReader
from booking_web.shell.archive import ARCHIVE_EXTENSION
from booking_web.shell.form_drawing import PromptDrawing
from booking_web.shell.scan_readings import ScanReadings
from booking_web.shell.services import services_of

FORMS_EXTENSION = "guichet_forms"


class FormServices:
    """Makes them, each once for the process that asks."""

    def __init__(self, app: Flask) -> None:
        self._archive = app.extensions[ARCHIVE_EXTENSION]
        self._services = services_of(app)

    @cached_property
    def editions(self) -> KnownEditions:
        """Give what is kept in memory of the editions in use."""
        return KnownEditions()

    @cached_property
    def engine(self) -> FormEngine:
        """Give the engine; its process starts with the first draft that is drawn."""
        return FormEngine()

    @cached_property
    def drawing(self) -> PromptDrawing:
        """Give what draws for those who do not wait."""
        return PromptDrawing(self.engine)

    @cached_property
    def reader(self) -> FormReader:
        """Give what reads forms and makes them final."""
        return FormReader()

    @cached_property
    def layouts(self) -> KnownLayouts:
        """Give what is kept in memory of the lines of flat forms."""
        return KnownLayouts(self.reader)

    @cached_property
    def return_reader(self) -> ReturnReader:
        """Give what marks printed pages and reads those that came back."""
        return ReturnReader()

    @cached_property
    def drafts(self) -> Drafts:
        """Give the drafts; raises StoreNotConfigured."""
        found = self._services
        return Drafts(found.database, self._archive.store.key, found.now, self.editions)

    @cached_property
    def library(self) -> Library:
        """Give the library of forms; raises StoreNotConfigured."""
        return Library(self._services.database, self._archive.store, self._services.now)

    @cached_property
    def drawn_drafts(self) -> DrawnDrafts:
        """Give what makes a draft ready for the engine; raises StoreNotConfigured."""
        database, store = self._services.database, self._archive.store
        return DrawnDrafts(database, store, self.editions)

    @cached_property
    def printed_forms(self) -> PrintedForms:
        """Give what prints drafts; raises StoreNotConfigured."""
        found = self._services
        return PrintedForms(
            found.database,
            self._archive,
            self.drafts,
            self.reader,
            self.return_reader,
            found.now,
        )

    @cached_property
    def signed_forms(self) -> SignedForms:
        """Give what puts returned pages together."""
        found = self._services
        return SignedForms(found.database, self._archive, self.return_reader, found.now)

    @cached_property
    def named_pages(self) -> NamedPages:
        """Give what looks at pages that a person named."""
        found = self._services
        return NamedPages(found.database, self._archive, self.return_reader, found.now)

    @cached_property
    def scan_readings(self) -> ScanReadings:
        """Give what looks through scans beside the requests."""
        found = self._services
        reader = ScanReader(
            found.database, self._archive, self.return_reader, found.now
        )
        return ScanReadings(reader)


def set_up_form_services(app: Flask) -> None:
    """Give the application its services for forms; after its archive."""
    app.extensions[FORMS_EXTENSION] = FormServices(app)


# `cached_property` does not keep two threads from making two of one thing.
_MAKING = threading.RLock()


def form_engine() -> FormEngine:
    """Give the engine of this process, which draws drafts."""
    with _MAKING:
        return _found().engine


def prompt_drawing() -> PromptDrawing:
    """Give what has the engine draw for those who do not wait."""
    with _MAKING:
        return _found().drawing


def form_reader() -> FormReader:
    """Give what reads forms and makes them final."""
    with _MAKING:
        return _found().reader


def layouts() -> KnownLayouts:
    """Give the lines and proposals of flat forms."""
    with _MAKING:
        return _found().layouts


def return_reader() -> ReturnReader:
    """Give what marks printed pages and reads those that came back."""
    with _MAKING:
        return _found().return_reader


def drafts() -> Drafts:
    """Give the drafts of all forms; raises StoreNotConfigured."""
    with _MAKING:
        return _found().drafts


def library() -> Library:
    """Give the library of forms; raises StoreNotConfigured."""
    with _MAKING:
        return _found().library


def printed_forms() -> PrintedForms:
    """Give what prints drafts; raises StoreNotConfigured."""
    with _MAKING:
        return _found().printed_forms


def signed_forms() -> SignedForms:
    """Give what puts returned pages together."""
    with _MAKING:
        return _found().signed_forms


def named_pages() -> NamedPages:
    """Give what looks at pages that a person named."""
    with _MAKING:
        return _found().named_pages


def read_scans_soon(appointment_id: int) -> None:
    """Have the scans of an appointment looked through, beside this request.

    Never raises: what is not read now is read when somebody looks.
    """
    with _MAKING:
        readings = _found().scan_readings
    readings.wake(appointment_id)


def drawn(draft: OpenDraft) -> Draft:
    """Give a draft as the engine draws it; raises UnknownForm or StoreNotConfigured."""
    with _MAKING:
        drawn_drafts = _found().drawn_drafts
    return drawn_drafts.drawn(draft)


def _found() -> FormServices:
    found: FormServices = current_app.extensions[FORMS_EXTENSION]
    return found
