# SPDX-License-Identifier: AGPL-3.0-or-later
"""The languages that pages, scenes and their voice are in; French stands in the code."""

LANGUAGES = {"fr": "Français", "en": "English"}
FRENCH = "fr"
LANGUAGE_LENGTH = 8


class UnknownLanguage(ValueError):
    """Nothing here is written or spoken in it."""


def language_named(code: str) -> str:
    """Give the language with this code; raises UnknownLanguage."""
    if code not in LANGUAGES:
        raise UnknownLanguage(code)
    return code


def language_or_french(code: str) -> str:
    """Give the language with this code, French where it is not offered any more."""
    return code if code in LANGUAGES else FRENCH
