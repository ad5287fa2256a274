# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes the messages, in plain words: one idea a line, and never the resident's name.

In the language that was chosen for the appointment, French where none was.
"""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from flask_babel import force_locale, gettext

from booking_web.base.languages import language_or_french
from booking_web.tables.appointment import Appointment
from booking_web.tables.messages import Message, MessageKind
from booking_web.telling.calendars.entry import invitation
from booking_web.telling.messages.ports import Sms
from booking_web.telling.slips.slip import Slip, entry_of, slip_of
from booking_web.words.dates import clock, long_date

_K = MessageKind


def message_id(message: Message) -> str:
    """Name the message the same whenever it is sent: mail programs then show it once."""
    return f"{message.id}-{message.sequence}"


def write_mail(
    message: Message, sender: str, recipient: str, now: datetime
) -> EmailMessage:
    """Write the e-mail; its calendar entry comes twice, to be seen by every program."""
    appointment = message.appointment
    language = language_or_french(appointment.language)
    with force_locale(language):
        slip = slip_of(appointment, is_sent=True)
        text = _text(slip, message.kind)
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = recipient
        mail["Subject"] = gettext(
            "%(title)s : %(when)s", title=_title(message.kind), when=_when(slip)
        )
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = (
            f"<{message_id(message)}.{entry_of(appointment).uid}.invalid>"
        )
        # No "out of office" comes back (RFC 3834).
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)
        if message.kind != _K.REMINDER:
            _add_calendar(mail, appointment, text, sender, recipient, now)
    # Last: whatever sets content takes the headers of that name away.
    mail["Content-Language"] = language
    return mail


def write_sms(message: Message, number: str) -> Sms:
    """Write the SMS: two parts of 153 characters at most."""
    appointment = message.appointment
    with force_locale(language_or_french(appointment.language)):
        slip = slip_of(appointment, is_sent=True)
        subject = _title(message.kind)
        if not appointment.discreet:
            subject += f" {appointment.organisation.short_name}"
        when = f"{_when(slip)}, {slip.relay}."
        parts = [gettext("%(title)s : %(when)s", title=subject, when=when)]
        if slip.telephone and message.kind != _K.CANCELLED:
            parts.append(
                gettext("Empêchement ? Appelez le %(number)s.", number=slip.telephone)
            )
    return Sms(message_id(message), number, " ".join(parts)[:306])


def _title(kind: MessageKind) -> str:
    return {
        _K.BOOKED: gettext("Rendez-vous"),
        _K.RESCHEDULED: gettext("Rendez-vous déplacé"),
        _K.CANCELLED: gettext("Rendez-vous annulé"),
        _K.REMINDER: gettext("Rappel de rendez-vous"),
    }[kind]


def _when(slip: Slip) -> str:
    return gettext(
        "%(day)s à %(hour)s",
        day=long_date(slip.day),
        hour=clock(slip.starts_at, slip.zone),
    )


def _text(slip: Slip, kind: MessageKind) -> str:
    opening = {
        _K.BOOKED: gettext("Vous avez un rendez-vous :"),
        _K.RESCHEDULED: gettext("Votre rendez-vous a changé. Voici le nouveau :"),
        _K.CANCELLED: gettext("Votre rendez-vous est annulé. Ne venez pas :"),
        _K.REMINDER: gettext("Vous avez bientôt un rendez-vous :"),
    }[kind]
    place = [line for line in (slip.relay, slip.room, slip.address) if line]
    lines = [gettext("Bonjour,"), "", opening, "", _when(slip)]
    lines += [*([slip.organisation] if slip.organisation else []), "", *place]
    if slip.papers and kind != _K.CANCELLED:
        lines += ["", gettext("Vous apportez :")]
        lines += [f"- {paper['name']}" for paper in slip.papers]
    lines.append("")
    if slip.telephone:
        question = (
            gettext("Vous voulez un autre rendez-vous ?")
            if kind == _K.CANCELLED
            else gettext("Vous ne pouvez pas venir ?")
        )
        lines.append(
            gettext(
                "%(question)s Appelez le %(number)s (%(whom)s).",
                question=question,
                number=slip.telephone,
                whom=slip.telephone_of,
            )
        )
    lines.append(gettext("Ce message est automatique. Ne répondez pas."))
    return "\n".join(lines) + "\n"


def _add_calendar(
    mail: EmailMessage,
    appointment: Appointment,
    text: str,
    sender: str,
    recipient: str,
    now: datetime,
) -> None:
    entry = entry_of(appointment, description=text, is_sent=True)
    content = invitation(entry, sender, recipient, now)
    method = "CANCEL" if entry.is_cancelled else "REQUEST"
    mail.add_alternative(
        content.decode(), subtype="calendar", params={"method": method}
    )
    mail.add_attachment(
        content, maintype="application", subtype="ics", filename="rendez-vous.ics"
    )
