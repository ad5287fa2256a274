# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands in every e-mail about alerts, whoever it is written to."""

from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from flask_babel import force_locale, gettext, ngettext

from booking_web.tables.alerts import AlertNotice
from booking_web.words.alerts import details_of, title_of
from booking_web.words.fleet import moment_words

LANGUAGE = "fr"


def alert_mail(
    notices: Sequence[AlertNotice],
    *,
    sender: str,
    recipients: Sequence[str],
    zone: ZoneInfo,
    now: datetime,
    link_of: Callable[[AlertNotice], str],
    closing: Callable[[], str],
) -> EmailMessage:
    """Write one e-mail about all of these; `link_of` is empty where there is no page of one."""

    def write() -> tuple[str, list[str]]:
        parts = [_part(notice, zone, link_of(notice)) for notice in notices]
        return _subject(notices), [*parts, closing()]

    number = f"<{notices[0].uuid}.alert.invalid>"
    return mail_by_itself(
        write, number=number, sender=sender, recipients=recipients, now=now
    )


def mail_by_itself(
    write: Callable[[], tuple[str, Sequence[str]]],
    *,
    number: str,
    sender: str,
    recipients: Sequence[str],
    now: datetime,
) -> EmailMessage:
    """Address what `write` gives in the e-mails' language: a subject, and the parts below.

    `number` is its Message-ID (RFC 5322).
    """
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = number
    # No "out of office" comes back (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    with force_locale(LANGUAGE):
        mail["Subject"], parts = write()
        mail.set_content("\n\n".join(parts) + "\n")
    # Last: whatever sets content takes the headers of that name away.
    mail["Content-Language"] = LANGUAGE
    return mail


def _part(notice: AlertNotice, zone: ZoneInfo, link: str) -> str:
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
    lines = [
        gettext("ALERTE – %(title)s", title=title_of(alert)),
        details_of(alert, zone),
        gettext("Depuis : %(since)s.", since=since),
        link,
    ]
    return "\n".join(filter(None, lines))


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
