# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes and sends the e-mails about alerts: all that is due at once in one of them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from flask_babel import force_locale, gettext, ngettext

from booking_web.tables.alerts import AlertKind, AlertNotice, NoticeChannel
from booking_web.telling.alerts.notices import Notices
from booking_web.telling.messages.ports import Mailer, NotDelivered
from booking_web.words.alerts import details_of, title_of
from booking_web.words.fleet import moment_words
from provisioning.database.engine import Database
from provisioning.directory.usual_time_zone import usual_time_zone

LANGUAGE = "fr"
_OF_KIOSKS = frozenset(
    {
        AlertKind.KIOSK_SILENT,
        AlertKind.SELF_TEST_FAILED,
        AlertKind.OTHER_MACHINE,
        AlertKind.CLOCK_WRONG,
        AlertKind.UPDATE_FAILED,
        AlertKind.NOT_WIPED,
    }
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
        mail = EmailMessage()
        mail["From"] = self._mail_from
        mail["To"] = ", ".join(self._recipients)
        mail["Date"] = format_datetime(self._now())
        mail["Message-ID"] = f"<{notices[0].uuid}.alert.invalid>"
        # No "out of office" comes back (RFC 3834).
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = LANGUAGE
        with force_locale(LANGUAGE):
            mail["Subject"] = _subject(notices)
            parts = [self._part(notice, zone) for notice in notices]
            where = gettext("Le parc : %(address)s", address=self._address("/parc"))
            mail.set_content("\n\n".join([*parts, where]) + "\n")
        return mail

    def _part(self, notice: AlertNotice, zone: ZoneInfo) -> str:
        alert = notice.alert
        since = moment_words(alert.seen_at, zone)
        if notice.is_over:
            ended = moment_words(alert.past_since or alert.seen_at, zone)
            return "\n".join(
                (
                    gettext("FIN – %(title)s", title=title_of(alert)),
                    gettext("Du %(since)s au %(ended)s.", since=since, ended=ended),
                )
            )
        lines = [gettext("ALERTE – %(title)s", title=title_of(alert))]
        lines += [each for each in (details_of(alert, zone),) if each]
        lines.append(gettext("Depuis : %(since)s.", since=since))
        if AlertKind(alert.kind) in _OF_KIOSKS:
            lines.append(self._address(f"/parc/bornes/{alert.subject}"))
        return "\n".join(lines)

    def _address(self, path: str) -> str:
        return f"{self._site_url}/administration{path}"


def _subject(notices: Sequence[AlertNotice]) -> str:
    if len(notices) == 1:
        title = title_of(notices[0].alert)
        if notices[0].is_over:
            return gettext("Fin d'alerte – %(title)s", title=title)
        return gettext("Alerte – %(title)s", title=title)
    began = sum(not each.is_over for each in notices)
    if not began:
        return ngettext("%(num)d fin d'alerte", "%(num)d fins d'alerte", len(notices))
    return ngettext("%(num)d alerte", "%(num)d alertes", began)
