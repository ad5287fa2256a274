# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk's second screen shows, as it is read: nothing of it outlives its call."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.kiosks.cues import Cue, cue_lasts
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import KioskScreen
from booking_web.tables.states import AppointmentState

# A screen tells more often what people see on it (static/kiosk/in-sight.js): one that was not
# heard of for so long is closed, covered or cut off.
IN_SIGHT_FOR = timedelta(seconds=3.2)


class Sight(StrEnum):
    """Whether people see what is shown, by what the screen itself said last."""

    # It has not said so yet.
    SENT = "sent"
    SEEN = "seen"
    # It said so, and says it no more.
    LOST = "lost"


class Reading(StrEnum):
    """What of a draft is read aloud."""

    NONE = ""
    FIELD = "field"
    PAGE = "page"


@dataclass(frozen=True)
class ShownPage:
    """The page of a document that is on the screen."""

    document_id: int
    number: int
    page: int
    pages: int
    # Whether the screen has fetched it.
    is_fetched: bool = False
    sight: Sight = Sight.SENT
    is_enlarged: bool = False

    @property
    def goes_on(self) -> bool:
        """Tell whether something of the document is further down, or on another page."""
        return self.pages > 1 or self.is_enlarged


@dataclass(frozen=True)
class ShownDraft:
    """The draft that the screen follows.

    `place` is the key of what is framed, whose page counts then; empty: all of `page`.
    """

    id: int
    edition_id: int
    revision: int
    page: int
    place: str
    # Which pages the screen has really fetched.
    pages_seen: frozenset[int] = frozenset()
    sight: Sight = Sight.SENT


@dataclass(frozen=True)
class ShownCv:
    """The CV that the screen follows, and which of its sections is framed, if any."""

    id: int
    revision: int
    section: str
    # Whether the screen has fetched it.
    is_fetched: bool = False
    sight: Sight = Sight.SENT


@dataclass(frozen=True)
class ShownCue:
    """The cue on the screen, with the page that the device is at, if it counts any."""

    cue: Cue
    page: int = 0
    pages: int = 0


@dataclass(frozen=True)
class Pointer:
    """Where the counsellor points: fractions of what is shown, from its upper left corner."""

    x: float
    y: float


@dataclass(frozen=True)
class Closer:
    """How many times larger than whole a page is shown, and which point is in the middle."""

    zoom: float = 1.0
    x: float = 0.5
    y: float = 0.5


WHOLE = Closer()


@dataclass(frozen=True)
class ReadAloud:
    """What is read aloud; a higher number takes its place."""

    number: int
    what: Reading
    place: str = ""


@dataclass(frozen=True)
class ScreenContent:
    """All of it, each None where there is none; at most one of page, draft and CV."""

    page: ShownPage | None = None
    cue: ShownCue | None = None
    draft: ShownDraft | None = None
    # What the counsellor writes to the resident, still sealed.
    words: bytes | None = None
    pointer: Pointer | None = None
    reading: ReadAloud | None = None
    cv: ShownCv | None = None
    # Of the page of a document alone.
    closer: Closer = WHOLE
    # The printed form whose pages the words ask for.
    asked_print_id: int | None = None
    # When the screen said last that people see it; None: not in this call.
    told_at: datetime | None = None
    # What language its sentences were in then.
    language: str = ""

    @property
    def sheet(self) -> str:
        """Name what is shown, as the screen does that tells of it; empty where nothing is."""
        if self.page is not None:
            return f"document-{self.page.number}/{self.page.page}"
        if self.draft is not None:
            return f"draft-{self.draft.id}"
        return "" if self.cv is None else f"cv-{self.cv.id}"

    @property
    def sight(self) -> Sight | None:
        """Tell whether people see what is shown; None where nothing is."""
        shown = self.page or self.draft or self.cv
        return shown.sight if shown else None

    @property
    def is_following(self) -> bool:
        """Tell whether it shows what has no number and the server alone shows."""
        return self.draft is not None or self.cv is not None


NOTHING = ScreenContent()


def screen_content(
    session: Session, appointment: Appointment, now: datetime
) -> ScreenContent:
    """Tell what the appointment's kiosk shows now; nothing outside a call."""
    if appointment.state != AppointmentState.IN_CALL:
        return NOTHING
    line = session.scalar(
        select(KioskScreen)
        .where(
            KioskScreen.kiosk_id == appointment.kiosk_id,
            KioskScreen.appointment_id == appointment.id,
            KioskScreen.attempt == appointment.attempt,
        )
        .options(
            joinedload(KioskScreen.document),
            joinedload(KioskScreen.draft),
            joinedload(KioskScreen.cv),
        )
    )
    if line is None:
        return NOTHING
    return ScreenContent(
        _page_of(line, now),
        _cue_of(line, now),
        _draft_of(line, now),
        line.sealed_words,
        _pointer_of(line),
        ReadAloud(line.said, Reading(line.said_what), line.said_place),
        _cv_of(line, now),
        Closer(line.zoom, line.zoom_x, line.zoom_y),
        line.asked_print_id if line.sealed_words is not None else None,
        line.told_at,
        line.told_language,
    )


def is_fresh(told_at: datetime | None, now: datetime) -> bool:
    """Tell whether what a screen said at that time still counts."""
    return told_at is not None and now - told_at <= IN_SIGHT_FOR


def _sight_of(line: KioskScreen, now: datetime) -> Sight:
    if line.seen_at is None:
        return Sight.SENT
    return Sight.SEEN if is_fresh(line.seen_at, now) else Sight.LOST


def _page_of(line: KioskScreen, now: datetime) -> ShownPage | None:
    document = line.document
    if document is None or document.removed_at is not None:
        return None
    return ShownPage(
        document.id,
        document.number,
        line.page,
        document.pages,
        bool(line.pages_seen),
        _sight_of(line, now),
        line.zoom > 1,
    )


def _draft_of(line: KioskScreen, now: datetime) -> ShownDraft | None:
    draft = line.draft
    # One that was erased or set aside meanwhile is gone from the screen too.
    if (
        draft is None
        or draft.erased_at is not None
        or draft.appointment_id != line.appointment_id
    ):
        return None
    seen = frozenset(int(each) for each in line.pages_seen.split())
    return ShownDraft(
        draft.id,
        draft.edition_id,
        draft.revision,
        line.page,
        line.place,
        seen,
        _sight_of(line, now),
    )


def _cv_of(line: KioskScreen, now: datetime) -> ShownCv | None:
    cv = line.cv
    # One that was erased meanwhile is gone from the screen too.
    if (
        cv is None
        or cv.erased_at is not None
        or cv.appointment_id != line.appointment_id
    ):
        return None
    revision, _, section = line.place.partition(":")
    return ShownCv(
        cv.id, int(revision or 0), section, bool(line.pages_seen), _sight_of(line, now)
    )


def _cue_of(line: KioskScreen, now: datetime) -> ShownCue | None:
    cue = Cue(line.cue)
    if cue is Cue.NONE or line.cue_at is None:
        return None
    if now - line.cue_at > cue_lasts(cue):
        return None
    return ShownCue(cue, line.cue_page, line.cue_pages)


def _pointer_of(line: KioskScreen) -> Pointer | None:
    if line.pointer_x is None or line.pointer_y is None:
        return None
    return Pointer(line.pointer_x, line.pointer_y)
