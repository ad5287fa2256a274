# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two ways to send an SMS: a file for a modem's program, an e-mail to a gateway."""

from collections.abc import Callable
from email.message import EmailMessage

from booking_web.base.settings import Settings, SettingsError
from booking_web.base.sms_spool import SmsSpool, SpoolUnreachable
from booking_web.tables.messages import Trouble
from booking_web.telling.messages.ports import Mailer, NotDelivered, Sms, SmsSender


class SpoolSmsSender:
    """Writes a file per SMS, as smstools and gammu-smsd's readers of its format take it.

    A message that is sent again overwrites its file: as long as the modem's program has not
    taken it, it goes out once.
    """

    def __init__(self, spool: SmsSpool) -> None:
        self._spool = spool

    def send(self, sms: Sms) -> None:
        """Write the file."""
        content = f"To: {sms.number.lstrip('+')}\nAlphabet: UTF-8\n\n{sms.text}\n"
        try:
            self._spool.put(sms.id, content)
        except SpoolUnreachable:
            raise NotDelivered(Trouble.SPOOL_UNWRITABLE) from None

    def take_back(self, message_id: int) -> None:
        """Remove the file, where no program has taken it."""
        try:
            self._spool.remove({message_id})
        except SpoolUnreachable:
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

    def take_back(self, message_id: int) -> None:
        """Do nothing: an e-mail that has left does not come back."""

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
        return SpoolSmsSender(SmsSpool.of(settings))
    if settings.sms_sender == "smtp":
        if not settings.sms_gateway:
            raise SettingsError("sms_sender = smtp needs sms_gateway, a mail domain")
        return GatewaySmsSender(
            make_mailer(settings), settings.sms_gateway, str(settings.mail_from)
        )
    raise SettingsError("sms_sender must be file or smtp")
