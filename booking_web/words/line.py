# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of a place in a line and of what is waited for.

Never more exact than it can be.
"""

import math
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext, lazy_gettext

from booking_web.domain.appointments.line.causes import Cause, Hindrance
from booking_web.domain.appointments.line.estimate import LinePlace
from booking_web.domain.appointments.line.standing import Standing
from booking_web.words.dates import clock

ROUNDED_TO_MINUTES = 5
SOON = timedelta(minutes=2)


def position_words(place: LinePlace) -> str:
    """Say which place it is."""
    if place.position == 1:
        return gettext("Premier dans la file")
    return gettext("%(position)se dans la file", position=place.position)


def wait_words(wait: timedelta | None) -> str:
    """Say how long it may be, rounded up; says so where nothing is known."""
    if wait is None:
        return gettext("attente impossible à estimer pour l'instant")
    if wait <= SOON:
        return gettext("dans un instant")
    minutes = math.ceil(wait / timedelta(minutes=ROUNDED_TO_MINUTES))
    minutes *= ROUNDED_TO_MINUTES
    if minutes < 60:
        return gettext("environ %(minutes)s minutes", minutes=minutes)
    hours, rest = divmod(minutes, 60)
    if not rest:
        return gettext("environ %(hours)s h", hours=hours)
    return gettext("environ %(hours)s h %(minutes)s", hours=hours, minutes=rest)


def standing_words(standing: Standing) -> str:
    """Say position, estimate and what is waited for, each where there is one."""
    place, found = standing.place, standing.hindrance
    cause = cause_words(found, standing.zone)
    wait = expected_wait(standing)
    if wait is None and found is not None:
        return f"{position_words(place)}. {cause}"
    sentence = gettext(
        "%(position)s, %(wait)s.",
        position=position_words(place),
        wait=wait_words(wait),
    )
    return f"{sentence} {cause}".strip()


def expected_wait(standing: Standing) -> timedelta | None:
    """Give the wait that may be told: none where somebody must do something first."""
    place, found = standing.place, standing.hindrance
    if found is None:
        return timedelta(0) if place.position == 1 else place.wait
    return None if found.has_no_end_in_sight else place.wait


def cause_words(found: Hindrance | None, zone: ZoneInfo) -> str:
    """Say what is waited for and the hour at which it ends; empty where nothing is."""
    if found is None:
        return ""
    whole = _WHOLE_SENTENCES.get(found.cause)
    if whole is not None:
        return str(whole)
    what = _what_words(found, zone)
    if found.call_at is None:
        if found.cause in (Cause.KIOSK_BOOKED, Cause.COUNTERS_BOOKED):
            return gettext(
                "%(what)s : il ne reste pas assez de temps aujourd'hui. "
                "Prenez un rendez-vous.",
                what=what,
            )
        return gettext("%(what)s, l'appel partira ensuite.", what=what)
    return gettext(
        "%(what)s, l'appel partira à %(hour)s au plus tôt.",
        what=what,
        hour=clock(found.call_at, zone),
    )


def _what_words(found: Hindrance, zone: ZoneInfo) -> str:
    if found.begins_at is not None:
        words = {
            Cause.KIOSK_BOOKED: gettext("La borne est réservée à %(hour)s"),
            Cause.COUNTERS_BOOKED: gettext(
                "Les guichets de l'organisme sont réservés à %(hour)s"
            ),
        }
        return words[found.cause] % {"hour": clock(found.begins_at, zone)}
    if found.ends_at is not None:
        words = {
            Cause.KIOSK_KEPT: gettext(
                "La borne est gardée jusqu'à %(hour)s pour un autre usager"
            ),
            Cause.COUNTERS_KEPT: gettext(
                "Le guichet de l'organisme est gardé jusqu'à %(hour)s pour un autre usager"
            ),
        }
        return words[found.cause] % {"hour": clock(found.ends_at, zone)}
    return {
        Cause.KIOSK_IN_CALL: gettext("La borne est en communication"),
        Cause.KIOSK_BOOKED: gettext("La borne est réservée"),
        Cause.COUNTERS_IN_CALL: gettext(
            "Les conseillers de l'organisme sont en communication"
        ),
        Cause.COUNTERS_BOOKED: gettext("Les guichets de l'organisme sont réservés"),
    }[found.cause]


_WHOLE_SENTENCES = {
    Cause.KIOSK_OFF: lazy_gettext(
        "La borne est éteinte, l'appel partira quand elle sera allumée."
    ),
    Cause.KIOSK_NOT_WIPED: lazy_gettext(
        "La borne est en panne : le dernier rendez-vous n'est pas effacé. L'appel partira "
        "quand il le sera."
    ),
    Cause.NOBODY_CALLS: lazy_gettext(
        "Le service d'appel ne répond pas, l'appel partira quand il sera revenu."
    ),
    Cause.NO_COUNSELLOR: lazy_gettext(
        "Aucun conseiller n'est connecté en ce moment : peut-être que personne ne répondra."
    ),
}
