# SPDX-License-Identifier: AGPL-3.0-or-later
"""What counsellors read of the person whom they invited into a call, or had called."""

from collections.abc import Mapping

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.domain.appointments.guests.telephoning import Relation
from booking_web.tables.guests import Guest, GuestEnding
from booking_web.tables.interpreters import (
    GOING_ON,
    InterpreterCall,
    InterpreterState,
    WhyNobody,
)

RELATIONS: Mapping[Relation, LazyString] = {
    Relation.INTERPRETER: lazy_gettext("Interprète"),
    Relation.GUARDIAN: lazy_gettext("Tuteur ou curateur"),
    Relation.RELATIVE: lazy_gettext("Proche"),
    Relation.OTHER: lazy_gettext("Autre personne"),
}


def relation_words(relation: Relation) -> str:
    """Name who is called where the counsellor wrote no name."""
    return str(RELATIONS[relation])


def standing_sentence(
    guest: Guest, call: InterpreterCall | None, *, is_at_door: bool
) -> tuple[str, str]:
    """Say how it stands with a guest who may come or is there; with its tone."""
    if call is not None:
        if call.end_requested_at is not None:
            return gettext("Sa participation se termine…"), "busy"
        if call.state == InterpreterState.HERE:
            return gettext("Cette personne est dans l'appel."), "live"
        return gettext("Cette personne entre dans l'appel…"), "busy"
    if is_at_door:
        return gettext("Cette personne attend que vous la fassiez entrer."), "busy"
    if guest.opened_at is None:
        return gettext("Le lien n'a pas encore servi."), "wait"
    return (
        gettext("Cette personne a ouvert le lien, et n'attend pas en ce moment."),
        "wait",
    )


def disagreeing_sentence() -> str:
    """Say that the third person was sent away by the resident's own answer."""
    return gettext(
        "Cette personne n'est plus dans l'appel : l'usager n'est pas d'accord. "
        "L'appel continue."
    )


def left_words(guest: Guest) -> str:
    """Tell the resident who is not in the call any more."""
    return gettext("%(name)s n'est plus là.", name=guest.name)


def telephone_sentence(guest: Guest, call: InterpreterCall | None) -> tuple[str, str]:
    """Say how it stands with who is telephoned to, or why that is over; with its tone."""
    if call is None or (call.end_requested_at and call.state in GOING_ON):
        return gettext("Sa participation se termine…"), "busy"
    if guest.ending == GuestEnding.SENT_AWAY:
        said = gettext("Vous avez raccroché avec cette personne. L'appel continue.")
        return said, "over"
    if call.state == InterpreterState.HERE:
        return gettext("Cette personne est dans l'appel, au téléphone."), "live"
    if call.state == InterpreterState.LEFT and call.end_requested_at:
        # Nobody stays alone with a resident.
        return gettext("Cette personne n'est plus dans l'appel."), "over"
    if call.state == InterpreterState.LEFT:
        return gettext("Cette personne a raccroché. L'appel continue."), "over"
    if call.state == InterpreterState.NOBODY:
        return _unanswered_sentence(call), "trouble"
    if guest.rings_at is not None:
        return gettext("Ça sonne."), "busy"
    return gettext("Le numéro est composé…"), "busy"


def _unanswered_sentence(call: InterpreterCall) -> str:
    if call.reason == WhyNobody.BUSY:
        return gettext("C'est occupé. L'appel continue.")
    if call.reason == WhyNobody.NO_ANSWER:
        return gettext("Cette personne ne répond pas. L'appel continue.")
    if call.reason == WhyNobody.KIOSK_REFUSED:
        return gettext(
            "La borne n'a pas pris cet appel. Si cela dure, prévenez l'administrateur : "
            "elle est peut-être à mettre à jour."
        )
    return gettext(
        "L'appel n'a pas abouti : le numéro n'est pas attribué, ou la ligne du site est "
        "en panne. L'appel avec l'usager continue."
    )


def ending_sentence(guest: Guest) -> str:
    """Say why an invitation is over."""
    if guest.ending == GuestEnding.SENT_AWAY:
        return gettext("L'invitation est retirée. L'appel continue.")
    return gettext("L'invitation a expiré.")


def beside_words(name: str, said: str) -> str:
    """Say of somebody, by name, what the appointment's page says of them."""
    return gettext("%(name)s : %(said)s", name=name, said=said)
