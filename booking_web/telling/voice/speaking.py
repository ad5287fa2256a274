# SPDX-License-Identifier: AGPL-3.0-or-later
"""Speaks a text: espeak-ng, pressed by opusenc to four kilobytes a second.

Each runs once for a text, in a process of its own with limits; what is said is in its
standard input alone, and nothing of it is kept.
"""

import shutil
import subprocess

import structlog

logger = structlog.get_logger(__name__)

VOICE = "fr"
WORDS_A_MINUTE = 140
KILOBITS_A_SECOND = 24
# A page of many fields; who wants to hear more has the next page read.
LONGEST_TEXT = 4000
TIMEOUT_SECONDS = 15.0
# util-linux's: neither program has limits of its own.
_LIMITS = ["prlimit", "--cpu=10", "--as=1073741824", "--core=0", "--"]
_SPEAK = ["espeak-ng", "-s", str(WORDS_A_MINUTE), "-b", "1", "--stdin", "--stdout"]
# Read on to the end: espeak-ng writes no length into a stream.
_PRESS = ["opusenc", "--quiet", "--ignorelength", "--comp", "1"]
_PRESS += ["--bitrate", str(KILOBITS_A_SECOND), "-", "-"]


class VoiceUnavailable(Exception):
    """The text cannot be spoken: the classes below say why."""


class VoiceMissing(VoiceUnavailable):
    """This server has no voice: espeak-ng or opusenc is not installed."""


class VoiceFailed(VoiceUnavailable):
    """A program failed, or ran into its limits."""


def has_voice() -> bool:
    """Tell whether this server can speak."""
    return all(shutil.which(each) for each in (_SPEAK[0], _PRESS[0], _LIMITS[0]))


def speak(text: str, language: str = VOICE) -> bytes:
    """Give the text as spoken, in Ogg Opus; raises VoiceUnavailable.

    `language` is one of espeak-ng's voices by its code, such as "fr" or "en".
    """
    shown = "".join(each if each.isprintable() else " " for each in text[:LONGEST_TEXT])
    # Two of them would begin a text in phonemes.
    return _run(
        _PRESS, _run([*_SPEAK, "-v", language], shown.replace("[[", "[ [").encode())
    )


def _run(command: list[str], given: bytes) -> bytes:
    try:
        done = subprocess.run(
            [*_LIMITS, *command],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise VoiceMissing(command[0]) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        # The error's own words would quote what is said.
        logger.warning("voice failed", program=command[0], how=type(error).__name__)
        raise VoiceFailed(command[0]) from None
    if done.returncode == 127:
        raise VoiceMissing(command[0])
    if done.returncode != 0 or not done.stdout:
        logger.warning("voice failed", program=command[0], how=done.returncode)
        raise VoiceFailed(command[0])
    return done.stdout
