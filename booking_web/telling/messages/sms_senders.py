# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two ways to send an SMS: a file for a modem's program, an e-mail to a gateway."""

import os
import tempfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from booking_web.base.settings import Settings, SettingsError
from booking_web.tables.messages import Trouble
from booking_web.telling.messages.ports import Mailer, NotDelivered, Sms, SmsSender


class SpoolSmsSender:
    """Writes a file per SMS, as smstools and gammu-smsd's readers of its format take it.

    A message that is sent again overwrites its file: as long as the modem's program has not
    taken it, it goes out once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, sms: Sms) -> None:
        """Write the file; it appears under its name only once it is whole."""
        content = f"To: {sms.number.lstrip('+')}\nAlphabet: UTF-8\n\n{sms.text}\n"
        try:
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".sms-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self._folder / f"guichet-{sms.id}")
        except OSError:
            raise NotDelivered(Trouble.SPOOL_UNWRITABLE) from None

    def close(self) -> None:
        """Do nothing: no file is held open."""


class GatewaySmsSender:
    """Sends each SMS as an e-mail to <number>@<gateway>."""

    def __init__(self, mailer: Mailer, gateway: str, mail_from: str) -> None:
        self._mailer = mailer
        self._gateway = gateway
        self._mail_from = mail_from

    def send(self, sms: Sms) -> None:
        """Hand the e-mail to the server."""
        mail = EmailMessage()
        mail["From"] = self._mail_from
        mail["To"] = f"{sms.number.lstrip('+')}@{self._gateway}"
        mail["Message-ID"] = f"<sms-{sms.id}@guichet-virtuel.invalid>"
        mail.set_content(sms.text)
        self._mailer.send(mail)

    def close(self) -> None:
        """Leave the server."""
        self._mailer.close()


def sms_sender_of(
    settings: Settings, make_mailer: Callable[[Settings], Mailer]
) -> SmsSender | None:
    """Give the sender that the settings ask for; raises SettingsError."""
    if not settings.sms_sender:
        return None
    if settings.sms_sender == "file":
        if not settings.sms_spool:
            raise SettingsError("sms_sender = file needs sms_spool, a directory")
        return SpoolSmsSender(Path(settings.sms_spool))
    if settings.sms_sender == "smtp":
        if not settings.sms_gateway:
            raise SettingsError("sms_sender = smtp needs sms_gateway, a mail domain")
        return GatewaySmsSender(
            make_mailer(settings), settings.sms_gateway, str(settings.mail_from)
        )
    raise SettingsError("sms_sender must be file or smtp")
