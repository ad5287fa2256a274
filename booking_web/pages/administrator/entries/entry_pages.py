# SPDX-License-Identifier: AGPL-3.0-or-later
"""What differs from one kind of entry to another; how it is shown and changed is `entries`."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import abort, flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.pages.administrator.acts import Beside, Done
from booking_web.pages.administrator.answers import Answer
from booking_web.pages.administrator.entries.entry_form import EntryForm
from booking_web.pages.administrator.entries.listing import Table
from booking_web.pages.administrator.words import WORDS, EntryWords
from booking_web.shell.services import services
from provisioning.directory.service import Directory
from provisioning.inventory.plan import Fields, Kind


class EntryPages:
    """What the pages of one kind show and do."""

    kind: ClassVar[Kind]
    # Of the endpoints and of the addresses.
    name: ClassVar[str]
    segment: ClassVar[str]
    form: ClassVar[type[EntryForm]]
    pictogram: ClassVar[str]
    added_as: ClassVar[str] = "added"
    # The narrowings that show nothing to see to.
    no_lack: ClassVar[frozenset[str]] = frozenset()

    @property
    def words(self) -> EntryWords:
        """Give the sentences of this kind."""
        return WORDS[self.kind]

    @property
    def list_endpoint(self) -> str:
        """Name the list's endpoint."""
        return f"administrator.{self.name}_list"

    @property
    def add_endpoint(self) -> str:
        """Name the endpoint that adds one."""
        return f"administrator.{self.name}_add"

    def address_of(self, session: Session, key: str) -> str:
        """Give the address of an entry's page."""
        return url_for(f"administrator.{self.name}_change", ref=key)

    def key_of(self, session: Session, ref: str) -> str:
        """Give the key of the entry that an address names."""
        return ref

    def table(self, session: Session) -> Table:
        """Give the list of all entries."""
        raise NotImplementedError

    def offer(self, session: Session, form: Any, key: str) -> None:
        """Set what may be chosen in the form; `key` is empty for a new entry."""

    def title_of(self, key: str, fields: Fields) -> str:
        """Name an entry in a title."""
        return str(fields.get("name") or key)

    def wished_key(self, form: Any, fields: Fields) -> str:
        """Give the key that a new entry should have, if it is free."""
        raise NotImplementedError

    def rows_beside(
        self, key: str, fields: Fields
    ) -> dict[Kind, list[Mapping[str, Any]]]:
        """Give what is added together with a new entry."""
        return {}

    def question(
        self, session: Session, key: str, before: Fields, after: Fields
    ) -> str:
        """Give what to ask before the change, where it takes something away."""
        return ""

    def key_after(self, form: Any, key: str) -> str:
        """Give the key that the entry has after the change."""
        return key

    def beside(self, form: Any, key: str) -> Beside | None:
        """Give what is written beside a change, where there is something."""
        return None

    def facts(self, session: Session, key: str) -> dict[str, Any]:
        """Give what the entry's page shows beside the form."""
        return {}

    def after_adding(self, done: Done, form: Any) -> Answer:
        """Answer a form that added an entry."""
        return self.lead_to(done.key, str(self.words.added))

    def after_changing(self, done: Done) -> Answer:
        """Answer a form that changed an entry."""
        return self.lead_to(done.key, str(self.words.changed))

    def lead_to(self, key: str, said: str, tone: str = "success") -> Response:
        """Lead to the page of an entry, or to the list where it is gone."""
        flash(said, tone)
        with services().database.read() as session:
            there = key in Directory(services().database).snapshot()[self.kind]
            address = self.address_of(session, key) if there else ""
        return redirect(address or url_for(self.list_endpoint), 303)


def existing(kind: Kind, key: str) -> Fields:
    """Give the fields of the entry; one that does not exist is not found (404)."""
    fields = Directory(services().database).snapshot()[kind].get(key)
    if fields is None:
        abort(404)
    return fields
