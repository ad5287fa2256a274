# SPDX-License-Identifier: AGPL-3.0-or-later
"""Editions as they are drawn and filled in: what never changes of them, kept in memory.

How their fields are asked (labels, groups) may change and is not kept here.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.forms.description import Field, FormDescription
from booking_web.domain.forms.library_reading import read_edition
from booking_web.tables.forms import FormEdition

# A site has few in use at one time; a description may be a megabyte.
KEPT = 32


@dataclass(frozen=True)
class KnownEdition:
    """What never changes of an edition; `fields` are those of the description by key."""

    id: int
    sha256: str
    description: FormDescription
    fields: Mapping[str, Field] = field(repr=False)


class KnownEditions:
    """Gives editions, read once and kept for the next key; any thread may ask."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, KnownEdition] = OrderedDict()

    def find(self, session: Session, edition_id: int) -> KnownEdition:
        """Give an edition, also of a form that was withdrawn; raises UnknownForm."""
        known = self._known.get(edition_id)
        # Its number may be another's after an older copy of the database came back.
        query = select(FormEdition.sha256).where(FormEdition.id == edition_id)
        if known is not None and known.sha256 == session.scalar(query):
            return known
        edition = read_edition(session, edition_id)
        fields = {each.key: each for each in edition.description.fields}
        known = KnownEdition(edition.id, edition.sha256, edition.description, fields)
        self._known[edition_id] = known
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return known
