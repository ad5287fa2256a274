# SPDX-License-Identifier: AGPL-3.0-or-later
"""The text that a resident is read before the call: the site's own, else the usual one."""

from flask_babel import force_locale

from booking_web.base.languages import FRENCH, LANGUAGES
from booking_web.domain.consents.answers import ConsentText
from booking_web.shell.services import services
from booking_web.words.consents import DEFAULT_TEXT


def consent_text(language: str) -> ConsentText:
    """Give what is read in this language; a site's own text that has no other is French."""
    settings = services().settings
    own = {FRENCH: settings.consent_text, "en": settings.consent_text_en}
    for each in (language, FRENCH):
        if text := own.get(each):
            return ConsentText(text.strip(), each)
    with force_locale(language):
        return ConsentText(str(DEFAULT_TEXT), language)


def digests_read_now() -> frozenset[str]:
    """Give the digests of what is read today, in any language."""
    return frozenset(consent_text(each).sha256 for each in LANGUAGES)
