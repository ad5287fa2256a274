# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes and sends the e-mails about alerts: all that is due at once in one of them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking_web.tables.alerts import (
    DISUSE_OF_KIOSKS,
    AlertKind,
    AlertNotice,
    NoticeChannel,
)
from booking_web.telling.alerts.alert_texts import alert_mail
from booking_web.telling.alerts.notices import Notices
from booking_web.telling.messages.ports import Mailer, NotDelivered
from provisioning.database.engine import Database
from provisioning.directory.usual_time_zone import usual_time_zone

_OF_KIOSKS = frozenset(
    {
        AlertKind.KIOSK_SILENT,
        AlertKind.SELF_TEST_FAILED,
        AlertKind.OTHER_MACHINE,
        AlertKind.TOKEN_MISUSED,
        AlertKind.CLOCK_WRONG,
        AlertKind.UPDATE_FAILED,
        AlertKind.SECURITY_OLD,
        AlertKind.NOT_WIPED,
    }
    | DISUSE_OF_KIOSKS
)


class AlertMailer:
    """Sends what is due to the addresses of who repairs."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        *,
        mail_from: str,
        recipients: Sequence[str],
        site_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._mail_from = mail_from
        self._recipients = recipients
        self._site_url = site_url.rstrip("/")
        self._now = now
        self._notices = Notices(database, NoticeChannel.EMAIL, now)

    def send_due(self) -> int:
        """Send one e-mail about all that is due; gives how many alerts it tells of."""
        due = self._notices.take()
        if not due:
            return 0
        try:
            self._mailer.send(self._write(due))
        except NotDelivered as error:
            self._notices.settle(due, str(error.trouble))
            return 0
        finally:
            self._mailer.close()
        self._notices.settle(due)
        return len(due)

    def _write(self, notices: Sequence[AlertNotice]) -> EmailMessage:
        with self._database.read() as session:
            zone = ZoneInfo(usual_time_zone(session))
        return alert_mail(
            notices,
            sender=self._mail_from,
            recipients=self._recipients,
            zone=zone,
            now=self._now(),
            link_of=self._link_of,
            closing=lambda: gettext(
                "Le parc : %(address)s", address=self._address("/parc")
            ),
        )

    def _link_of(self, notice: AlertNotice) -> str:
        if AlertKind(notice.alert.kind) not in _OF_KIOSKS:
            return ""
        return self._address(f"/parc/bornes/{notice.alert.subject}")

    def _address(self, path: str) -> str:
        return f"{self._site_url}/administration{path}"
