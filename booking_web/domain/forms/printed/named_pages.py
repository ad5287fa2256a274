# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looks for signatures on a page of which a person said which it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.archive import Archive
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.forms.errors import EngineUnavailable, FormRefused
from booking_web.domain.forms.library_reading import read_edition
from booking_web.domain.forms.named_page_seen import NamedPageSeen
from booking_web.domain.forms.printed.asked_words import take_words_away
from booking_web.domain.forms.printed.rows import codes_of, find_returned
from booking_web.domain.forms.return_reader import MarkedForm, ReturnReader
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.tables.appointment import Appointment
from booking_web.tables.printed_forms import PrintedForm, ReturnedPage, ZoneState
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Named:
    """What was said of a page when it was read from the database."""

    sha256: str
    printed_id: int | None
    page: int
    turn: int
    said_by: str

    @classmethod
    def of(cls, row: ReturnedPage) -> "_Named":
        """Give what is said of it now."""
        said = (row.printed_form_id, row.page, row.turn, row.said_by)
        return cls(row.document.sha256, *said)


class NamedPages:
    """Checks named pages. What it cannot tell stays to be looked at by a person."""

    def __init__(
        self,
        database: Database,
        archive: Archive,
        reader: ReturnReader,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._archive = archive
        self._reader = reader
        self._now = now

    def check(self, appointment_id: int, returned_id: int) -> Sequence[ZoneState]:
        """Look at the zones of a page that are to be looked at; give how all of them stand.

        Never changes what a person said of them. Raises ReturnedPageGone.
        """
        with self._database.read() as session:
            row = find_returned(session, appointment_id, returned_id)
            named, states = _Named.of(row), _states(row)
            document, scanned = row.document, row.scanned
            printed = session.get(PrintedForm, named.printed_id or 0)
            if printed is None or ZoneState.UNCERTAIN not in states:
                return states
            description = read_edition(session, printed.edition_id).description
            paper, codes = printed.document, codes_of(printed)
        try:
            marked = MarkedForm(b"".join(self._archive.read(paper)), codes)
            scan = b"".join(self._archive.read(document))
            seen = self._reader.named_page(
                scan, scanned, marked, description, named.page, named.turn
            )
        except (FormRefused, EngineUnavailable, StoreUnavailable) as error:
            logger.warning("named page not checked", kind=type(error).__name__)
            return states

        def keep(session: Session) -> Sequence[ZoneState]:
            return self._keep(session, appointment_id, returned_id, named, seen)

        return in_transaction(self._database, keep)

    def _keep(
        self,
        session: Session,
        appointment_id: int,
        returned_id: int,
        named: _Named,
        seen: NamedPageSeen,
    ) -> Sequence[ZoneState]:
        appointment = session.get_one(Appointment, appointment_id, with_for_update=True)
        row = find_returned(session, appointment_id, returned_id, to_change=True)
        if _Named.of(row) != named:
            # A colleague said otherwise meanwhile: theirs is looked at by itself.
            return _states(row)
        row.zones = {
            place: (
                seen.states[place].value
                if state == ZoneState.UNCERTAIN and place in seen.states
                else state
            )
            for place, state in row.zones.items()
        }
        if seen.turn is not None:
            row.turn, row.askew = seen.turn, seen.askew
        now = self._now()
        take_words_away(session, appointment, now)
        tell_pages(session, News.SCAN_IS_READ, appointment, now)
        return _states(row)


def _states(row: ReturnedPage) -> Sequence[ZoneState]:
    return [ZoneState(state) for state in row.zones.values()]
