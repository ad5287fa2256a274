# SPDX-License-Identifier: AGPL-3.0-or-later
"""A form with two pages, printed, signed by hand and scanned: for what follows it on paper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.base.own_process import memory_file
from booking_web.domain.documents.archive import Archive
from booking_web.domain.documents.store import DocumentStore
from booking_web.domain.forms.drafts import Drafts
from booking_web.domain.forms.library import Library, Sent
from booking_web.domain.forms.printed.completing import SignedForms
from booking_web.domain.forms.printed.named_pages import NamedPages
from booking_web.domain.forms.printed.overview import Overview, overview
from booking_web.domain.forms.printed.printing import Printed, PrintedForms
from booking_web.domain.forms.printed.reading import ScanReader
from booking_web.domain.forms.reader import FormRead, FormReader
from booking_web.domain.forms.return_reader import ReturnReader
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import Document
from provisioning.database.engine import Database
from stage import scanned_sheets as scans
from tests.factories import pdf_forms
from tests.factories.drafts import ANNE, appointment_of, edition_of
from tests.factories.forms_read import read_form

# Left, top, width, height of the box on page 2, in points.
BOX = (320, 602, 200, 100)


def a_declaration() -> FormRead:
    """Give a form of two pages; the second is to be signed."""
    made = pdf_forms.PdfForm(pages=2)
    for line in range(12):
        for page in (1, 2):
            words = f"Je déclare que la ligne {line} de la page {page} est exacte."
            made.words(words, 60, 780 - 22 * line, page)
    made.field("nom", [60, 480, 300, 496], TU="Nom", Ff=pdf_forms.REQUIRED)
    made.words("Signature du demandeur :", 320, 250, 2)
    made.draw(b"320 140 200 100 re S", 2)
    made.field("signature", [320, 140, 520, 240], 2, kind="/Sig")
    return read_form(made.saved())


@dataclass(frozen=True)
class Paper:
    """All that prints forms and reads them again, on one database and store."""

    database: Database
    archive: Archive
    library: Library
    drafts: Drafts
    printed: PrintedForms
    reader: ScanReader
    signed: SignedForms
    named: NamedPages

    @classmethod
    def on(cls, database: Database, archive: Archive) -> "Paper":
        """Make it."""
        store: DocumentStore = archive.store
        returns = ReturnReader()
        drafts = Drafts(database, store.key, utc_now)
        return cls(
            database,
            archive,
            Library(database, store, utc_now),
            drafts,
            PrintedForms(database, archive, drafts, FormReader(), returns, utc_now),
            ScanReader(database, archive, returns, utc_now),
            SignedForms(database, archive, returns, utc_now),
            NamedPages(database, archive, returns, utc_now),
        )

    def begin(self, sent: Sent, appointment: int | None = None) -> tuple[int, int]:
        """Begin a draft of a new form; give its appointment and its number."""
        form = self.library.take_in(sent, "Déclaration", a_declaration())
        appointment = appointment or appointment_of(self.database)
        edition = edition_of(self.database, form)
        draft = self.drafts.begin(edition, appointment, ANNE)
        self.fill_in(draft, "Durand")
        return appointment, draft

    def fill_in(self, draft: int, name: str) -> None:
        """Fill in the name."""
        revision = self.drafts.read(draft).revision
        self.drafts.save_field(draft, revision, "nom", name, ANNE)

    def print(
        self, appointment: int, draft: int, title: str = "Déclaration"
    ) -> Printed:
        """Print a draft as it is now."""
        looked = self.printed.look_over(appointment, draft)
        return self.printed.keep(looked, title, ANNE)

    def sheets(self, appointment: int, number: int) -> list[Image.Image]:
        """Give the pages of a document as they leave the printer."""
        return scans.drawn_pages(self.content(appointment, number))

    def content(self, appointment: int, number: int) -> bytes:
        """Give the PDF of a document."""
        return b"".join(
            self.archive.read(document_of(self.database, appointment, number))
        )

    def scan(
        self,
        appointment: int,
        pages: Sequence[Image.Image],
        source: Source = Source.SCAN,
        then: Callable[[], object] | None = None,
    ) -> int:
        """Have pages arrive as a scan, and read; give the document's number."""
        with memory_file("scan", scans.one_scan(pages)) as file:
            document = self.archive.add(
                appointment, file, title="", source=source, actor="kiosk:wassigny"
            )
        (then or (lambda: self.reader.read_all(appointment)))()
        return document.number

    def seen(self, appointment: int) -> Overview:
        """Tell how its printed forms stand."""
        with self.database.read() as session:
            return overview(session, appointment)


def document_of(database: Database, appointment: int, number: int) -> Document:
    """Give the document with this number."""
    with database.read() as session:
        return session.scalars(
            select(Document).where(
                Document.appointment_id == appointment, Document.number == number
            )
        ).one()
