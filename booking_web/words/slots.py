# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why there is no slot, in a sentence for the secretary and for the manager."""

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.domain.places.search import SlotsFound, WhyNoSlot
from booking_web.words.dates import long_date

_SENTENCES: dict[WhyNoSlot, LazyString] = {
    WhyNoSlot.NO_HOURS: lazy_gettext("Cet organisme n'a pas publié d'horaires."),
    WhyNoSlot.NO_KIOSK: lazy_gettext("Ce relais n'a pas de borne."),
    WhyNoSlot.NO_COUNTER: lazy_gettext("Cet organisme n'a pas de guichet."),
    WhyNoSlot.RELAY_NOT_SERVED: lazy_gettext(
        "Cet organisme ne reçoit pas les usagers de ce relais."
    ),
    WhyNoSlot.CLOSED: lazy_gettext("Cet organisme est fermé pendant ces jours."),
    WhyNoSlot.TOO_SOON: lazy_gettext(
        "C'est trop tôt : cet organisme demande un délai."
    ),
    WhyNoSlot.BEYOND_HORIZON: lazy_gettext(
        "Cet organisme ne prend pas encore de rendez-vous pour ces jours."
    ),
    WhyNoSlot.TOO_LONG: lazy_gettext(
        "Ce rendez-vous est plus long que les plages d'ouverture de l'organisme."
    ),
    WhyNoSlot.DAYS_FULL: lazy_gettext(
        "Cet organisme a atteint son nombre de rendez-vous par jour."
    ),
    WhyNoSlot.ALL_TAKEN: lazy_gettext("Toutes les places sont prises."),
    WhyNoSlot.NO_INTERPRETER: lazy_gettext(
        "Aucun interprète n'est libre aux heures de cet organisme."
    ),
}


def why_sentence(found: SlotsFound) -> str:
    """Say in plain words why nothing was found, and when the organisation opens next."""
    if found.why is None:
        return ""
    sentence = str(_SENTENCES[found.why])
    if found.why is WhyNoSlot.CLOSED and found.closed_for:
        sentence = gettext(
            "Cet organisme est fermé : %(label)s.", label=found.closed_for
        )
    if found.next_opening is None:
        return sentence
    return (
        sentence
        + " "
        + gettext("Prochaine ouverture : %(day)s.", day=long_date(found.next_opening))
    )
