# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who reads a stream, by the cookies of their browser, and which changes concern them."""

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from sqlalchemy import select

from booking_web.base.settings import Settings
from booking_web.domain.journal.live_events import Change
from booking_web.domain.rights.web_sessions import is_alive
from booking_web.shell.sign_in.session_cookie import cookie_name, session_key_of
from provisioning.database.engine import Database
from provisioning.database.models import Kiosk, UserRole
from provisioning.directory.screen_enrolment import kiosk_of_screen

KIOSK_COOKIE = "borne"


@dataclass(frozen=True)
class Reader:
    """Somebody with an open stream; None in each limit: everything (administrator)."""

    name: str
    kiosk_ids: frozenset[int] | None = None
    relay_id: int | None = None
    organisation_id: int | None = None

    def hears(self, change: Change) -> bool:
        """Tell whether the change may concern a page of this reader."""
        if self.kiosk_ids is not None:
            is_here = change.kiosk_id in self.kiosk_ids
            is_ours = self.relay_id is not None and change.booked_at == self.relay_id
            return is_here or is_ours or _is_of_all(change, self.relay_id)
        if self.organisation_id is not None and change.appointment_id is not None:
            return change.organisation_id == self.organisation_id
        return True


class Readers:
    """Knows readers by their cookies, from the database as it is at that moment."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def person(self, cookies: str) -> Reader | None:
        """Give the person who is signed in; None where nobody is, or no more."""
        cookie = _cookie(cookies, cookie_name(is_secure=self._settings.secure_cookies))
        key = session_key_of(cookie, self._settings.secret_key)
        user = is_alive(self._database, key) if key else None
        if user is None:
            return None
        name = f"user:{user.id}"
        if user.role == UserRole.ADMINISTRATOR:
            return Reader(name)
        if user.role == UserRole.SECRETARY:
            kiosks = select(Kiosk.id).where(Kiosk.relay_id == user.relay_id)
            with self._database.read() as session:
                kiosk_ids = frozenset(session.scalars(kiosks))
            return Reader(name, kiosk_ids, user.relay_id)
        return Reader(name, organisation_id=user.organisation_id)

    def kiosk(self, cookies: str) -> Reader | None:
        """Give the kiosk whose second screen asks."""
        secret = _cookie(cookies, KIOSK_COOKIE)
        with self._database.read() as session:
            kiosk = kiosk_of_screen(session, secret) if secret else None
        if kiosk is None:
            return None
        return Reader(f"kiosk:{kiosk.slug}", frozenset({kiosk.id}))


def _is_of_all(change: Change, relay_id: int | None) -> bool:
    # What a kiosk's own screen shows depends on no other's news.
    return relay_id is not None and change.kiosk_id is None


def _cookie(header: str, name: str) -> str:
    """Give the cookie's value; empty where it is not there."""
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
