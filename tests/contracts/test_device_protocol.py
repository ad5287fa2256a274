# SPDX-License-Identifier: AGPL-3.0-or-later
"""What web and kiosk both know of device jobs stands twice: here the two are held equal.

Neither side imports the other (docs/decisions/0001); tests may import both.
"""

from enum import StrEnum
from gettext import translation
from itertools import count
from pathlib import Path

import pytest

import booking_web
from booking_web.api.kiosk.blueprint import PREFIX
from booking_web.base.languages import LANGUAGES
from booking_web.domain.kiosks import cues as web_cues
from booking_web.domain.kiosks import line_quality
from booking_web.domain.kiosks.scenes import Known, Scene, scene_of
from booking_web.pages.rows import devices as rows
from booking_web.shell.forms.form_sizes import MAX_CHUNK_BYTES
from booking_web.tables import device_jobs as web
from booking_web.tables import wipes as web_wipes
from booking_web.tables.states import AppointmentState
from booking_web.words import devices as words
from booking_web.words import wipes as wipe_words
from booking_web.words.line_quality import FROM_KIOSK, TO_KIOSK
from booking_web.words.scenes import WORDS
from device_bridge.call import cues, sentences
from device_bridge.call import missing as bridge_missing
from device_bridge.call.codes import (
    MAX_COPIES,
    MAX_NUMBER_DIGITS,
    VOLUMES,
    CodeParser,
    Command,
    Verb,
)
from device_bridge.jobs import job as kiosk
from device_bridge.jobs.reasons import WARNINGS, Reason
from device_bridge.ledger.delivery import CHUNK_BYTES
from device_bridge.server.kiosk_api import BASE
from device_bridge.wiping import traces as wipes
from device_bridge.wiping.wiper import WipeState
from sip_endpoints.call import line_quality as told_line
from sip_endpoints.device_link import PROMPTS, recording_of
from sip_endpoints.loudness import LEVELS
from sip_endpoints.machine.session import missing

# In the call a cause is told while it lasts, to the counsellor who waits for it; on the page
# it is read later, beside the job.
SAID_OTHERWISE_ON_THE_PAGE = {
    Reason.PRINT_SERVICE_RESTARTED,
    Reason.PRINT_TIMEOUT,
    Reason.SCANNER_HUNG,
    Reason.DOCUMENT_ACTIVE,
    Reason.SERVER_UNREACHABLE,
    Reason.SERVER_REFUSED,
    Reason.CANCELED_BY_COUNSELLOR,
}
SOUNDS = Path(__file__).parents[2] / "asterisk-config/sounds"
SPOKEN_IN_THE_QUEUE = {
    "un-conseiller-va-vous-repondre.wav",
    "vous-etes-le-prochain.wav",
    "aucun-conseiller.wav",
    "silence.wav",
}
CUES = sorted(set(cues.Cue) - {cues.Cue.NONE})


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (web.Operation, kiosk.Operation),
        (web.JobState, kiosk.JobState),
        (web.Preset, kiosk.Preset),
        (web.ScanColour, kiosk.ScanColour),
        (web_cues.Cue, cues.Cue),
        (web_wipes.WipePart, wipes.Part),
        (web_wipes.WipeCause, wipes.Cause),
    ],
)
def test_an_enum_has_the_same_members_on_both_sides(
    ours: type[StrEnum], theirs: type[StrEnum]
) -> None:
    assert {each.name: each.value for each in ours} == {
        each.name: each.value for each in theirs
    }


def test_a_job_is_over_in_the_same_states_on_both_sides() -> None:
    assert set(map(str, web.FINAL)) == set(map(str, kiosk.FINAL))


def test_every_reason_of_the_kiosk_is_a_sentence_on_both_sides() -> None:
    reasons = set(map(str, Reason)) - {""}
    assert set(words.REASONS) == reasons
    assert set(map(str, sentences.REASONS)) - {""} == reasons


def test_a_reason_is_said_in_the_same_words_unless_it_is_told_at_another_time() -> None:
    differing = {
        reason
        for reason, told in sentences.REASONS.items()
        if reason is not Reason.NONE and told != french(words.REASONS[reason])
    }
    assert differing == SAID_OTHERWISE_ON_THE_PAGE


def test_the_same_reasons_stop_no_device_on_both_sides() -> None:
    assert set(map(str, WARNINGS)) == set(map(str, rows.WARNINGS))


def test_a_device_is_in_the_same_states_said_in_the_same_words() -> None:
    for page, call in (
        (words.PRINTER_STATES, sentences.PRINTER_STATES),
        (words.SCANNER_STATES, sentences.SCANNER_STATES),
    ):
        assert {state: french(told) for state, told in page.items()} == call


def test_every_operation_is_called_the_same_on_both_sides() -> None:
    assert {
        str(operation): french(told) for operation, told in words.OPERATIONS.items()
    } == {str(operation): told for operation, told in sentences.NAMES.items()}


def test_the_volume_has_the_same_levels_by_the_same_words_on_both_sides() -> None:
    assert list(web.VOLUMES) == list(VOLUMES) == list(range(1, len(LEVELS) + 1))
    told = {level: french(word) for level, word in words.VOLUMES.items()}
    assert told == sentences.VOLUMES


def test_the_page_asks_for_no_more_than_a_code_can_say() -> None:
    assert web.MAX_COPIES == MAX_COPIES
    assert web.MAX_NUMBER == 10**MAX_NUMBER_DIGITS - 1


@pytest.mark.parametrize(
    ("code", "command"),
    [
        (web.code_of_job(1), Command(Verb.RUN, 1)),
        *(
            (web.code_of_volume(level), Command(Verb.VOLUME, level))
            for level in VOLUMES
        ),
        (web.code_of_job(web.MAX_NUMBER), Command(Verb.RUN, web.MAX_NUMBER)),
        (web.code_to_show(3), Command(Verb.SHOW, 3)),
        (web.code_to_show(None), Command(Verb.SHOW)),
        (web.CANCEL_CODE, Command(Verb.CANCEL)),
        (web.STATE_CODE, Command(Verb.STATE)),
    ],
)
def test_a_code_that_a_button_keys_in_is_read_as_it_is_meant(
    code: str, command: Command
) -> None:
    [read] = filter(None, map(CodeParser().take, code, count()))
    assert read == command


def test_the_kiosk_asks_at_the_address_where_the_server_answers() -> None:
    assert BASE == PREFIX


def test_the_server_takes_a_piece_of_a_scan_as_large_as_a_kiosk_sends_it() -> None:
    assert CHUNK_BYTES <= MAX_CHUNK_BYTES


def test_a_line_is_told_in_the_same_words_on_both_sides() -> None:
    troubles = set(told_line.LineQuality) - {told_line.LineQuality.GOOD}
    assert troubles == set(line_quality.LineQuality)
    for way, absent, known in (
        (FROM_KIOSK, bridge_missing.FROM_KIOSK, line_quality.WORDS_FROM_KIOSK),
        (TO_KIOSK, bridge_missing.TO_KIOSK, line_quality.WORDS_TO_KIOSK),
    ):
        assert set(way) == troubles | {word for _, word in absent} == known


def test_what_is_missing_is_told_in_the_same_words_by_session_and_bridge() -> None:
    felt = (*bridge_missing.FROM_KIOSK, *bridge_missing.TO_KIOSK)
    assert {part for parts, _ in felt for part in parts} == set(missing.Missing)


def test_each_cue_is_spoken_as_it_is_written() -> None:
    spoken = dict(
        line.split("\t")
        for line in (PROMPTS / "fr/prompts.tsv").read_text().splitlines()
        if not line.startswith("#")
    )
    assert spoken == {str(cue): told for cue, told in sentences.CUES.items()}
    assert sorted(spoken) == CUES


@pytest.mark.parametrize("cue", CUES)
def test_each_cue_is_a_scene_of_its_own_that_says_the_same(cue: str) -> None:
    known = Known(state=AppointmentState.IN_CALL, cue=web_cues.Cue(cue))
    scene = scene_of(known)
    assert scene not in (Scene.IN_CALL, scene_of(Known(state=known.state)))
    assert french(WORDS[scene].spoken) == sentences.CUES[cues.Cue(cue)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_of_the_scenes_has_its_recordings(language: str) -> None:
    spoken = dict(
        line.split("\t")
        for line in (PROMPTS / language / "prompts.tsv").read_text().splitlines()
        if not line.startswith("#")
    )
    folder = Path(booking_web.__path__[0], "translations")
    told = translation("messages", folder, [language], fallback=language == "fr")
    for cue in CUES:
        scene = scene_of(Known(state=AppointmentState.IN_CALL, cue=web_cues.Cue(cue)))
        assert spoken[cue] == told.gettext(french(WORDS[scene].spoken))
        assert recording_of(cue, language).parent.name == language
        assert recording_of(cue, language).read_bytes()[:4] == b"RIFF"
    queue = {each.name for each in (SOUNDS / language / "guichet").glob("*.wav")}
    assert SPOKEN_IN_THE_QUEUE <= queue


@pytest.mark.parametrize("language", ["", "xx", "..", "/tmp", "e\u0301"])
def test_what_is_no_language_of_ours_is_spoken_in_french(language: str) -> None:
    assert recording_of("printing", language) == PROMPTS / "fr/printing.wav"


def french(told: object) -> str:
    """Give a sentence as it stands in the code: outside a request nothing is translated."""
    return str(told)


def test_every_part_and_every_cause_of_a_wipe_has_its_words() -> None:
    assert set(wipe_words.PARTS) == set(web_wipes.WipePart)
    assert set(wipe_words.CAUSES) == set(web_wipes.WipeCause)


def test_the_web_takes_each_state_in_which_a_kiosk_says_that_it_stands() -> None:
    told = {str(state) for state in WipeState}
    assert told == {"in_call", "wiping"} | {
        str(state) for state in web_wipes.WipeState if state != "owed"
    }
