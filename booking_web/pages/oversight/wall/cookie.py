# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which display a browser is, by the cookie that a link gave it."""

from flask import Response, request
from sqlalchemy.orm import Session

from booking_web.domain.fleet.wall_displays import display_of_cookie
from booking_web.shell.services import services
from booking_web.shell.site.host_cookies import WALL_COOKIE
from booking_web.tables.wall_displays import WallDisplay


def present_display(session: Session) -> WallDisplay | None:
    """Give the display whose browser asks."""
    return display_of_cookie(session, _secret())


def give_cookie(response: Response, secret: str = "") -> None:
    """Have the browser be this display; without a secret, as before for as long again."""
    is_secure = services().settings.secure_cookies
    WALL_COOKIE.give(response, secret or _secret(), is_secure=is_secure)
    WALL_COOKIE.take_former(response, is_secure=is_secure)


def _secret() -> str:
    is_secure = services().settings.secure_cookies
    return WALL_COOKIE.value_in(request.cookies, is_secure=is_secure)
