# SPDX-License-Identifier: AGPL-3.0-or-later
"""The engine killed, hung, out of memory, too slow: captions go, say so, and return."""

import resource
import signal

import psutil
import pytest

from sip_endpoints.captions.engine_process import BEHIND_SECONDS
from stage.captions import prompts, sound_of
from stage.waiting import wait_for

pytestmark = pytest.mark.real

LITTLE_BYTES = 10_000_000


@pytest.fixture
def speaking(captions, page, call):
    """Give a call in which something was said and written."""
    voice = call()
    page.wait_state("on")
    voice.say(sound_of("place_document"))
    page.wait_said(prompts()["place_document"])
    return voice


def is_back(captions, page, voice, before: psutil.Process) -> None:
    """Wait until another engine writes what is said."""
    page.wait_state("on", 40)
    assert captions.wait_engine().pid != before.pid
    voice.say(sound_of("scanning"))
    page.wait_said(prompts()["scanning"])


def test_an_engine_that_is_killed_takes_its_words_along_and_another_comes(
    captions, page, speaking
) -> None:
    engine = captions.wait_engine()
    engine.kill()
    page.wait_state("stopped")
    assert page.now["lines"] == []
    is_back(captions, page, speaking, engine)


def test_an_engine_that_hangs_is_late_then_killed_and_another_comes(
    captions, page, speaking
) -> None:
    engine = captions.wait_engine()
    engine.send_signal(signal.SIGSTOP)
    page.wait_state("late", 10)
    page.wait_state("stopped", 20)
    wait_for(lambda: not engine.is_running(), "it was killed")
    is_back(captions, page, speaking, engine)


def test_an_engine_without_memory_ends_alone(captions, page, call) -> None:
    service = psutil.Process(captions.program.pid)
    # For its children to come: a program begins in that, and no model is loaded.
    little = service.memory_info().data + LITTLE_BYTES
    service.rlimit(resource.RLIMIT_DATA, (little, resource.RLIM_INFINITY))
    voice = call()
    wait_for(
        lambda: "captions stopped" in captions.program.log_text(),
        "it ended",
        poll_seconds=0.1,
    )
    # Nobody read anything: nothing has ended that would have to be told.
    assert {told["state"] for _, told in page.told} == {"off"}
    much = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    service.rlimit(resource.RLIMIT_DATA, much)
    page.wait_state("on", 20)
    voice.say(sound_of("scanning"))
    page.wait_said(prompts()["scanning"])


def test_a_processor_that_is_too_slow_leaves_sentences_out_and_says_so(
    captions, page, speaking
) -> None:
    engine = captions.wait_engine()
    engine.send_signal(signal.SIGSTOP)
    page.wait_state("late", BEHIND_SECONDS + 5)
    engine.send_signal(signal.SIGCONT)
    # What is said now is written now, after a silence: what waited is left out.
    speaking.say(b"\0" * 96_000)
    speaking.say(sound_of("scanning"))
    page.wait_said(prompts()["scanning"])
    page.wait_state("on", 15)
    assert captions.wait_engine().pid == engine.pid


def test_after_three_engines_there_are_none_for_the_rest_of_the_call_but_in_the_next(
    captions, page, call
) -> None:
    voice = call()
    seen = set()
    for _ in range(3):
        page.wait_state("on", 30)
        engine = captions.wait_engine()
        seen.add(engine.pid)
        engine.kill()
        page.wait_state("stopped")
    assert len(seen) == 3
    # Another would have come within seconds.
    told = len(page.told)
    wait_for(lambda: len(page.told) >= told + 5, "ten seconds pass", poll_seconds=0.2)
    assert captions.engine() is None
    assert page.now["state"] == "stopped"
    voice.close()
    page.wait_state("off")
    call()
    page.wait_state("on")
