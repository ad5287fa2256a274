# SPDX-License-Identifier: AGPL-3.0-or-later
"""The scenes of a kiosk's second screen: one table, from what is known to what is shown.

A new scene is a row here, a drawing (`templates/kiosk/drawings`) and its words
(`words.scenes`). Pure: what is known is gathered by `pages.kiosk`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from booking_web.domain.consents.reading_aloud import READING_LASTS
from booking_web.domain.kiosks.cues import Cue, cue_lasts
from booking_web.tables.states import AppointmentState

# How long the screen says goodbye, or whom to turn to, before it is free again.
GOODBYE_LASTS = timedelta(seconds=45)
TROUBLE_LASTS = timedelta(minutes=5)
# How long who has taken printed pages is asked to sign them.
SIGNING_LASTS = timedelta(minutes=10)

_S = AppointmentState
# Nobody was called, or it is over.
_NOBODY_IS_SERVED = (None, _S.DONE, _S.ABANDONED, _S.UNREACHABLE, _S.INTERRUPTED)


class Scene(StrEnum):
    """What the kiosk shows and says in one state; also its drawing and its recording."""

    CLOSED = "closed"
    FREE = "free"
    EXPECTED = "expected"
    CONSENT = "consent"
    CALLING = "calling"
    WAITING = "waiting"
    WAITING_LONG = "waiting_long"
    IN_CALL = "in_call"
    COMING_BACK = "coming_back"
    DOCUMENT = "document"
    FORM = "form"
    LAY_ON_GLASS = "lay_on_glass"
    LAY_CARD = "lay_card"
    LOAD_FEEDER = "load_feeder"
    SCANNING = "scanning"
    TURN_CARD = "turn_card"
    TURN_PAPER = "turn_paper"
    GOOD = "good"
    ONCE_MORE = "once_more"
    TAKE_PAPER = "take_paper"
    PRINTING = "printing"
    TAKE_SHEETS = "take_sheets"
    SIGN = "sign"
    DEVICE_TROUBLE = "device_trouble"
    GOODBYE = "goodbye"
    NOBODY = "nobody"
    CALL_CUT = "call_cut"
    LINE_CUT = "line_cut"
    OUT_OF_ORDER = "out_of_order"


class Tone(StrEnum):
    """How the screen's ground looks."""

    CALM = "calm"
    IN_CALL = "in_call"
    TROUBLE = "trouble"


class Voice(StrEnum):
    """Who speaks a scene's words; each is spoken by one alone."""

    # Nobody sits there, or the counsellor speaks.
    NONE = "none"
    # The second screen's page, as the scene begins.
    PAGE = "page"
    # The kiosk's telephone, with the device's cue.
    TELEPHONE = "telephone"
    # Asterisk, between the music.
    QUEUE = "queue"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known as the screen is drawn."""

    # Of the appointment that the resident before the screen is here for, if any.
    state: AppointmentState | None = None
    waited: timedelta = timedelta(0)
    # After so long in the queue the call ends by itself.
    abandoned_after: timedelta = timedelta(0)
    # In its call.
    cue: Cue = Cue.NONE
    shows_document: bool = False
    shows_form: bool = False
    has_to_sign: bool = False
    # A printed page that is shown is asked for: to be signed first, or as it is.
    asks_to_sign: bool = False
    asks_for_page: bool = False
    # Its counsellor has gone and is awaited.
    is_kept: bool = False
    # While no call is up.
    is_out_of_order: bool = False
    is_expected: bool = False
    is_closed: bool = False
    # The secretary has the text read aloud to which a resident agrees or not.
    reads_consent: bool = False


@dataclass(frozen=True)
class Row:
    """A scene and when it is shown."""

    scene: Scene
    applies: Callable[[Known], bool]
    # None: it ends when what is known changes.
    lasts: timedelta | None = None
    tone: Tone = Tone.CALM
    voice: Voice = Voice.NONE


def _in_state(*states: AppointmentState) -> Callable[[Known], bool]:
    return lambda known: known.state in states


def _waits_long(known: Known) -> bool:
    """Tell whether half of the time is over after which nobody answers any more."""
    return known.state == _S.QUEUED and known.waited > known.abandoned_after / 2


def _of_cue(scene: Scene, cue: Cue) -> Row:
    return Row(
        scene,
        lambda known: known.state == _S.IN_CALL and known.cue is cue,
        cue_lasts(cue),
        voice=Voice.TELEPHONE,
    )


def _in_call(fact: Callable[[Known], bool]) -> Callable[[Known], bool]:
    return lambda known: known.state == _S.IN_CALL and fact(known)


# Both are for a page that lies on nothing yet.
_BEFORE_THE_GLASS = (Cue.NONE, Cue.PLACE_DOCUMENT)


def _signs(known: Known) -> bool:
    """Tell whether the resident signs: a page that is asked for, or what came out just now."""
    if known.asks_to_sign:
        return known.cue in _BEFORE_THE_GLASS
    is_at_rest = known.cue is Cue.NONE and not known.is_kept
    shows_more = known.shows_document or known.shows_form
    return known.has_to_sign and is_at_rest and not shows_more


def _lays(known: Known) -> bool:
    """Tell whether a paper is to be laid on the glass."""
    is_asked = known.asks_for_page and known.cue is Cue.NONE
    return is_asked or known.cue is Cue.PLACE_DOCUMENT


def _by_the_page(_: Known) -> bool:
    """The page has it and shows it by itself: who is away is the one that knows."""
    return False


# The first row that applies is shown; the last one always does.
TABLE: tuple[Row, ...] = (
    Row(Scene.SIGN, _in_call(_signs), SIGNING_LASTS),
    Row(
        Scene.LAY_ON_GLASS,
        _in_call(_lays),
        cue_lasts(Cue.PLACE_DOCUMENT),
        voice=Voice.TELEPHONE,
    ),
    _of_cue(Scene.LAY_CARD, Cue.PLACE_CARD),
    _of_cue(Scene.LOAD_FEEDER, Cue.LOAD_FEEDER),
    _of_cue(Scene.SCANNING, Cue.SCANNING),
    _of_cue(Scene.TURN_CARD, Cue.TURN_CARD),
    _of_cue(Scene.TURN_PAPER, Cue.TURN_PAPER),
    _of_cue(Scene.GOOD, Cue.SCAN_GOOD),
    _of_cue(Scene.ONCE_MORE, Cue.SCAN_AGAIN),
    _of_cue(Scene.TAKE_PAPER, Cue.TAKE_DOCUMENT),
    _of_cue(Scene.PRINTING, Cue.PRINTING),
    _of_cue(Scene.TAKE_SHEETS, Cue.TAKE_PRINT),
    _of_cue(Scene.DEVICE_TROUBLE, Cue.PROBLEM),
    # Said in the call's own sound.
    Row(
        Scene.COMING_BACK,
        _in_call(lambda known: known.is_kept),
        tone=Tone.IN_CALL,
        voice=Voice.QUEUE,
    ),
    Row(Scene.DOCUMENT, _in_call(lambda known: known.shows_document)),
    Row(Scene.FORM, _in_call(lambda known: known.shows_form)),
    Row(Scene.IN_CALL, _in_state(_S.IN_CALL), tone=Tone.IN_CALL),
    Row(
        Scene.CONSENT,
        lambda known: known.reads_consent and known.state in _NOBODY_IS_SERVED,
        READING_LASTS,
        voice=Voice.PAGE,
    ),
    # Whoever waits for a call that cannot come is not told to stay.
    Row(
        Scene.OUT_OF_ORDER,
        lambda known: known.is_out_of_order and known.state in (None, _S.ARRIVED),
        tone=Tone.TROUBLE,
        voice=Voice.PAGE,
    ),
    Row(Scene.CALLING, _in_state(_S.ARRIVED, _S.CALLING), voice=Voice.PAGE),
    Row(Scene.WAITING_LONG, _waits_long, voice=Voice.PAGE),
    Row(Scene.WAITING, _in_state(_S.QUEUED), voice=Voice.QUEUE),
    Row(Scene.GOODBYE, _in_state(_S.DONE), GOODBYE_LASTS, voice=Voice.PAGE),
    Row(
        Scene.NOBODY,
        _in_state(_S.ABANDONED),
        TROUBLE_LASTS,
        Tone.TROUBLE,
        Voice.QUEUE,
    ),
    Row(
        Scene.CALL_CUT,
        _in_state(_S.UNREACHABLE, _S.INTERRUPTED),
        TROUBLE_LASTS,
        Tone.TROUBLE,
        Voice.PAGE,
    ),
    Row(Scene.LINE_CUT, _by_the_page, tone=Tone.TROUBLE, voice=Voice.PAGE),
    Row(Scene.EXPECTED, lambda known: known.is_expected, voice=Voice.PAGE),
    Row(Scene.CLOSED, lambda known: known.is_closed),
    Row(Scene.FREE, lambda known: True),
)
ROWS: dict[Scene, Row] = {row.scene: row for row in TABLE}
# What is shown itself takes the drawing's place.
WITHOUT_DRAWING = frozenset({Scene.DOCUMENT, Scene.FORM})
# With these the resident sees the page that the device is at.
COUNTED = frozenset({Scene.PRINTING, Scene.SCANNING})


def scene_of(known: Known) -> Scene:
    """Give the scene that is shown now."""
    return next(row.scene for row in TABLE if row.applies(known))
