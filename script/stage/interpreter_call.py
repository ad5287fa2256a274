# SPDX-License-Identifier: AGPL-3.0-or-later
"""An interpreter called for a kiosk's appointment without a dispatcher, by its own dialplan."""

from stage.ami import CALL_CODECS, CALL_TIMEOUT_MS, BareAmi

QUEUE_SECONDS = 60


def call_interpreter(
    ami: BareAmi,
    kiosk: str,
    service: str,
    appointment: int,
    *,
    role: str = "interpreter",
) -> str:
    """Originate a kiosk's second call into the queue of a service; give its channel.

    `service` is the slug of an organisation, whose counsellors interpret.
    """
    channel = f"gi-{appointment}-1"
    answer = ami.action(
        "Originate",
        variables=(
            f"__GUICHET_CALL={channel}",
            f"__GUICHET_APPOINTMENT={appointment}",
            f"__GUICHET_ORGANISATION={service}",
            f"__GUICHET_KIOSK={kiosk}",
            "__GUICHET_CALLER_NAME=Interprète",
            f"__GUICHET_QUEUE_SECONDS={QUEUE_SECONDS}",
            "PJSIP_HEADER(add,Call-Info)=<sip:guichet>;answer-after=0",
            f"PJSIP_HEADER(add,X-Guichet-Appointment)={appointment}",
            f"PJSIP_HEADER(add,X-Guichet-Role)={role}",
        ),
        ActionID=f"guichet/{channel}",
        ChannelId=channel,
        Channel=f"PJSIP/{kiosk}",
        Context="guichet-interpreter",
        Exten="start",
        Priority="1",
        Codecs=CALL_CODECS,
        Timeout=str(CALL_TIMEOUT_MS),
        Async="true",
    )
    if answer["Response"] != "Success":
        raise ValueError(answer.get("Message", ""))
    return channel
