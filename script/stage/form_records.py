# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a stage's database knows of forms: of drafts, what was printed, what came back."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.forms.description import FieldKind, FormDescription, Rectangle
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.forms import Draft, FormEdition
from booking_web.tables.printed_forms import PrintedForm, ReturnedPage
from provisioning.database.models import Kiosk
from stage.stack import Stage


class FormRecords:
    """Reads them; each question is a session of its own."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def draft(self, number: int) -> Draft:
        """Give a draft with the edition of its form."""
        with self._session() as session:
            edition = joinedload(Draft.edition).joinedload(FormEdition.form)
            return session.get_one(Draft, number, options=[edition])

    def description(self, edition: int) -> FormDescription:
        """Give what an edition asks."""
        with self._session() as session:
            return FormDescription.from_json(
                session.get_one(FormEdition, edition).description
            )

    def zones(self, edition: int) -> dict[int, list[Rectangle]]:
        """Give where an edition is signed, by page."""
        zones: dict[int, list[Rectangle]] = {}
        for each in self.description(edition).fields:
            for place in each.places if each.kind is FieldKind.SIGNATURE else ():
                zones.setdefault(place.page, []).append(place.rectangle)
        return zones

    def printed(self, appointment: int) -> PrintedForm:
        """Give the one form that was printed in an appointment."""
        with self._session() as session:
            its = PrintedForm.appointment_id == appointment
            return session.scalars(select(PrintedForm).where(its)).one()

    def printed_at(self, kiosk: str) -> PrintedForm | None:
        """Give the form that was printed last at a kiosk, if any was."""
        with self._session() as session:
            query = (
                select(PrintedForm)
                .join(Appointment, Appointment.id == PrintedForm.appointment_id)
                .join(Kiosk, Kiosk.id == Appointment.kiosk_id)
                .where(Kiosk.slug == kiosk)
                .order_by(PrintedForm.id.desc())
            )
            return session.scalars(query.limit(1)).first()

    def scans(self, appointment: int) -> int:
        """Count what was scanned in an appointment."""
        with self._session() as session:
            query = select(func.count(Document.id)).where(
                Document.appointment_id == appointment, Document.source == "scan"
            )
            return session.scalar(query) or 0

    def pages_back(self, appointment: int) -> list[ReturnedPage]:
        """Give the pages that came back and are known."""
        with self._session() as session:
            query = (
                select(ReturnedPage)
                .join(Document, Document.id == ReturnedPage.document_id)
                .where(
                    Document.appointment_id == appointment,
                    ReturnedPage.page.is_not(None),
                )
            )
            return list(session.scalars(query))

    def last_document(self, appointment: int) -> Document:
        """Give the newest document of an appointment."""
        with self._session() as session:
            query = select(Document).where(Document.appointment_id == appointment)
            newest = query.order_by(Document.number.desc()).limit(1)
            return session.scalars(newest).one()

    def to_be_signed(self, editions: Iterable[int]) -> int:
        """Give that of the editions which is signed and has the most texts to type."""

        def texts(edition: int) -> int:
            kinds = [each.kind for each in self.description(edition).fields]
            is_signed = FieldKind.SIGNATURE in kinds
            return kinds.count(FieldKind.TEXT) if is_signed else -1

        return max(editions, key=texts)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        database = self._stage.database()
        try:
            with database.read() as session:
                yield session
        finally:
            database.dispose()
