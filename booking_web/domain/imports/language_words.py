# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads the name of a language as people write it into a spreadsheet; pure."""

from babel import Locale

from booking_web.base.languages import FRENCH, LANGUAGES
from booking_web.domain.imports.reading import folded


def read_language(text: str) -> str | None:
    """Give the language's code, French where nothing stands; None where it is not offered.

    Its code or its name counts, in any of the languages: "en", "Anglais", "English".
    """
    told = folded(text)
    if not told:
        return FRENCH
    return next((code for code in LANGUAGES if told in _names(code)), None)


def _names(code: str) -> set[str]:
    locale = Locale.parse(code)
    return {code, *(folded(locale.get_language_name(each) or "") for each in LANGUAGES)}
