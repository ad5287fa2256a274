# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a scene says, in one of the languages of the site: a recording, else the voice."""

from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, send_file
from flask_babel import force_locale

from booking_web.base.languages import LANGUAGES
from booking_web.domain.kiosks.scenes import ROWS, Scene, Voice
from booking_web.pages.kiosk.consent import spoken_consent
from booking_web.shell.services import services
from booking_web.shell.sign_in.kiosk_enrolment import known_kiosk
from booking_web.telling.voice.speaking import VoiceUnavailable, speak
from booking_web.words.scenes import WORDS

# What browsers play, by the end of a recording's name; the first that is there is taken.
RECORDINGS = {
    "opus": "audio/ogg",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
}
# The same words in every relay: they tell nothing of anybody.
KEPT_SECONDS = 86400

blueprint = Blueprint("kiosk_voice", __name__, url_prefix="/borne")


@blueprint.get("/voix/<language>/<scene>")
def say(language: str, scene: str) -> Response:
    """Give a scene's words as sound; 404 where the page does not speak it, 503 without voice."""
    known_kiosk()
    try:
        row = ROWS[Scene(scene)]
    except ValueError:
        abort(404)
    if language not in LANGUAGES or row.voice is not Voice.PAGE:
        abort(404)
    # Of a text that may change nobody's recording is played: it might be of another one.
    is_consent = row.scene is Scene.CONSENT
    folder = None if is_consent else services().settings.recordings_dir
    recorded = _recording(folder, language, row.scene)
    if recorded is not None:
        path, kind = recorded
        answer = send_file(path, mimetype=kind, conditional=True)
    else:
        try:
            with force_locale(language):
                words, voice = str(WORDS[row.scene].spoken), language
                if is_consent:
                    read = spoken_consent(language)
                    words, voice = read.text, read.language
                sound = _spoken(words, voice)
        except VoiceUnavailable:
            abort(503)
        answer = Response(sound, mimetype="audio/ogg")
    answer.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return answer


@lru_cache(maxsize=4 * len(Scene))
def _spoken(words: str, language: str) -> bytes:
    return speak(words, language)


def _recording(
    folder: str | None, language: str, scene: Scene
) -> tuple[Path, str] | None:
    """Give the recording of a scene and what it is, where somebody has made one."""
    if folder is None:
        return None
    for ending, kind in RECORDINGS.items():
        path = Path(folder, language, f"{scene}.{ending}").absolute()
        if path.is_file():
            return path, kind
    return None
