# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who reads a stream, by the cookies of their browser, and which changes concern them."""

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from booking_web.base.settings import Settings
from booking_web.domain.fleet.wall_displays import display_of_cookie
from booking_web.domain.journal.live_events import Change
from booking_web.domain.rights.hearing import Hearing, hearing_of, hearing_of_kiosk
from booking_web.domain.rights.person import Person
from booking_web.domain.rights.web_sessions import is_alive
from booking_web.shell.sign_in.session_cookie import cookie_name, session_key_of
from booking_web.shell.site.host_cookies import KIOSK_COOKIE, WALL_COOKIE, HostCookie
from booking_web.tables.live_kind import Kind
from provisioning.database.engine import Database
from provisioning.directory.screen_enrolment import kiosk_of_screen

_EACH_KEY = frozenset({Kind.MIRROR, Kind.DRAFT})


@dataclass(frozen=True)
class Reader:
    """Somebody with an open stream."""

    name: str
    hearing: Hearing
    # Whether each key and each move of a pointer is told too: only an organisation's pages
    # need it.
    hears_keys: bool = True

    def hears(self, change: Change) -> bool:
        """Tell whether the change may concern a page of this reader."""
        if change.kind in _EACH_KEY and not self.hears_keys:
            return False
        return self.hearing.hears(
            kiosk_id=change.kiosk_id,
            appointment_id=change.appointment_id,
            organisation_id=change.organisation_id,
            booked_at=change.booked_at,
            interpreted_by=change.interpreted_by,
        )


class Readers:
    """Knows readers by their cookies, from the database as it is at that moment."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def person(self, cookies: str) -> Reader | None:
        """Give the person who is signed in; None where nobody is, or no more."""
        name = cookie_name(is_secure=self._settings.secure_cookies)
        cookie = _values(cookies).get(name, "")
        key = session_key_of(cookie, self._settings.secret_key)
        user = is_alive(self._database, key) if key else None
        if user is None or user.owes_second_factor:
            return None
        person = Person.of(user)
        with self._database.read() as session:
            return Reader(
                person.actor,
                hearing_of(session, person),
                hears_keys=person.organisation_id is not None,
            )

    def kiosk(self, cookies: str) -> Reader | None:
        """Give the kiosk whose second screen asks."""
        secret = self._brought(cookies, KIOSK_COOKIE)
        with self._database.read() as session:
            kiosk = kiosk_of_screen(session, secret) if secret else None
        if kiosk is None:
            return None
        return Reader(f"kiosk:{kiosk.slug}", hearing_of_kiosk(kiosk.id))

    def wall(self, cookies: str) -> Reader | None:
        """Give the screen on a wall that asks; of no appointment is it told anything."""
        secret = self._brought(cookies, WALL_COOKIE)
        with self._database.read() as session:
            display = display_of_cookie(session, secret)
        if display is None:
            return None
        return Reader(f"wall:{display.id}", Hearing(), hears_keys=False)

    def _brought(self, header: str, cookie: HostCookie) -> str:
        is_secure = self._settings.secure_cookies
        return cookie.value_in(_values(header), is_secure=is_secure)


def _values(header: str) -> dict[str, str]:
    """Give the cookies' values by name; none of a header that is none."""
    try:
        return {name: each.value for name, each in SimpleCookie(header).items()}
    except CookieError:
        return {}
