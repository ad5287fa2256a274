# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the receipts of a withdrawn agreement and of a revoked mandate say, in plain words."""

from datetime import date

from flask_babel import gettext

from booking_web.tables.mandates import Mandate, MandateRelation
from booking_web.words.dates import long_date, short_date
from booking_web.words.mandates import RELATIONS


def consent_stopped_title() -> str:
    """Call the receipt of a withdrawn agreement."""
    return gettext("Vous n'êtes plus d'accord")


def consent_stopped_words(day: date, hour: str) -> tuple[str, ...]:
    """Say when the agreement was withdrawn."""
    return (
        gettext(
            "Le %(day)s à %(hour)s, vous avez retiré votre accord.",
            day=long_date(day),
            hour=hour,
        ),
    )


def consent_stopped_follows() -> tuple[str, ...]:
    """Say what it means, a short sentence each."""
    return (
        gettext(
            "On ne numérise plus vos papiers. On ne garde plus d'image de l'appel."
        ),
        gettext("Personne d'autre n'est invité dans l'appel."),
        gettext("L'appel n'est pas passé à un autre organisme."),
        gettext("On vous aide quand même."),
        gettext(
            "Ce qui a été numérisé avant reste gardé, puis effacé. Vous pouvez demander "
            "à le faire effacer."
        ),
        gettext("Vous pouvez changer d'avis à tout moment."),
    )


def mandate_stopped_title() -> str:
    """Call the receipt of a revoked mandate."""
    return gettext("Le mandat est arrêté")


def mandate_stopped_words(mandate: Mandate, day: date, hour: str) -> tuple[str, ...]:
    """Say who does not act any more, and since when."""
    return (
        gettext(
            "Depuis le %(day)s à %(hour)s, %(name)s (%(relation)s) n'agit plus à votre "
            "place.",
            day=long_date(day),
            hour=hour,
            name=mandate.representative,
            relation=RELATIONS[MandateRelation(mandate.relation)],
        ),
        gettext("C'était le mandat du %(day)s.", day=short_date(mandate.starts_on)),
    )


def mandate_stopped_follows() -> tuple[str, ...]:
    """Say what it means, a short sentence each."""
    return (
        gettext("Les feuilles signées ne servent plus : vous pouvez les déchirer."),
        gettext("Dites à cette personne que le mandat est arrêté."),
        gettext("Ce qu'elle a fait avant reste fait."),
        gettext("Vous pouvez faire un autre mandat à tout moment."),
    )
