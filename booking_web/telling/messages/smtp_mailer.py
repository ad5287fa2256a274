# SPDX-License-Identifier: AGPL-3.0-or-later
"""E-mails by SMTP; the only importer of `smtplib`."""

import smtplib
import ssl
from email.message import EmailMessage

from booking_web.base.settings import Settings, SettingsError
from booking_web.tables.messages import Trouble
from booking_web.telling.messages.ports import NotDelivered, ServerDown

TIMEOUT_SECONDS = 15
SECURITIES = ("starttls", "tls", "none")


class SmtpMailer:
    """One connection, opened with the first e-mail and kept until `close`."""

    def __init__(self, settings: Settings) -> None:
        if settings.smtp_security not in SECURITIES:
            raise SettingsError(f"smtp_security must be one of {', '.join(SECURITIES)}")
        if not settings.smtp_host or not settings.mail_from:
            raise SettingsError("smtp_host needs mail_from beside it, and the reverse")
        self._settings = settings
        self._connection: smtplib.SMTP | None = None

    def send(self, mail: EmailMessage) -> None:
        """Hand the e-mail to the server."""
        connection = self._connection or self._connect()
        self._connection = connection
        try:
            connection.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            is_final = all(code >= 500 for code in codes)
            trouble = Trouble.ADDRESS_REFUSED if is_final else Trouble.SERVER_BUSY
            raise NotDelivered(trouble, is_final=is_final) from None
        except smtplib.SMTPNotSupportedError:
            # An address with accents, and a server that knows none.
            raise NotDelivered(Trouble.ADDRESS_REFUSED, is_final=True) from None
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()
            if isinstance(error, smtplib.SMTPResponseException):
                raise _refusal(error) from None
            raise ServerDown(Trouble.SERVER_UNREACHABLE) from None

    def close(self) -> None:
        """Leave the server, politely where it still listens."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.quit()
        except (smtplib.SMTPException, OSError):
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        host, port = str(settings.smtp_host), settings.smtp_port
        try:
            connection = (
                smtplib.SMTP_SSL(
                    host,
                    port,
                    timeout=TIMEOUT_SECONDS,
                    context=ssl.create_default_context(),
                )
                if settings.smtp_security == "tls"
                else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
            )
        except OSError:
            raise ServerDown(Trouble.SERVER_UNREACHABLE) from None
        try:
            if settings.smtp_security == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if settings.smtp_username:
                connection.login(settings.smtp_username, settings.smtp_password or "")
        except smtplib.SMTPAuthenticationError:
            connection.close()
            raise ServerDown(Trouble.SERVER_REFUSES_US) from None
        except (smtplib.SMTPNotSupportedError, ssl.SSLError):
            connection.close()
            raise ServerDown(Trouble.NO_ENCRYPTION) from None
        except OSError:
            connection.close()
            raise ServerDown(Trouble.SERVER_UNREACHABLE) from None
        return connection


def _refusal(error: smtplib.SMTPResponseException) -> NotDelivered:
    """Tell a refusal of this e-mail for good from one that passes."""
    if error.smtp_code >= 500:
        return NotDelivered(Trouble.MESSAGE_REFUSED, is_final=True)
    return NotDelivered(Trouble.SERVER_BUSY)
