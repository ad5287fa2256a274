# SPDX-License-Identifier: AGPL-3.0-or-later
"""What scenes say: to a screen alone, in its language, by a person's recording if there is one."""

import pytest
from flask.testing import FlaskClient

from booking_web.domain.kiosks.scenes import ROWS, Scene, Voice
from booking_web.pages.kiosk import voice
from booking_web.telling.voice.speaking import VoiceMissing
from tests.integration.booking_web.conftest import Ground


@pytest.fixture
def spoken(monkeypatch) -> list[tuple[str, str]]:
    """Give what was to be spoken, and in which language; the sound names the language."""
    asked = []

    def speak(words: str, language: str) -> bytes:
        asked.append((words, language))
        return f"OggS {language}".encode()

    monkeypatch.setattr(voice, "speak", speak)
    voice._spoken.cache_clear()
    yield asked
    voice._spoken.cache_clear()


def let_in(new_app, ground: Ground, **settings) -> FlaskClient:
    client = new_app(ground, **settings).test_client()
    ground.let_in(client, "kiosk-wassigny")
    return client


@pytest.mark.parametrize("scene", Scene)
def test_the_page_speaks_its_scenes_and_no_others(
    new_app, ground, spoken, scene
) -> None:
    answer = let_in(new_app, ground).get(f"/borne/voix/fr/{scene}")
    if ROWS[scene].voice is Voice.PAGE:
        assert (answer.status_code, answer.data) == (200, b"OggS fr")
        assert answer.mimetype == "audio/ogg"
    else:
        assert answer.status_code == 404 and spoken == []


def test_words_are_spoken_in_each_language_once_for_all(
    new_app, ground, spoken
) -> None:
    screen = let_in(new_app, ground)
    for language in ("fr", "en", "fr", "en"):
        sound = screen.get(f"/borne/voix/{language}/goodbye").data
        assert sound == f"OggS {language}".encode()
    assert screen.get("/borne/voix/de/goodbye").status_code == 404
    assert [language for _, language in spoken] == ["fr", "en"]
    assert spoken[0][0].endswith("Merci, au revoir.")
    assert spoken[1][0] != spoken[0][0]


def test_a_persons_recording_is_taken_where_there_is_one(
    new_app, ground, spoken, tmp_path
) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr/goodbye.mp3").write_bytes(b"a person's voice")
    (tmp_path / "fr/secret.mp3").write_bytes(b"no scene")
    screen = let_in(new_app, ground, recordings_dir=str(tmp_path))
    with screen.get("/borne/voix/fr/goodbye") as answer:
        assert (answer.mimetype, answer.data) == ("audio/mpeg", b"a person's voice")
    assert screen.get("/borne/voix/fr/call_cut").data == b"OggS fr"
    assert screen.get("/borne/voix/en/goodbye").data == b"OggS en"
    for name in ("secret", "../fr/secret", "..%2Ffr%2Fgoodbye"):
        assert screen.get(f"/borne/voix/fr/{name}").status_code == 404


def test_without_a_voice_the_screen_stays_silent(
    new_app, ground, spoken, monkeypatch
) -> None:
    def missing(words: str, language: str) -> bytes:
        raise VoiceMissing("espeak-ng")

    monkeypatch.setattr(voice, "speak", missing)
    screen = let_in(new_app, ground)
    assert screen.get("/borne/voix/fr/goodbye").status_code == 503
    assert "Bienvenue" in screen.get("/borne").text
