# SPDX-License-Identifier: AGPL-3.0-or-later
"""Languages by the names that the page's own language has for them."""

from babel import Locale
from flask_babel import get_locale, gettext

from booking_web.base.languages import FRENCH, LANGUAGES


def language_name(code: str) -> str:
    """Name a language: "anglais" on a French page."""
    return Locale.parse(code).get_language_name(get_locale()) or code


def other_language(code: str) -> str:
    """Name a language that is not French; empty for French, which need not be said."""
    return "" if code == FRENCH else language_name(code)


def languages_offered() -> list[tuple[str, str]]:
    """List the codes and names of what the kiosk can speak, French first."""
    others = sorted(LANGUAGES.keys() - {FRENCH}, key=language_name)
    return [(code, language_name(code)) for code in (FRENCH, *others)]


def unknown_language_sentence() -> str:
    """Say what the kiosk can speak."""
    names = ", ".join(name for _, name in languages_offered())
    return gettext(
        "La borne ne parle pas cette langue. Choisissez : %(names)s.", names=names
    )
