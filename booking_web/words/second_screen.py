# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether the resident sees what is shown to them, as the counsellor reads it."""

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.domain.kiosks.screen_content import ShownPage, Sight

_NOT_YET = lazy_gettext("Envoyé au second écran, pas encore affiché.")
_NO_MORE = lazy_gettext(
    "L'usager ne le voit plus : le second écran est fermé, caché ou coupé."
)
FORM: dict[Sight, LazyString] = {
    Sight.SENT: _NOT_YET,
    Sight.SEEN: lazy_gettext("L'usager voit ce formulaire."),
    Sight.LOST: _NO_MORE,
}
CV: dict[Sight, LazyString] = {
    Sight.SENT: _NOT_YET,
    Sight.SEEN: lazy_gettext("L'usager voit son CV."),
    Sight.LOST: _NO_MORE,
}
LAID_PAGE: dict[Sight, LazyString] = {
    Sight.SENT: _NOT_YET,
    Sight.SEEN: lazy_gettext("Montrée au second écran"),
    Sight.LOST: _NO_MORE,
}


def page_words(shown: ShownPage) -> str:
    """Say whether the resident sees the page of a document that is shown to them."""
    if shown.sight is Sight.LOST:
        return str(_NO_MORE)
    of = {"page": shown.page, "pages": shown.pages}
    if shown.sight is Sight.SENT:
        return gettext(
            "Envoyé au second écran (page %(page)s sur %(pages)s), pas encore affiché.",
            **of,
        )
    return gettext("Montré au second écran : page %(page)s sur %(pages)s.", **of)
