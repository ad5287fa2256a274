# SPDX-License-Identifier: AGPL-3.0-or-later
"""The very Originate of the dispatcher, sent by a bare script: the peer of a row."""

from dataclasses import dataclass

from booking_web.dispatcher.placing.claims import Claim
from booking_web.dispatcher.placing.originating import originate_of
from measure.bare_ami import BareAmi

# No appointment of the database has such a number.
FIRST_NUMBER = 900_000_000
QUEUE_SECONDS = 1800


@dataclass(frozen=True)
class BareCall:
    """A call of a kiosk into an organisation's queue; `number` stands for the appointment."""

    number: int
    kiosk: str
    organisation: str

    @property
    def appointment(self) -> str:
        """Give what the INVITE says in X-Guichet-Appointment."""
        return str(FIRST_NUMBER + self.number)

    @property
    def channel_id(self) -> str:
        """Give the channel's Uniqueid: not one of the dispatcher's, which leaves it alone.

        All are of one length: Asterisk takes an id that begins another one for a double.
        """
        return f"bench-{self.number:06}"

    def originate(
        self, ami: BareAmi, *, application: str = "", data: str = ""
    ) -> float:
        """Ask Asterisk for the call; return when, in seconds since 1970.

        It goes where the dispatcher's goes, or into an application of Asterisk.
        """
        order = originate_of(
            Claim(
                appointment_id=int(self.appointment),
                call=self.channel_id,
                kiosk=self.kiosk,
                relay_name="Bench",
                resident_name="Bench",
                reason="",
                organisation=self.organisation,
                organisation_name=self.organisation,
                queue_seconds=QUEUE_SECONDS,
                language="fr",
            )
        )
        return ami.send(
            *(f"{name}={value}" for name, value in order.variables.items()),
            Action="Originate",
            ActionID=order.call,
            Channel=order.channel,
            ChannelId=order.call,
            **(
                {"Application": application, "Data": data}
                if application
                else {
                    "Context": order.context,
                    "Exten": order.extension,
                    "Priority": "1",
                }
            ),
            Codecs=order.codecs,
            CallerID=order.caller_id,
            Timeout=str(order.timeout_ms),
            Async="true",
        )

    def hang_up(self, ami: BareAmi) -> None:
        """End the call and wait until its channel is gone."""
        hang_up(ami, self.kiosk, self.channel_id)

    def wait_queued(self, ami: BareAmi) -> None:
        """Return once the kiosk has answered and stands in its queue."""
        wait_queued(ami, self.channel_id)


def wait_queued(ami: BareAmi, channel_id: str, seconds: float = 15) -> None:
    """Return once the channel stands in a queue."""
    ami.wait(
        lambda message: message.is_event("QueueCallerJoin", Uniqueid=channel_id),
        seconds,
    )


def hang_up(ami: BareAmi, kiosk: str, channel_id: str, seconds: float = 10) -> None:
    """End the kiosk's call and wait until its channel is gone."""
    ami.send(Action="Hangup", Channel=f"/^PJSIP/{kiosk}-/")
    ami.wait(lambda message: message.is_event("Hangup", Uniqueid=channel_id), seconds)
