# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which guest a browser is, by the cookie that a link gave it."""

from flask import request
from sqlalchemy.orm import Session

from booking_web.domain.appointments.guests.visits import guest_of
from booking_web.shell.services import services
from booking_web.tables.guests import Guest
from provisioning.directory.digests import digest_of

PATH = "/invite"


def cookie_name() -> str:
    """Name the cookie; the prefix makes browsers refuse one that came in the clear."""
    return "__Secure-invite" if services().settings.secure_cookies else "invite"


def present_guest(
    session: Session, token: str | None = None, *, to_change: bool = False
) -> Guest | None:
    """Give the guest whose browser asks; with a token, only the one of that link."""
    secret = request.cookies.get(cookie_name(), "")
    guest = guest_of(session, secret, to_change=to_change) if secret else None
    if guest is not None and token is not None:
        return guest if guest.token_digest == digest_of(token) else None
    return guest
