# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the sender needs of the outside: somebody who takes an e-mail, or an SMS."""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

from booking_web.tables.messages import Trouble


class NotDelivered(Exception):
    """The message did not go out; its text holds nothing personal."""

    def __init__(self, trouble: Trouble, *, is_final: bool = False) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble
        # True where trying again cannot help.
        self.is_final = is_final


class ServerDown(NotDelivered):
    """No message of this channel goes out at present."""


@dataclass(frozen=True)
class Sms:
    """A short text for a number in E.164; `id` is the same whenever it is sent again."""

    id: str
    number: str
    text: str


class Mailer(Protocol):
    """Takes e-mails; raises NotDelivered."""

    def send(self, mail: EmailMessage) -> None:
        """Hand the e-mail to a server that has taken charge of it on return."""

    def close(self) -> None:
        """Leave the server; the next e-mail finds it again."""


class SmsSender(Protocol):
    """Takes SMS; raises NotDelivered."""

    def send(self, sms: Sms) -> None:
        """Hand the SMS over for good."""

    def take_back(self, message_id: int) -> None:
        """Have the SMS of this message not go out, if that can still be."""

    def close(self) -> None:
        """Let go of what was held open."""
