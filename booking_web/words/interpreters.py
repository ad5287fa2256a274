# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people read of interpreters: of which kind they are, and how their call goes."""

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext
from sqlalchemy import Row

from booking_web.domain.appointments.interpreters.replacing import Doubt
from booking_web.tables.interpreters import (
    GOING_ON,
    InterpreterCall,
    InterpreterState,
    WhyNobody,
)
from provisioning.database.models import InterpreterKind, Organisation

INTERPRETING: Mapping[str, LazyString] = {
    InterpreterKind.SIGN: lazy_gettext("Langue des signes"),
    InterpreterKind.SPOKEN: lazy_gettext("Langue étrangère"),
    InterpreterKind.TYPED: lazy_gettext("Paroles écrites"),
}


def kind_words(organisation: Organisation | None) -> str:
    """Name the kind of a service that interprets; empty where none does."""
    if organisation is None:
        return ""
    return str(INTERPRETING.get(organisation.interprets, lazy_gettext("Interprète")))


def interpreter_words(organisation: Organisation | None) -> str:
    """Name the service that interprets, with its kind; empty where none does."""
    return "" if organisation is None else interpreter_named(organisation)


def interpreter_named(organisation: Organisation | Row[Any]) -> str:
    """Name a service of interpreters with its kind: "Langue des signes : LSF de l'Aisne"."""
    return gettext(
        "%(kind)s : %(organisation)s",
        kind=INTERPRETING.get(organisation.interprets, lazy_gettext("Interprète")),
        organisation=organisation.name,
    )


def not_for_residents_sentence() -> str:
    """Say why nobody is booked with a service of interpreters."""
    return gettext(
        "C'est un service d'interprètes : choisissez l'organisme qui reçoit l'usager, "
        "puis l'interprète."
    )


def unknown_interpreter_sentence() -> str:
    """Say that an interpreter was named who is none."""
    return gettext("Ce service d'interprètes n'existe pas.")


def doubt_sentence(doubt: Doubt) -> str:
    """Say why it is not certain that somebody interprets."""
    if doubt.is_gone:
        return gettext("L'interprète ne vient plus.")
    return gettext("Interprète à confirmer : ses heures ont été retirées.")


def call_sentence(call: InterpreterCall | None) -> str:
    """Say how the call of an interpreter stands; None: none was made in this call."""
    if call is None:
        return ""
    if call.state in GOING_ON and call.end_requested_at is not None:
        return gettext("L'appel de l'interprète se termine…")
    if call.state == InterpreterState.ASKED:
        return gettext("L'interprète est appelé : son téléphone sonne.")
    if call.state == InterpreterState.HERE:
        if call.interpreter is None:
            return gettext("L'interprète est là.")
        return gettext("L'interprète est là : %(name)s.", name=call.interpreter.name)
    if call.state == InterpreterState.LEFT:
        return gettext("L'interprète n'est plus là. L'appel continue.")
    if call.reason == WhyNobody.KIOSK_REFUSED:
        return gettext(
            "La borne n'a pas pris l'appel de l'interprète. Si cela dure, prévenez "
            "l'administrateur : elle est peut-être à mettre à jour."
        )
    return gettext("Aucun interprète n'a répondu.")


def told_to_resident(call: InterpreterCall | None) -> str:
    """Say in the call's scene that a third person comes or is here; else nothing."""
    if call is None or call.state not in GOING_ON:
        return ""
    if call.guest is not None and call.guest.is_telephoned:
        if call.state == InterpreterState.HERE:
            return gettext("%(name)s est là, au téléphone.", name=call.guest.name)
        return gettext("On téléphone à : %(name)s.", name=call.guest.name)
    if call.guest is not None:
        if call.state == InterpreterState.HERE:
            return gettext("%(name)s est là.", name=call.guest.name)
        return gettext("%(name)s arrive.", name=call.guest.name)
    if call.state == InterpreterState.HERE:
        return gettext("L'interprète est là.")
    return gettext("Un interprète arrive.")
