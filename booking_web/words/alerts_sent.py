# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a person is told of the e-mails about alerts that go to their role."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from provisioning.database.models import UserRole

_SENT: Mapping[str, LazyString] = {
    UserRole.SECRETARY: lazy_gettext(
        "Vous recevez un courriel quand une borne de votre relais est éteinte, quand "
        "personne ne regarde plus son papier, ou quand le relais ne sert plus."
    ),
    UserRole.MANAGER: lazy_gettext(
        "Vous recevez un courriel quand votre organisme n'a plus d'heures, plus de "
        "conseiller disponible, ou laisse des appels sans réponse."
    ),
    UserRole.SUPERVISOR: lazy_gettext(
        "Vous recevez un courriel quand un relais ne sert plus, quand une borne est "
        "injoignable depuis un jour, ou quand un organisme n'a plus d'heures, plus de "
        "conseiller, ou laisse des appels sans réponse."
    ),
    UserRole.OFFICER: lazy_gettext(
        "Vous recevez un courriel quand le journal n'est plus prouvé entier."
    ),
    UserRole.ADMINISTRATOR: lazy_gettext(
        "Vous recevez un courriel des alertes des machines, si le site n'a pas "
        "d'adresse pour elles (alert_mail)."
    ),
}


def alerts_sent_to(role: str) -> str:
    """Say which are written to this role; empty where none are."""
    return str(_SENT.get(role, ""))
