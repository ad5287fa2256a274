# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a sentence begins and ends, what the screen keeps, and how words are written."""

import math
from array import array

from sip_endpoints.captions.engine import thinned
from sip_endpoints.captions.recogniser import legible
from sip_endpoints.captions.speech import (
    BEFORE_FRAMES,
    FRAME,
    LONGEST_FRAMES,
    SILENT_FRAMES,
    Speech,
)
from sip_endpoints.captions.transcript import (
    CHARACTERS,
    SENTENCES,
    Shown,
    State,
    Transcript,
)


def tone(loudness: float) -> "array[float]":
    return array("f", (loudness * math.sin(n / 3) for n in range(FRAME)))


def heard(speech: Speech, *parts: tuple[float, int]) -> list[int]:
    """Give after how many frames a sentence was over."""
    ends, number = [], 0
    for loudness, frames in parts:
        for _ in range(frames):
            number += 1
            if speech.take(tone(loudness)):
                ends.append(number)
    return ends


def test_a_sentence_is_over_after_a_silence_and_keeps_what_came_just_before() -> None:
    speech = Speech()
    assert heard(speech, (0.0, 50), (0.2, 60), (0.0, 60)) == [50 + 60 + SILENT_FRAMES]
    assert len(speech.samples) == FRAME * (BEFORE_FRAMES + 60 + SILENT_FRAMES - 1)


def test_a_click_is_no_sentence_and_a_pause_for_breath_ends_none() -> None:
    assert heard(Speech(), (0.0, 50), (0.4, 3), (0.0, 100)) == []
    breath = heard(Speech(), (0.0, 50), (0.2, 40), (0.0, 20), (0.2, 40), (0.0, 60))
    assert breath == [50 + 40 + 20 + 40 + SILENT_FRAMES]


def test_a_noise_that_lasts_is_no_voice_and_a_voice_above_it_is() -> None:
    assert heard(Speech(), (0.02, 1000)) == []
    assert len(heard(Speech(), (0.02, 100), (0.3, 60), (0.02, 60))) == 1


def test_who_speaks_without_a_pause_is_read_all_the_same() -> None:
    word = ((0.2, 22), (0.01, 3))
    ends = heard(Speech(), (0.0, 20), *word * (3 * LONGEST_FRAMES // 25))
    assert len(ends) == 3
    assert ends[1] - ends[0] == LONGEST_FRAMES


def test_sound_of_48_khz_is_thinned_to_the_mean_of_three() -> None:
    sound = array("h", [0, 3000, 6000, -300, -300, -300]).tobytes()
    assert [round(each * 32768) for each in thinned(sound, 3)] == [3000, -300]
    assert [round(each * 32768) for each in thinned(sound, 1)][:2] == [0, 3000]


def test_the_screen_keeps_a_few_lines_and_no_more() -> None:
    transcript = Transcript()
    for number in range(SENTENCES + 3):
        transcript.take(f"{number}", is_final=True)
    transcript.take("mots " * 200, is_final=False)
    assert len(transcript.lines) == SENTENCES
    assert transcript.lines[:2] == ("4", "5")
    assert len(transcript.lines[-1]) == CHARACTERS
    transcript.clear()
    assert transcript.lines == ()


def test_what_is_shown_tells_no_word_to_a_log() -> None:
    shown = Shown(State.ON, "fr", ("Votre numéro est le 12.",))
    assert "12" not in f"{shown!r} {shown}"


def test_words_in_capitals_are_written_as_people_write() -> None:
    assert legible(" BONJOUR   MADAME ") == "Bonjour madame"
    assert legible("le RSA est versé") == "Le RSA est versé"
    assert legible("") == ""
