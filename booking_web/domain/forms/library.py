# SPDX-License-Identifier: AGPL-3.0-or-later
"""An organisation's library of forms: taken in, asked in plain words, withdrawn, put back.

Who may do it is settled by the caller. Each act is written down once: one that is sent
again does nothing more, and is told what the first did.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.base.own_process import memory_file
from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.needed import is_needed
from booking_web.domain.documents.store import DocumentStore
from booking_web.domain.forms.asked import AskedField, asked_at_first, checked
from booking_web.domain.forms.description import FormDescription
from booking_web.domain.forms.errors import (
    LibraryRefusal,
    LibraryRefused,
    UnknownForm,
)
from booking_web.domain.forms.guesses import with_guesses
from booking_web.domain.forms.library_reading import Edition
from booking_web.domain.forms.library_rows import (
    check_unchanged,
    checked_title,
    found_form,
    latest_edition,
    new_edition,
    put_in_place_of,
)
from booking_web.domain.forms.placed import PlacedField
from booking_web.domain.forms.placed_meaning import asked_of
from booking_web.domain.forms.reader import FormRead
from booking_web.tables.administration import DirectoryAct
from booking_web.tables.forms import Form, FormEdition
from provisioning.database.engine import Database

KIND = "form"
# Of one organisation, withdrawn ones included.
MOST_FORMS = 500

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Sent:
    """What a manager sent: for which organisation, who, and the token of the page's form."""

    organisation_id: int
    actor: str
    submission: str


class Library:
    """Keeps the forms of all organisations, the PDFs in the store of the documents."""

    def __init__(
        self, database: Database, store: DocumentStore, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._store = store
        self._now = now

    def take_in(
        self,
        sent: Sent,
        title: str,
        form: FormRead,
        asked: Sequence[AskedField] = (),
    ) -> int:
        """Make it a form of the library, its first edition; give the form's number.

        `asked` is what was said elsewhere of fields of the same name. Raises
        LibraryRefused, StoreUnavailable or DatabaseBusy; then nothing is left.
        """
        title = checked_title(title)
        asked = checked(form.description, _asked_at_first(form, asked))

        def add(session: Session, sha256: str) -> Form:
            its = Form.organisation_id == sent.organisation_id
            count, last = session.execute(
                select(func.count(), func.max(Form.position)).where(its)
            ).one()
            if count >= MOST_FORMS:
                raise LibraryRefused(LibraryRefusal.TOO_MANY_FORMS)
            kept = Form(
                organisation_id=sent.organisation_id,
                title=title,
                position=(last or 0) + 1,
            )
            session.add(kept)
            session.flush()
            session.add(self._edition(kept.id, 1, sha256, form, sent, asked))
            return kept

        return self._keep(sent, "taken_in", form, add)

    def take_in_edition(self, sent: Sent, form_id: int, form: FormRead) -> int:
        """Add a new edition; what was said of fields of the same name stays.

        Drafts of the editions before stay as they are. Raises UnknownForm, and as
        `take_in`.
        """

        def add(session: Session, sha256: str) -> Form:
            kept = found_form(session, sent.organisation_id, form_id)
            latest = latest_edition(session, form_id)
            asked = _asked_at_first(form, _asked(latest))
            number = latest.number + 1
            session.add(self._edition(kept.id, number, sha256, form, sent, asked))
            return kept

        return self._keep(sent, "edition_added", form, add)

    def place(
        self,
        sent: Sent,
        form_id: int,
        form: FormRead,
        placed: Sequence[PlacedField],
        seen: str,
    ) -> int:
        """Keep the form with fields that were placed on the revision that was `seen`.

        The newest edition goes for it; where somebody began to fill that in, it stays, and
        there is one more. Raises ChangedMeanwhile, UnknownForm, and as `take_in`.
        """
        gone: list[str] = []

        def add(session: Session, sha256: str) -> Form:
            kept = found_form(session, sent.organisation_id, form_id)
            latest = latest_edition(session, form_id)
            check_unchanged(latest, seen)
            before = _asked(latest)
            asked = asked_of(placed, form.description, before)
            asked = with_guesses(asked, form.description.fields, before)
            asked = checked(form.description, asked)
            gone[:] = [latest.sha256]
            newer = self._edition(kept.id, latest.number, sha256, form, sent, asked)
            put_in_place_of(session, latest, newer)
            return kept

        kept = self._keep(sent, "fields_placed", form, add)
        with self._store.exclusively():
            for each in gone:
                self._remove_unneeded(each)
        return kept

    def ask(
        self,
        sent: Sent,
        edition_id: int,
        asked: Sequence[AskedField],
        seen: str | None = None,
    ) -> None:
        """Say of each field its label, group and what the booking knows, in their order.

        Raises LibraryRefused, UnknownForm, or ChangedMeanwhile unless it still is as it
        was `seen`.
        """

        def say(session: Session) -> Form:
            edition = session.get(FormEdition, edition_id)
            if edition is None:
                raise UnknownForm(str(edition_id))
            form = found_form(session, sent.organisation_id, edition.form_id)
            check_unchanged(edition, seen)
            description = FormDescription.from_json(edition.description)
            edition.asked = [each.to_json() for each in checked(description, asked)]
            return form

        self._do(sent, "asked_otherwise", say)

    def rename(self, sent: Sent, form_id: int, title: str) -> None:
        """Give it another title. Raises LibraryRefused or UnknownForm."""
        title = checked_title(title)

        def change(session: Session) -> Form:
            form = found_form(session, sent.organisation_id, form_id)
            form.title = title
            return form

        self._do(sent, "renamed", change)

    def put_in_order(self, sent: Sent, form_ids: Sequence[int]) -> None:
        """List the organisation's forms in this order; raises LibraryRefused."""

        def change(session: Session) -> None:
            its = Form.organisation_id == sent.organisation_id
            forms = {each.id: each for each in session.scalars(select(Form).where(its))}
            if sorted(form_ids) != sorted(forms):
                raise LibraryRefused(LibraryRefusal.OTHER_FORMS)
            for position, form_id in enumerate(form_ids, 1):
                forms[form_id].position = position

        self._do(sent, "put_in_order", change)

    def withdraw(self, sent: Sent, form_id: int) -> None:
        """Let no draft of it be begun any more; those that are can be finished."""

        def change(session: Session) -> Form:
            form = found_form(session, sent.organisation_id, form_id)
            form.withdrawn_at = form.withdrawn_at or self._now()
            return form

        self._do(sent, "withdrawn", change)

    def put_back(self, sent: Sent, form_id: int) -> None:
        """Offer it again."""

        def change(session: Session) -> Form:
            form = found_form(session, sent.organisation_id, form_id)
            form.withdrawn_at = None
            return form

        self._do(sent, "put_back", change)

    def read_pdf(self, edition: Edition) -> bytes:
        """Give the PDF as the engine takes it; raises ContentMissing."""
        return b"".join(self._store.read(edition.sha256))

    def _keep(
        self,
        sent: Sent,
        act: str,
        form: FormRead,
        add: Callable[[Session, str], Form],
    ) -> int:
        with memory_file("form", form.pdf) as pdf, self._store.exclusively():
            sha256 = self._store.put(pdf)
            try:
                return self._do(sent, act, lambda session: add(session, sha256))
            finally:
                # It is not where the act failed, or was done before with another PDF.
                self._remove_unneeded(sha256)

    def _remove_unneeded(self, sha256: str) -> None:
        """Remove a PDF that nothing has; call it under the store's `exclusively`."""
        with self._database.read() as session:
            is_wanted = is_needed(session, sha256)
        if not is_wanted:
            self._store.remove(sha256)

    def _do(
        self, sent: Sent, act: str, change: Callable[[Session], Form | None]
    ) -> int:
        def once(session: Session) -> int:
            before = select(DirectoryAct.key).where(
                DirectoryAct.submission == sent.submission
            )
            if (key := session.scalar(before)) is not None:
                return int(key)
            form = change(session)
            # The whole library of the organisation has the number 0.
            about = form.id if form is not None else 0
            session.add(
                DirectoryAct(
                    submission=sent.submission,
                    at=self._now(),
                    actor=sent.actor,
                    act=act,
                    kind=KIND,
                    key=str(about),
                    detail=f"organisation {sent.organisation_id}",
                )
            )
            return about

        about = in_transaction(self._database, once)
        logger.info("library changed", act=act, form=about)
        return about

    def _edition(
        self,
        form_id: int,
        number: int,
        sha256: str,
        form: FormRead,
        sent: Sent,
        asked: Sequence[AskedField],
    ) -> FormEdition:
        at = self._now()
        return new_edition(form_id, number, sha256, form, asked, sent.actor, at)


def _asked_at_first(
    form: FormRead, before: Sequence[AskedField]
) -> tuple[AskedField, ...]:
    asked = asked_at_first(form.description, before)
    return with_guesses(asked, form.description.fields, before)


def _asked(edition: FormEdition) -> list[AskedField]:
    return [AskedField.from_json(each) for each in edition.asked]
