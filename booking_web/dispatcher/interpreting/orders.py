# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second call of a kiosk in Asterisk's words, and its name. Pure.

The name is none of an appointment's own call (`call_id.parse_call` knows it not), so whatever
follows those passes over the channels of this one.
"""

import re
from dataclasses import dataclass, field

from booking_web.dispatcher.manager.ami import Originate
from booking_web.dispatcher.placing.originating import (
    CODECS,
    EXTENSION,
    RING_TIMEOUT_MS,
    on_one_line,
)

CONTEXT = "guichet-interpreter"
OF_GUESTS = "guichet-guest-call"
OF_TELEPHONES = "guichet-telephone-call"
# By it a kiosk tells this call from one that would take the place of its first, a guest's too.
ROLE = "interpreter"
_NAME = re.compile(r"gi-([1-9][0-9]{0,17})-([1-9][0-9]{0,17})")
_NAME_SHOWN = 60


@dataclass(frozen=True)
class InterpreterOrder:
    """A call that is to be placed now, and all that it needs."""

    id: int
    appointment_id: int
    kiosk: str
    relay_name: str
    # Whom the resident speaks with, and who interprets.
    organisation_name: str
    interpreter: str
    language: str
    queue_seconds: int
    # The telephone of a guest's page, where one is let in instead.
    guest: str = ""
    # What the site's line is to dial instead, and the number that it shows there.
    telephone: str = field(default="", repr=False)
    caller_number: str = ""

    @property
    def call(self) -> str:
        """Name the call."""
        return name_of(self.appointment_id, self.id)


def name_of(appointment_id: int, interpreter_call_id: int) -> str:
    """Name an interpreter's call, which is the Uniqueid of its first channel."""
    return f"gi-{appointment_id}-{interpreter_call_id}"


def id_in(name: str) -> int | None:
    """Give the number of the interpreter's call of this name; None for any other call."""
    match = _NAME.fullmatch(name)
    return int(match[2]) if match else None


def originate_of(order: InterpreterOrder) -> Originate:
    """Give the call: the kiosk takes it beside its first, then the others' telephones ring.

    No telephone is told who the resident is: an interpreter learns it in the talk.
    """
    appointment = str(order.appointment_id)
    return Originate(
        call=order.call,
        channel=f"PJSIP/{order.kiosk}",
        context=_context_of(order),
        extension=EXTENSION,
        caller_id=f'"{on_one_line(order.organisation_name, _NAME_SHOWN)}" <guichet>',
        codecs=CODECS,
        timeout_ms=RING_TIMEOUT_MS,
        variables={
            "__GUICHET_CALL": order.call,
            "__GUICHET_APPOINTMENT": appointment,
            "__GUICHET_ORGANISATION": order.interpreter,
            "__GUICHET_KIOSK": order.kiosk,
            "__GUICHET_CALLER_NAME": caller_name(order),
            "__GUICHET_QUEUE_SECONDS": str(order.queue_seconds),
            "__GUICHET_LANGUAGE": order.language,
            **_third_person(order),
            "PJSIP_HEADER(add,Call-Info)": "<sip:guichet>;answer-after=0",
            "PJSIP_HEADER(add,X-Guichet-Appointment)": appointment,
            "PJSIP_HEADER(add,X-Guichet-Role)": ROLE,
        },
    )


def _context_of(order: InterpreterOrder) -> str:
    if order.telephone:
        return OF_TELEPHONES
    return OF_GUESTS if order.guest else CONTEXT


def _third_person(order: InterpreterOrder) -> dict[str, str]:
    """Give what tells who is called besides an interpreter.

    A number's variables are the first channel's alone: no other leg inherits them.
    """
    if order.telephone:
        return {
            "GUICHET_TELEPHONE": order.telephone,
            "GUICHET_TELEPHONE_CALLER": order.caller_number,
        }
    return {"__GUICHET_GUEST": order.guest} if order.guest else {}


def caller_name(order: InterpreterOrder) -> str:
    """Give what the interpreter's telephone shows: where from, and with whom; others' nothing."""
    if order.guest or order.telephone:
        return "Guichet virtuel"
    relay = on_one_line(order.relay_name, _NAME_SHOWN)
    organisation = on_one_line(order.organisation_name, _NAME_SHOWN)
    return f"Interprète : {relay}, {organisation}"
