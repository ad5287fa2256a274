# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real SMTP server on the loopback, and what it took."""

import email
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from stage.ports import HeldPort


class Mailbox:
    """What an SMTP server took, and whom it refuses."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        # The answer to RCPT TO by recipient.
        self.answers: dict[str, str] = {}

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take a recipient, or answer what was set for it."""
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take the e-mail, once for each recipient."""
        mail = email.message_from_bytes(envelope.content, policy=default)
        self.mails.extend((address, mail) for address in envelope.rcpt_tos)
        return "250 OK"


class SmtpServer:
    """An SMTP server that can be stopped and started again on its port."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self._held = HeldPort()
        self.port = self._held.number
        self._controller: Controller | None = None

    @property
    def mails(self) -> list[tuple[str, EmailMessage]]:
        """Give what was taken, with the recipient of each."""
        return self.mailbox.mails

    def start(self) -> None:
        """Listen."""
        self._controller = Controller(
            self.mailbox, hostname="127.0.0.1", port=self.port
        )
        self._controller.start()

    def stop(self) -> None:
        """Go away; the port stays ours."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None
