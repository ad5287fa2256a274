# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why a call was not asked for, in the words of every page that asks for one."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking_web.domain.appointments import acts
from booking_web.tables.states import IllegalMove
from booking_web.words.appointments import wording_of
from booking_web.words.dates import moment


def changed(error: IllegalMove) -> str:
    """Say that the appointment has moved on meanwhile."""
    return gettext(
        "Ce rendez-vous a changé entre-temps : il est maintenant « %(state)s ». "
        "Rien n'a été fait.",
        state=wording_of(error.before).word,
    )


def counters_taken(_error: acts.CountersTaken) -> str:
    """Say that nobody is left to take the call."""
    return gettext(
        "Tous les guichets de cet organisme sont pris en ce moment. "
        "Réessayez dans quelques minutes, ou prenez un autre rendez-vous."
    )


def kiosk_taken(error: acts.KioskTaken, zone: ZoneInfo, now: datetime) -> str:
    """Say that the kiosk is another appointment's, and until when, where that is known."""
    if error.until is None:
        return gettext(
            "La borne est en communication pour un autre rendez-vous. "
            "Rappelez quand il sera terminé."
        )
    return gettext(
        "La borne a été prise entre-temps par un autre rendez-vous. "
        "Elle sera libre %(when)s.",
        when=moment(error.until, zone, now),
    )
