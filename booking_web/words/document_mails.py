# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of a document that goes to a resident by e-mail."""

from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking_web.tables.document_mails import DocumentMail
from booking_web.tables.messages import MessageState
from booking_web.words.dates import clock
from booking_web.words.messages import TROUBLES


def mail_words(mail: DocumentMail, zone: ZoneInfo) -> str:
    """Say how far it is, and why it did not arrive."""
    number, hour = mail.document.number, clock(mail.state_since, zone)
    why = str(TROUBLES.get(mail.reason, "")) if mail.reason else ""
    if mail.state == MessageState.SENT:
        return gettext(
            "Le document %(number)s est parti par e-mail à %(hour)s.",
            number=number,
            hour=hour,
        )
    if mail.state == MessageState.WAITING:
        words = gettext("Le document %(number)s part par e-mail.", number=number)
    else:
        words = gettext(
            "Le document %(number)s n'a pas pu partir par e-mail : imprimez-le.",
            number=number,
        )
    return f"{words} {why}".strip()
