# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the site's public notices call things."""

from datetime import timedelta

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from booking_web.base.notice_settings import Conformity
from booking_web.domain.retention.periods import Held

CONFORMITY: dict[str, LazyString] = {
    Conformity.NONE: lazy_gettext("non conforme"),
    Conformity.PARTIAL: lazy_gettext("partiellement conforme"),
    Conformity.FULL: lazy_gettext("totalement conforme"),
}
HELD: dict[Held, LazyString] = {
    Held.RESIDENT: lazy_gettext(
        "Nom, téléphone, adresses, motif et notes, après le dernier rendez-vous"
    ),
    Held.DOCUMENTS: lazy_gettext(
        "Documents imprimés, numérisés ou remplis, après le rendez-vous"
    ),
    Held.DRAFTS: lazy_gettext("Formulaires commencés, après la dernière frappe"),
    Held.CVS: lazy_gettext("CV gardés avec votre accord, après la dernière frappe"),
    Held.READINGS: lazy_gettext("Journal : qui a seulement consulté un dossier"),
    Held.ORIGINAL_SCANS: lazy_gettext(
        "Numérisation d'origine d'un document remis en ordre"
    ),
}


def for_how_long(lasts: timedelta) -> str:
    """Say it in days, or in hours where it is a day at most."""
    if lasts > timedelta(days=1):
        return ngettext("%(num)d jour", "%(num)d jours", lasts.days)
    hours = round(lasts.total_seconds() / 3600)
    return ngettext("%(num)d heure", "%(num)d heures", hours)


def conformity_said(state: str) -> str:
    """Say it as the foot of each page must."""
    return gettext("Accessibilité : %(state)s", state=CONFORMITY[state])
