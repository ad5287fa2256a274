# SPDX-License-Identifier: AGPL-3.0-or-later
"""Words a claimed appointment as the call that Asterisk is asked for. Pure."""

from booking_web.dispatcher.manager.ami import Originate
from booking_web.dispatcher.placing.claims import Claim

CONTEXT = "guichet-queue"
EXTENSION = "start"
# Audio and the two video codecs of the endpoints: without them the call has no picture.
CODECS = "opus,g722,ulaw,vp8,h264"
RING_TIMEOUT_MS = 12_000
# A manager header holds 1,024 bytes and a phone's display far less.
_RESIDENT_NAME_SHOWN = 60
_RELAY_NAME_SHOWN = 40
_REASON_SHOWN = 50


def originate_of(claim: Claim) -> Originate:
    """Give the call of the claim: the kiosk rings, then waits in the queue."""
    return Originate(
        call=claim.call,
        channel=f"PJSIP/{claim.kiosk}",
        context=CONTEXT,
        extension=EXTENSION,
        caller_id=f'"{on_one_line(claim.organisation_name, 60)}" <guichet>',
        codecs=CODECS,
        timeout_ms=RING_TIMEOUT_MS,
        variables={
            "__GUICHET_CALL": claim.call,
            "__GUICHET_APPOINTMENT": str(claim.appointment_id),
            "__GUICHET_ORGANISATION": claim.organisation,
            "__GUICHET_KIOSK": claim.kiosk,
            "__GUICHET_CALLER_NAME": caller_name(
                claim.resident_name, claim.relay_name, claim.reason
            ),
            "__GUICHET_QUEUE_SECONDS": str(claim.queue_seconds),
            "__GUICHET_LANGUAGE": claim.language,
            # RFC 5373's older cousin: the mark by which the kiosk answers by itself.
            "PJSIP_HEADER(add,Call-Info)": "<sip:guichet>;answer-after=0",
            "PJSIP_HEADER(add,X-Guichet-Appointment)": str(claim.appointment_id),
            "PJSIP_HEADER(add,X-Guichet-Language)": claim.language,
        },
    )


def caller_name(resident_name: str, relay_name: str, reason: str = "") -> str:
    """Give what the counsellor's phone shows: who, from where and, where known, why."""
    resident = on_one_line(resident_name, _RESIDENT_NAME_SHOWN)
    shown = f"{resident} ({on_one_line(relay_name, _RELAY_NAME_SHOWN)})"
    why = on_one_line(reason, _REASON_SHOWN)
    return f"{shown} - {why}" if why else shown


def on_one_line(name: str, length: int) -> str:
    """Give a name for a header: one line, and no quote that would end a caller id."""
    return " ".join(name.replace('"', "'").split())[:length].rstrip()
