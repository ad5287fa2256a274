# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a console says of the person whom its counsellor invites into the call."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.domain.appointments.guests.invitations import (
    guests_call,
    is_waiting,
    last_call_of_guest,
    last_guest,
    open_guest,
    token_of,
)
from booking_web.domain.appointments.guests.numbers import Trunk
from booking_web.domain.appointments.guests.refusal import left_for_disagreeing
from booking_web.domain.appointments.interpreters.calls import call_going_on
from booking_web.domain.rights.person import Person, Right
from booking_web.shell.services import services
from booking_web.shell.site.site_address import public_address
from booking_web.tables.appointment import Appointment
from booking_web.tables.guests import Guest
from booking_web.tables.interpreters import GOING_ON
from booking_web.words.guests import (
    disagreeing_sentence,
    ending_sentence,
    standing_sentence,
    telephone_sentence,
)


@dataclass(frozen=True)
class TypedCall:
    """What was typed of a call that was refused: it comes back as it was."""

    number: str
    relation: str
    name: str
    is_agreed: bool


@dataclass(frozen=True)
class GuestLine:
    """The person who is invited, and what may be done about them."""

    # Empty where nobody was invited in this call.
    name: str = ""
    said: str = ""
    tone: str = ""
    # As long as nobody has opened it.
    link: str = ""
    until: datetime | None = None
    # Opens the counsellor's own mail program with the link.
    mail: str = ""
    was_tried_again: bool = False
    may_invite: bool = False
    may_let_in: bool = False
    is_taken: bool = False
    may_send_away: bool = False
    is_here: bool = False
    # Of who is telephoned to, how the number ends; empty where they come by a link.
    last_digits: str = ""
    # Whether the site has a line by which somebody can be called.
    may_telephone: bool = False
    # It has, and an interpreter is the one person more whom the kiosk takes.
    is_kiosk_taken: bool = False
    # They are gone since the resident does not agree.
    is_refused: bool = False

    @property
    def is_to_be_seen(self) -> bool:
        """Tell whether a counsellor who looks elsewhere is waited for, or waits in vain."""
        is_over = bool(self.last_digits) and self.tone in ("trouble", "over")
        return self.may_let_in or self.is_taken or is_over or self.is_refused


def guest_line(
    session: Session, viewer: Person, appointment: Appointment, now: datetime
) -> GuestLine | None:
    """Read how it stands in an appointment in call; None for who receives nobody."""
    if not viewer.may(Right.RECEIVING):
        return None
    line = _line(session, appointment, now)
    is_taken = line.may_telephone and call_going_on(session, appointment.id) is not None
    return replace(line, may_telephone=False, is_kiosk_taken=True) if is_taken else line


def _line(session: Session, appointment: Appointment, now: datetime) -> GuestLine:
    # One who was invited before the call was handed over waits for who has it now.
    guest = open_guest(session, appointment.id) or last_guest(
        session, appointment.id, appointment.state_since
    )
    has_line = Trunk.of(services().settings) is not None
    if guest is None:
        return GuestLine(may_invite=True, may_telephone=has_line)
    if left_for_disagreeing(session, guest):
        return GuestLine(
            guest.name,
            disagreeing_sentence(),
            "over",
            last_digits=guest.last_digits,
            is_refused=True,
        )
    if guest.is_telephoned:
        return _telephone_line(session, guest, has_line)
    call = guests_call(session, guest)
    if guest.ending or (call is None and guest.expires_at <= now):
        return GuestLine(
            guest.name,
            ending_sentence(guest),
            "over",
            may_invite=True,
            may_telephone=has_line,
        )
    other = call is None and call_going_on(session, appointment.id) is not None
    is_at_door = call is None and is_waiting(guest, now)
    said, tone = standing_sentence(guest, call, is_at_door=is_at_door)
    link = "" if guest.opened_at else _link(guest)
    return GuestLine(
        guest.name,
        said,
        tone,
        link=link,
        until=guest.expires_at if link else None,
        mail=_mail(link) if link else "",
        was_tried_again=guest.tried_again_at is not None,
        may_let_in=is_at_door and not other,
        is_taken=is_at_door and other,
        may_send_away=call is None or call.end_requested_at is None,
        is_here=tone == "live",
    )


def _telephone_line(session: Session, guest: Guest, has_line: bool) -> GuestLine:
    call = last_call_of_guest(session, guest)
    said, tone = telephone_sentence(guest, call)
    is_ending = call is not None and call.state in GOING_ON
    is_over = bool(guest.ending) and not is_ending
    return GuestLine(
        guest.name,
        said,
        tone,
        may_invite=is_over,
        may_telephone=is_over and has_line,
        may_send_away=not guest.ending,
        is_here=tone == "live",
        last_digits=guest.last_digits,
    )


def _link(guest: Guest) -> str:
    token = token_of(guest, services().settings.secret_key)
    return public_address("guest_link.show", token=token)


def _mail(link: str) -> str:
    subject = gettext("Rejoindre un entretien en vidéo")
    body = gettext(
        "Bonjour,\n\nVous êtes invité à rejoindre un entretien en vidéo, maintenant. "
        "Ouvrez ce lien, qui sert une seule fois :\n\n%(link)s\n",
        link=link,
    )
    return f"mailto:?subject={quote(subject)}&body={quote(body)}"
