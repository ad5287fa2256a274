# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is said in a call is written for the kiosk's own page, and for nobody else."""

import json

import psutil
import pytest

from sip_endpoints.captions.page_stream import LOOPBACK
from stage.captions import Page, prompts, sound_of, word_errors
from stage.waiting import wait_for

pytestmark = pytest.mark.real

# A model of 44 MB and a synthetic voice: of ten words one or two are wrong.
MOST_WRONG = 0.25


def test_what_is_said_is_written_while_it_is_said_and_gone_when_the_call_ends(
    captions, page, call
) -> None:
    voice = call()
    page.wait_state("on")
    engine = captions.wait_engine()
    voice.say(sound_of("place_document"))
    page.wait_said(prompts()["place_document"])
    partial = [told["lines"][-1] for _, told in page.told if told["lines"]]
    # Before it was over, the beginning of it could be read.
    assert len(set(partial)) > 1
    assert page.now["language"] == "en"
    voice.close()
    page.wait_state("off")
    assert page.now["lines"] == []
    wait_for(lambda: not engine.is_running(), "the engine is gone")
    assert captions.engine() is None


def test_our_own_sentences_are_written_well_enough_to_be_understood(page, call) -> None:
    voice = call()
    page.wait_state("on")
    errors = words = 0
    for name, text in prompts().items():
        seen = len(page.told)
        voice.say(sound_of(name))
        # So much silence that the sentence is over.
        voice.say(b"\0" * 96_000)
        count = len(voice.ended_at) + 2
        wait_for(lambda: len(voice.ended_at) >= count, "it is said", poll_seconds=0.05)
        lines = [told["lines"][-1] for _, told in page.told[seen:] if told["lines"]]
        wrong, of = word_errors(text, lines[-1] if lines else "")
        errors, words = errors + wrong, words + of
    assert words == 88
    assert errors / words < MOST_WRONG


def test_a_call_in_a_language_without_a_model_has_no_captions_and_no_engine(
    captions, page, call
) -> None:
    voice = call("fr")
    voice.say(sound_of("place_document"))
    wait_for(lambda: "no captions" in captions.program.log_text(), "it says so")
    assert captions.engine() is None
    assert page.now["state"] == "off"
    assert "Le modèle de sous-titres manque" in captions.program.log_text()


def test_nothing_runs_and_nothing_is_loaded_between_calls(captions) -> None:
    assert captions.engine() is None
    process = psutil.Process(captions.program.pid)
    assert process.memory_info().rss < 60_000_000
    listening = [each for each in process.net_connections() if each.status == "LISTEN"]
    assert [each.laddr.ip for each in listening] == [LOOPBACK]


def test_only_the_sites_page_with_the_secret_reads_along(captions) -> None:
    port, secret = captions.way
    assert len(secret) >= 32
    strangers = [
        Page(captions, "https://elsewhere.example").status,
        Page(_With(captions, f"{secret[:-1]}x")).status,
        Page(_With(captions, "")).status,
    ]
    assert strangers == [404, 404, 404]
    assert (captions.folder / "captions.address").stat().st_mode & 0o077 == 0
    assert captions.socket.stat().st_mode & 0o077 == 0


class _With:
    """The way to the stream with another secret."""

    def __init__(self, captions, secret: str) -> None:
        self.way = (captions.way[0], secret)


def test_the_page_finds_the_stream_again_after_a_restart(captions, call) -> None:
    before = captions.way
    captions.program.kill()
    captions.program.start()
    captions.program.wait_until(lambda: captions.way == before)
    page = wait_for(lambda: _page(captions), "the page is back", poll_seconds=0.1)
    call()
    page.wait_state("on")
    page.close()


def _page(captions) -> Page | None:
    try:
        return Page(captions)
    except OSError:
        return None


def test_nothing_that_was_said_is_in_the_log_or_on_the_disk(
    captions, page, call
) -> None:
    voice = call()
    page.wait_state("on")
    voice.say(sound_of("place_document"))
    page.wait_said(prompts()["place_document"])
    voice.close()
    page.wait_state("off")
    kept = [each.read_bytes() for each in captions.folder.rglob("*") if each.is_file()]
    assert kept != []
    assert not any(b"document" in each for each in kept)
    told = [json.loads(line) for line in captions.program.log_text().splitlines()]
    assert [each["event"] for each in told] == ["captions begin"]
