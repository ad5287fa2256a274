# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of scenes: each state has its own, and none is without words."""

from datetime import timedelta

import pytest

from booking_web.domain.kiosks.cues import Cue
from booking_web.domain.kiosks.scenes import ROWS, TABLE, Known, Scene, scene_of
from booking_web.tables.states import AppointmentState as State
from booking_web.words.scenes import WORDS, second_line

FIVE_MINUTES = timedelta(minutes=5)


def in_call(**facts: object) -> Known:
    return Known(state=State.IN_CALL, **facts)


@pytest.mark.parametrize(
    ("known", "scene"),
    [
        (Known(), Scene.FREE),
        (Known(is_closed=True), Scene.CLOSED),
        (Known(is_expected=True), Scene.EXPECTED),
        (Known(is_expected=True, is_closed=True), Scene.EXPECTED),
        (Known(is_out_of_order=True, is_expected=True), Scene.OUT_OF_ORDER),
        (Known(is_out_of_order=True, reads_consent=True), Scene.CONSENT),
        (Known(state=State.DONE, reads_consent=True), Scene.CONSENT),
        (Known(state=State.ARRIVED, reads_consent=True), Scene.CALLING),
        (in_call(reads_consent=True), Scene.IN_CALL),
        (Known(state=State.ARRIVED), Scene.CALLING),
        (Known(state=State.CALLING), Scene.CALLING),
        (Known(state=State.QUEUED, abandoned_after=FIVE_MINUTES), Scene.WAITING),
        (in_call(), Scene.IN_CALL),
        (in_call(shows_document=True), Scene.DOCUMENT),
        (in_call(shows_form=True), Scene.FORM),
        (in_call(has_to_sign=True), Scene.SIGN),
        (in_call(has_to_sign=True, shows_form=True), Scene.FORM),
        (in_call(cue=Cue.PLACE_DOCUMENT, shows_document=True), Scene.LAY_ON_GLASS),
        (in_call(cue=Cue.TAKE_PRINT, has_to_sign=True), Scene.TAKE_SHEETS),
        (in_call(has_to_sign=True, is_kept=True), Scene.COMING_BACK),
        # A printed page that is asked for, shown beside its scene.
        (in_call(asks_for_page=True, shows_document=True), Scene.LAY_ON_GLASS),
        (
            in_call(asks_for_page=True, asks_to_sign=True, shows_document=True),
            Scene.SIGN,
        ),
        (
            in_call(asks_for_page=True, asks_to_sign=True, cue=Cue.PLACE_DOCUMENT),
            Scene.SIGN,
        ),
        (
            in_call(asks_for_page=True, asks_to_sign=True, cue=Cue.SCANNING),
            Scene.SCANNING,
        ),
        (Known(state=State.DONE), Scene.GOODBYE),
        (Known(state=State.ABANDONED), Scene.NOBODY),
        (Known(state=State.UNREACHABLE), Scene.CALL_CUT),
        (Known(state=State.INTERRUPTED), Scene.CALL_CUT),
        # What was known of a call that is over is of no matter.
        (Known(state=State.DONE, cue=Cue.PRINTING, has_to_sign=True), Scene.GOODBYE),
        (Known(state=State.QUEUED, cue=Cue.PRINTING), Scene.WAITING),
    ],
)
def test_what_is_known_has_its_scene(known: Known, scene: Scene) -> None:
    assert scene_of(known) is scene


@pytest.mark.parametrize(
    ("minutes", "scene"), [(2, Scene.WAITING), (3, Scene.WAITING_LONG)]
)
def test_a_wait_is_long_after_half_of_what_it_may_last(
    minutes: int, scene: Scene
) -> None:
    waited = timedelta(minutes=minutes)
    known = Known(state=State.QUEUED, waited=waited, abandoned_after=FIVE_MINUTES)
    assert scene_of(known) is scene


def test_each_cue_has_a_scene_of_its_own() -> None:
    scenes = [scene_of(in_call(cue=cue)) for cue in Cue if cue]
    assert len(set(scenes)) == len(Cue) - 1
    assert Scene.IN_CALL not in scenes


def test_each_scene_has_one_row_and_words() -> None:
    assert [row.scene for row in TABLE] == list(ROWS)
    assert set(ROWS) == set(WORDS) == set(Scene)


def test_the_page_alone_shows_that_its_server_is_away() -> None:
    everything = [Known(state=state) for state in (None, *State)]
    assert Scene.LINE_CUT not in map(scene_of, everything)


def test_a_line_without_its_value_is_not_written() -> None:
    assert second_line(Scene.CLOSED, {"opens": ""}) == ""
    assert second_line(Scene.SCANNING, {"page": "3", "pages": ""}) == "page 3"
    both = {"page": "3", "pages": "10"}
    assert second_line(Scene.SCANNING, both) == "page 3 sur 10"


def test_what_is_spoken_has_no_value_in_it() -> None:
    assert not any("%" in str(words.spoken) for words in WORDS.values())


def test_a_sentence_has_two_short_lines_at_most() -> None:
    for scene, words in WORDS.items():
        lines = str(words.sentence).split("\n")
        assert len(lines) <= 2 and max(map(len, lines)) <= 50, scene
