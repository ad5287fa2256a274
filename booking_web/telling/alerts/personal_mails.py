# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes to each person of the alerts that concern them: all that is due in one e-mail each."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking_web.domain.fleet.alerts.people import not_wanted
from booking_web.tables.alerts import AlertNotice, NoticeChannel
from booking_web.telling.alerts.alert_texts import alert_mail
from booking_web.telling.alerts.notices import Notices
from booking_web.telling.messages.ports import Mailer, NotDelivered, ServerDown
from provisioning.database.engine import Database
from provisioning.database.models import User, UserRole
from provisioning.directory.usual_time_zone import usual_time_zone

# Where each reads on, and does something about it.
PAGES: Mapping[str, str] = {
    UserRole.SECRETARY: "/bureau",
    UserRole.MANAGER: "/organisme/heures",
    UserRole.SUPERVISOR: "/situation",
    UserRole.OFFICER: "/journal",
    UserRole.ADMINISTRATOR: "/administration/parc",
}


class PersonalMailer:
    """Sends what is due to the accounts whom it concerns."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        *,
        mail_from: str,
        site_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._mail_from = mail_from
        self._site_url = site_url.rstrip("/")
        self._now = now
        self._notices = Notices(database, NoticeChannel.PERSON, now)

    def send_due(self) -> int:
        """Send each person one e-mail about all that is due; gives how many went out.

        A server that is down is not tried twice.
        """
        due = self._notices.take()
        if not due:
            return 0
        with self._database.read() as session:
            zone = ZoneInfo(usual_time_zone(session))
            unwanted = not_wanted(session, {each.user_id or 0 for each in due})
        sent, down = 0, ""
        by_person = sorted(due, key=lambda each: each.user_id or 0)
        try:
            for number, group in groupby(by_person, key=lambda each: each.user_id):
                notices = list(group)
                if number in unwanted:
                    self._notices.drop(notices, "not_wanted")
                    continue
                reason = down
                if not down:
                    reason, down = self._send(notices, zone)
                self._notices.settle(notices, reason)
                sent += not reason
        finally:
            self._mailer.close()
        return sent

    def _send(self, notices: Sequence[AlertNotice], zone: ZoneInfo) -> tuple[str, str]:
        """Send one; give why it did not go out, and why none would."""
        person = notices[0].user
        assert person is not None
        mail = alert_mail(
            notices,
            sender=self._mail_from,
            recipients=[person.email],
            zone=zone,
            now=self._now(),
            link_of=lambda _notice: "",
            closing=lambda: self._closing(person),
        )
        try:
            self._mailer.send(mail)
        except ServerDown as error:
            return str(error.trouble), str(error.trouble)
        except NotDelivered as error:
            return str(error.trouble), ""
        return "", ""

    def _closing(self, person: User) -> str:
        page = f"{self._site_url}{PAGES[person.role]}"
        own = f"{self._site_url}/mon-compte"
        return "\n".join(
            (
                gettext("Vos pages : %(address)s", address=page),
                gettext(
                    "Ne plus recevoir ces courriels : « Mon compte », %(address)s",
                    address=own,
                ),
            )
        )
