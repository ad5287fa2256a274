# SPDX-License-Identifier: AGPL-3.0-or-later
"""Displays on a wall: a link is made, used up by one browser, and taken back.

Each works in the caller's transaction. What they show names nobody.
"""

import secrets
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.tables.wall_displays import WallDisplay
from provisioning.directory.digests import digest_of

# 256 bits.
SECRET_BYTES = 32
# An unused link opens nothing after this.
LINK_LASTS = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=1)

logger = structlog.get_logger(__name__)


def make_display(
    session: Session, label: str, *, is_dark: bool, user_id: int, now: datetime
) -> str:
    """Add a display; gives the token of its link, which is stored nowhere."""
    token = secrets.token_urlsafe(SECRET_BYTES)
    display = WallDisplay(
        label=label,
        is_dark=is_dark,
        token_digest=digest_of(token),
        created_at=now,
        created_by_id=user_id,
    )
    session.add(display)
    session.flush()
    logger.info("wall display made", display=display.id, user=user_id)
    return token


def display_of_link(
    session: Session, token: str, now: datetime, *, to_change: bool = False
) -> WallDisplay | None:
    """Give the display that a link would open; None: unknown, used or too old."""
    query = select(WallDisplay).where(
        WallDisplay.token_digest == digest_of(token),
        WallDisplay.opened_at.is_(None),
        WallDisplay.created_at > now - LINK_LASTS,
    )
    return session.scalar(query.with_for_update() if to_change else query)


def open_display(session: Session, token: str, now: datetime) -> str | None:
    """Use a link up; gives the cookie of the browser that did, None where it opens nothing."""
    display = display_of_link(session, token, now, to_change=True)
    if display is None:
        return None
    secret = secrets.token_urlsafe(SECRET_BYTES)
    display.cookie_digest, display.opened_at = digest_of(secret), now
    display.seen_at = now
    logger.info("wall display opened", display=display.id)
    return secret


def display_of_cookie(session: Session, secret: str) -> WallDisplay | None:
    """Give the display whose browser has this cookie."""
    if not secret:
        return None
    query = select(WallDisplay).where(WallDisplay.cookie_digest == digest_of(secret))
    return session.scalar(query)


def is_seen_anew(display: WallDisplay, now: datetime) -> bool:
    """Tell whether it is time to note that the display is there."""
    return display.seen_at is None or abs(now - display.seen_at) >= SEEN_EVERY


def note_seen(session: Session, display_id: int, now: datetime) -> None:
    """Note that the display is there."""
    display = session.get(WallDisplay, display_id)
    if display is not None:
        display.seen_at = now


def all_displays(session: Session) -> list[WallDisplay]:
    """List the displays, the first one first."""
    return list(session.scalars(select(WallDisplay).order_by(WallDisplay.id)))


def revoke_display(session: Session, display_id: int, user_id: int) -> bool:
    """Let a display in no more, nor its link; False where there is none."""
    display = session.get(WallDisplay, display_id)
    if display is None:
        return False
    session.delete(display)
    logger.info("wall display revoked", display=display_id, user=user_id)
    return True
