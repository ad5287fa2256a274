# SPDX-License-Identifier: AGPL-3.0-or-later
"""Drafts as the engine draws them: with the pages of their edition, read when it needs them."""

from booking_web.domain.documents.store import DocumentStore
from booking_web.domain.forms.draft_outcomes import OpenDraft
from booking_web.domain.forms.engine import Draft
from booking_web.domain.forms.known_editions import KnownEditions
from provisioning.database.engine import Database


class DrawnDrafts:
    """Gives the engine what it draws; the PDFs lie in the store of the documents."""

    def __init__(
        self, database: Database, store: DocumentStore, editions: KnownEditions
    ) -> None:
        self._database = database
        self._store = store
        self._editions = editions

    def drawn(self, draft: OpenDraft) -> Draft:
        """Give it for the engine; raises UnknownForm.

        The engine may then raise ContentMissing, where the form's own PDF is gone.
        """
        with self._database.read() as session:
            edition = self._editions.find(session, draft.edition_id)
        return Draft(
            key=f"{draft.id} {edition.sha256}",
            description=edition.description,
            pdf=lambda: b"".join(self._store.read(edition.sha256)),
            values=draft.values,
        )
