# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a console shows of printed forms: how each stands, what is astray, what is read now."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy.orm import Session, joinedload

from booking_web.base.local_time import local_day
from booking_web.domain.forms.printed.claims import unread_scans
from booking_web.domain.forms.printed.overview import (
    Awaited,
    Overview,
    PrintedStanding,
    Question,
    Reading,
    Stray,
    overview,
)
from booking_web.domain.forms.printed.standing import PageStanding
from booking_web.domain.rights.person import Person, Right
from booking_web.tables.appointment import Appointment
from booking_web.tables.printed_forms import ReadingState
from booking_web.words.dates import short_date
from booking_web.words.returns import (
    STRAYS,
    awaited_sentence,
    back_elsewhere_sentence,
    failure_sentence,
    kept_elsewhere_sentence,
    page_words,
    print_again_words,
    printed_elsewhere_sentence,
    same_person_sentence,
    scan_again_words,
    standing_sentence,
    twice_sentence,
    unmarked_sentence,
)
from provisioning.database.models import Kiosk


@dataclass(frozen=True)
class PageLine:
    """One printed page: what came back of it, in words, and the copy that counts."""

    page: int
    words: str
    is_good: bool
    copy: int | None
    # The appointment in whose scan it is.
    copy_in: int | None


@dataclass(frozen=True)
class Note:
    """A sentence about a printed form, and the other appointment that it is about."""

    words: str
    appointment: int | None = None


@dataclass(frozen=True)
class FormCard:
    """A printed form as the page shows it, and the keys that ask for the rest of it."""

    id: int
    draft_id: int
    title: str
    # None: it was printed in another appointment.
    document: int | None
    summary: str
    notes: tuple[Note, ...]
    pages: tuple[PageLine, ...]
    scan_again: str
    print_again: str
    is_begun: bool
    is_complete: bool
    is_older: bool
    kept: Note | None
    sha256: str


@dataclass(frozen=True)
class StrayLine:
    """A scanned page that belongs to no printed form."""

    id: int
    document: int
    scanned: int
    words: str


@dataclass(frozen=True)
class QuestionLine:
    """Whether a form printed in another appointment is of this resident."""

    printed: int
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
    questions: tuple[QuestionLine, ...] = ()
    # Forms that the resident took home, and may have brought.
    awaited: tuple[Note, ...] = ()
    # A scan waits for somebody to look through it.
    is_unread: bool = False

    @property
    def is_shown(self) -> bool:
        """Tell whether anything was printed here, came back here, or may do so."""
        return any(
            (self.forms, self.strays, self.readings, self.questions, self.awaited)
        )


def returns_section(
    session: Session, viewer: Person, appointment_id: int, now: datetime
) -> ReturnsSection:
    """Read it for who looks at the console."""
    if not viewer.may(Right.FILLING):
        return ReturnsSection()
    found = overview(session, appointment_id)
    days = _days_of(session, viewer, appointment_id, found)
    return ReturnsSection(
        tuple(_card(each, appointment_id, days) for each in found.forms),
        tuple(_stray(each) for each in found.strays),
        tuple(_reading(each) for each in found.readings),
        tuple(_question(each, days[appointment_id].zone) for each in found.questions),
        tuple(_awaited(each, days) for each in found.awaited),
        bool(unread_scans(session, appointment_id, now)),
    )


@dataclass(frozen=True)
class _Day:
    """When an appointment that the viewer sees is, in words."""

    words: str
    zone: ZoneInfo


def _days_of(
    session: Session, viewer: Person, appointment_id: int, found: Overview
) -> dict[int, _Day]:
    """Give the days of this appointment and of those that its forms are about."""
    wanted = {appointment_id, *(each.printed_in for each in found.awaited)}
    for form in found.forms:
        wanted |= {form.printed_in, *form.came_back_in}
        if form.signed_in is not None:
            wanted.add(form.signed_in)
    seen = session.scalars(
        viewer.appointments()
        .where(Appointment.id.in_(wanted))
        .options(joinedload(Appointment.kiosk).joinedload(Kiosk.relay))
    )
    days = {}
    for each in seen:
        zone = ZoneInfo(each.kiosk.relay.time_zone)
        days[each.id] = _Day(short_date(local_day(each.starts_at, zone)), zone)
    return days


def _about(
    words: Callable[[str], str], appointment_id: int, days: dict[int, _Day]
) -> Note:
    """Give a note about another appointment; its day and its link to who sees it alone."""
    day = days.get(appointment_id)
    return Note(words(day.words), appointment_id) if day else Note(words(""))


def _card(form: PrintedStanding, here: int, days: dict[int, _Day]) -> FormCard:
    standing = form.standing
    wanted = standing.wanted
    return FormCard(
        form.id,
        form.draft_id,
        form.title,
        form.document if form.printed_in == here else None,
        standing_sentence(standing),
        tuple(_notes(form, here, days)),
        tuple(_page(each) for each in standing.pages),
        scan_again_words(wanted) if wanted else "",
        print_again_words(wanted) if wanted else "",
        standing.came_back > 0,
        standing.is_complete,
        form.is_older,
        _kept(form, here, days),
        form.sha256,
    )


def _notes(form: PrintedStanding, here: int, days: dict[int, _Day]) -> Iterator[Note]:
    if form.printed_in != here:
        yield _about(printed_elsewhere_sentence, form.printed_in, days)
    for other in form.came_back_in:
        # Where it is kept is said with the document.
        if other not in (here, form.printed_in, form.signed_in):
            yield _about(back_elsewhere_sentence, other, days)
    if form.is_older:
        yield Note(
            gettext(
                "Le brouillon a changé depuis cette impression, ou a été imprimé à "
                "nouveau."
            )
        )
    if form.unmarked:
        yield Note(unmarked_sentence(form.unmarked))
    if form.standing.twice:
        yield Note(twice_sentence(form.standing.twice))


def _kept(form: PrintedStanding, here: int, days: dict[int, _Day]) -> Note | None:
    if form.signed is None or form.signed_in is None:
        return None
    if form.signed_in == here:
        return Note(
            gettext("Signé et gardé : document %(number)s.", number=form.signed)
        )
    number = form.signed
    return _about(
        lambda day: kept_elsewhere_sentence(number, day), form.signed_in, days
    )


def _question(question: Question, zone: ZoneInfo) -> QuestionLine:
    day = short_date(local_day(question.printed_at, zone))
    return QuestionLine(question.printed, same_person_sentence(question, day))


def _awaited(awaited: Awaited, days: dict[int, _Day]) -> Note:
    return _about(
        lambda day: awaited_sentence(awaited.title, day), awaited.printed_in, days
    )


def _page(page: PageStanding) -> PageLine:
    copy = page.counted
    return PageLine(
        page.page,
        page_words(page),
        page.is_good,
        copy.id if copy else None,
        copy.appointment if copy else None,
    )


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
