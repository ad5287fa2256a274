# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the desk says of a kiosk or of counsellors: a word, an icon and a colour."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext

from booking_web.base.local_time import local_day
from booking_web.words.dates import clock, long_date


@dataclass(frozen=True)
class Look:
    """How a page shows it; never by the colour alone."""

    # What it is, whatever the words: `ready`, `in_call`, `check`, `off`, `unknown`.
    state: str
    word: str
    icon: str
    # A class of site.css, as for appointments.
    tone: str

    @property
    def is_well(self) -> bool:
        """Tell whether nothing need be done."""
        return self.state in ("ready", "in_call")


def ready() -> Look:
    """A kiosk that could be called now."""
    return Look("ready", gettext("prête"), "check-circle", "live")


def in_call() -> Look:
    """A kiosk that is on the line."""
    return Look("in_call", gettext("en communication"), "camera-video", "live")


def to_check() -> Look:
    """A kiosk that can be called, but whose devices need somebody."""
    return Look("check", gettext("à vérifier"), "exclamation-triangle", "busy")


def switched_off(since: datetime | None, zone: ZoneInfo, now: datetime) -> Look:
    """A kiosk that is not there."""
    if since is None:
        word = gettext("éteinte ou débranchée")
    elif local_day(since, zone) == local_day(now, zone):
        word = gettext("éteinte depuis %(hour)s", hour=clock(since, zone))
    else:
        day = long_date(local_day(since, zone))
        word = gettext("éteinte depuis le %(day)s", day=day)
    return Look("off", word, "exclamation-octagon", "trouble")


def out_of_order() -> Look:
    """A kiosk that nobody may be called at until it is mended."""
    return Look("out", gettext("en panne"), "exclamation-octagon", "trouble")


def full() -> Look:
    """The server takes no more calls."""
    return Look("full", gettext("complet"), "exclamation-octagon", "trouble")


def why_full() -> str:
    """Say what a full server means, and that no kiosk is the cause."""
    return gettext(
        "Tous les appels que le serveur peut prendre sont en cours. Prévenez"
        " l'administrateur ; les bornes n'y sont pour rien."
    )


def unknown() -> Look:
    """Nobody hears Asterisk now."""
    return Look("unknown", gettext("état inconnu"), "question-circle", "calm")


def nobody_watches() -> str:
    """Say why nothing is known."""
    return gettext(
        "Le service d'appel ne donne plus de nouvelles. "
        "Prévenez l'administrateur si cela dure."
    )


def devices_unknown() -> str:
    """Say that the kiosk never told of its devices."""
    return gettext("Imprimante et scanner : état inconnu.")


def devices_silent(heard_at: datetime, zone: ZoneInfo) -> str:
    """Say that the kiosk no longer tells of its devices."""
    return gettext(
        "La borne ne donne plus de nouvelles de l'imprimante et du scanner "
        "depuis %(hour)s.",
        hour=clock(heard_at, zone),
    )


def counsellors_ready(count: int) -> Look:
    """Somebody could answer at once."""
    word = ngettext(
        "%(num)d conseiller disponible", "%(num)d conseillers disponibles", count
    )
    return Look("ready", word, "headset", "live")


def counsellors_in_call(count: int) -> Look:
    """All who are there speak with somebody."""
    word = ngettext(
        "conseiller en communication", "%(num)d conseillers en communication", count
    )
    return Look("in_call", word, "headset", "busy")


def counsellors_paused() -> Look:
    """Whoever is there takes no call."""
    return Look("off", gettext("conseillers en pause"), "hourglass-split", "busy")


def no_counsellor() -> Look:
    """Nobody is there."""
    word = gettext("aucun conseiller connecté")
    return Look("off", word, "exclamation-triangle", "trouble")
