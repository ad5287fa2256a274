# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a console shows of printed forms: how each stands, what is astray, what is read now."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.domain.forms.printed.claims import unread_scans
from booking_web.domain.forms.printed.overview import (
    PrintedStanding,
    Reading,
    Stray,
    overview,
)
from booking_web.domain.forms.printed.standing import PageStanding
from booking_web.domain.rights.person import Person, Right
from booking_web.tables.printed_forms import ReadingState
from booking_web.words.returns import (
    STRAYS,
    failure_sentence,
    page_words,
    print_again_words,
    scan_again_words,
    standing_sentence,
    twice_sentence,
    unmarked_sentence,
)


@dataclass(frozen=True)
class PageLine:
    """One printed page: what came back of it, in words, and the copy that counts."""

    page: int
    words: str
    is_good: bool
    copy: int | None


@dataclass(frozen=True)
class FormCard:
    """A printed form as the page shows it, and the keys that ask for the rest of it."""

    id: int
    draft_id: int
    title: str
    document: int
    summary: str
    notes: tuple[str, ...]
    pages: tuple[PageLine, ...]
    scan_again: str
    print_again: str
    is_begun: bool
    is_complete: bool
    is_older: bool
    signed: int | None
    sha256: str


@dataclass(frozen=True)
class StrayLine:
    """A scanned page that belongs to no printed form."""

    id: int
    document: int
    scanned: int
    words: str


@dataclass(frozen=True)
class ReadingLine:
    """A scan that is being looked through, or could not be."""

    document: int
    words: str
    pages_seen: int
    pages: int
    has_failed: bool


@dataclass(frozen=True)
class ReturnsSection:
    """The section "Formulaires imprimés"; not shown to who does not fill in forms."""

    forms: tuple[FormCard, ...] = ()
    strays: tuple[StrayLine, ...] = ()
    readings: tuple[ReadingLine, ...] = ()
    # A scan waits for somebody to look through it.
    is_unread: bool = False

    @property
    def is_shown(self) -> bool:
        """Tell whether anything was printed here."""
        return bool(self.forms or self.strays or self.readings)


def returns_section(
    session: Session, viewer: Person, appointment_id: int, now: datetime
) -> ReturnsSection:
    """Read it for who looks at the console."""
    if not viewer.may(Right.FILLING):
        return ReturnsSection()
    found = overview(session, appointment_id)
    return ReturnsSection(
        tuple(_card(each) for each in found.forms),
        tuple(_stray(each) for each in found.strays),
        tuple(_reading(each) for each in found.readings),
        bool(found.forms and unread_scans(session, appointment_id, now)),
    )


def _card(form: PrintedStanding) -> FormCard:
    standing = form.standing
    notes = []
    if form.is_older:
        notes.append(
            gettext(
                "Le brouillon a changé depuis cette impression, ou a été imprimé à "
                "nouveau."
            )
        )
    if form.unmarked:
        notes.append(unmarked_sentence(form.unmarked))
    if standing.twice:
        notes.append(twice_sentence(standing.twice))
    return FormCard(
        form.id,
        form.draft_id,
        form.title,
        form.document,
        standing_sentence(standing),
        tuple(notes),
        tuple(_page(each) for each in standing.pages),
        scan_again_words(standing.wanted) if standing.wanted else "",
        print_again_words(standing.wanted) if standing.wanted else "",
        standing.came_back > 0,
        standing.is_complete,
        form.is_older,
        form.signed,
        form.sha256,
    )


def _page(page: PageStanding) -> PageLine:
    copy = page.counted.id if page.counted else None
    return PageLine(page.page, page_words(page), page.is_good, copy)


def _stray(stray: Stray) -> StrayLine:
    words = str(STRAYS[stray.kind])
    return StrayLine(stray.id, stray.document, stray.scanned, words)


def _reading(reading: Reading) -> ReadingLine:
    has_failed = reading.state is ReadingState.FAILED
    if has_failed:
        words = failure_sentence(reading.reason)
    elif reading.pages_seen:
        words = gettext(
            "Lecture en cours : page %(page)s sur %(pages)s.",
            page=reading.pages_seen,
            pages=reading.pages,
        )
    else:
        words = gettext("Lecture en cours.")
    return ReadingLine(
        reading.document, words, reading.pages_seen, reading.pages, has_failed
    )
