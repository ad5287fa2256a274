# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the demo's e-mails and SMS go: a mail server and folders of this machine."""

import socket
import sys
from pathlib import Path

from stage.processes import Program


class Post:
    """A mail server on the loopback that keeps what it is given in a Maildir."""

    def __init__(self, directory: Path, port: int) -> None:
        self.mailbox = directory / "mail"
        self.sms_spool = directory / "sms"
        self._port = port
        self.program = Program(
            "mail",
            [sys.executable, "-m", "aiosmtpd", "--nosetuid"]
            + ["--listen", f"127.0.0.1:{port}"]
            + ["--class", "aiosmtpd.handlers.Mailbox", str(self.mailbox)],
            directory=directory,
            log=directory / "log" / "mail.log",
            environment={},
        )

    def settings(self) -> dict[str, str]:
        """Give the environment that sends everything here, never to anybody."""
        self.sms_spool.mkdir(parents=True, exist_ok=True)
        return {
            "GUICHET_SMTP_HOST": "127.0.0.1",
            "GUICHET_SMTP_PORT": str(self._port),
            "GUICHET_SMTP_SECURITY": "none",
            "GUICHET_MAIL_FROM": "guichet@guichet.example",
            "GUICHET_SMS_SENDER": "file",
            "GUICHET_SMS_SPOOL": str(self.sms_spool),
        }

    def is_open(self) -> bool:
        """Tell whether the server takes connections."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return True
        except OSError:
            return False
