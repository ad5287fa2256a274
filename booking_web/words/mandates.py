# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is said of mandates: who acts, for what, until when, and what it is worth."""

from datetime import date

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.domain.mandates.standing import MandateState
from booking_web.tables.mandates import Mandate, MandateRelation, RevocationReason
from booking_web.words.dates import short_date

RELATIONS: dict[MandateRelation, LazyString] = {
    MandateRelation.FAMILY: lazy_gettext("famille"),
    MandateRelation.HOST: lazy_gettext("personne qui héberge"),
    MandateRelation.GUARDIAN: lazy_gettext("tutelle ou curatelle"),
    MandateRelation.SOCIAL_WORKER: lazy_gettext("travailleur social"),
    MandateRelation.OTHER: lazy_gettext("autre personne de confiance"),
}
REASONS: dict[RevocationReason, LazyString] = {
    RevocationReason.ASKED_BY_RESIDENT: lazy_gettext("L'usager le demande"),
    RevocationReason.ASKED_BY_REPRESENTATIVE: lazy_gettext(
        "La personne qui agit le demande"
    ),
    RevocationReason.ENTERED_WRONGLY: lazy_gettext("Il a été mal rédigé"),
    RevocationReason.OTHER: lazy_gettext("Autre raison"),
}
STATES: dict[MandateState, LazyString] = {
    MandateState.DRAWN_UP: lazy_gettext("pas encore signé : il ne permet rien"),
    MandateState.SIGNED: lazy_gettext("signé"),
    MandateState.ENDED: lazy_gettext("terminé : il ne permet plus rien"),
    MandateState.REVOKED: lazy_gettext("retiré : il ne permet plus rien"),
}
LOOKS = {
    MandateState.DRAWN_UP: "pencil",
    MandateState.SIGNED: "check-circle",
    MandateState.ENDED: "clock",
    MandateState.REVOKED: "x-circle",
}


def no_mandate_words() -> str:
    """Say before somebody acts for the resident that nobody may yet."""
    return gettext(
        "Aucun mandat n'est en vigueur : personne ne peut agir à la place de l'usager. "
        "Faites d'abord le mandat et sa signature."
    )


def who_acts(mandate: Mandate) -> str:
    """Say who acts, what they are to the resident, and until when."""
    return gettext(
        "%(name)s (%(relation)s), jusqu'au %(day)s",
        name=mandate.representative,
        relation=RELATIONS[MandateRelation(mandate.relation)],
        day=short_date(mandate.ends_on),
    )


def scope_words(mandate: Mandate) -> tuple[str, ...]:
    """Say for what, a few words each."""
    return tuple(
        words
        for is_told, words in (
            (mandate.for_appointments, gettext("rendez-vous avec cet organisme")),
            (mandate.for_documents, gettext("donner et recevoir les papiers")),
            (mandate.matter, gettext("démarche : %(matter)s", matter=mandate.matter)),
        )
        if is_told
    )


def mandate_title(day: date) -> str:
    """Call the paper by its day: documents' titles name nobody."""
    return gettext("Mandat du %(day)s", day=short_date(day))


def revoked_words(mandate: Mandate, by: str, when: str) -> str:
    """Say who revoked it, when and why."""
    return gettext(
        "%(reason)s – noté par %(name)s, %(when)s",
        reason=REASONS[RevocationReason(mandate.revocation)],
        name=by,
        when=when,
    )
