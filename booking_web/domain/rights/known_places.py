# SPDX-License-Identifier: AGPL-3.0-or-later
"""From where a person usually signs in; strangers' guesses do not keep them out there."""

import hashlib
import hmac
import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking_web.tables.known_places import KnownPlace

FORGOTTEN_AFTER = timedelta(days=90)
# Who always comes from another place must not fill the table; the latest are kept.
MOST_PLACES = 20
# A line is given a network of this size; each of its machines has thousands of addresses.
IPV6_PREFIX = 64


def place_of(address: str | None) -> str:
    """Give the place that an address belongs to: itself, of IPv6 the network of its line."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "nowhere"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
    return str(parsed)


def is_known_place(session: Session, user_id: int, place: str, secret: str) -> bool:
    """Tell whether this person has signed in from there lately."""
    row = (user_id, place_digest(user_id, place, secret))
    return session.get(KnownPlace, row) is not None


def remember_place(
    session: Session, user_id: int, place: str, secret: str, now: datetime
) -> None:
    """Note that this person has just signed in from there; old places are forgotten."""
    digest = place_digest(user_id, place, secret)
    known = session.get(KnownPlace, (user_id, digest))
    if known is None:
        session.add(KnownPlace(user_id=user_id, place_digest=digest, seen_at=now))
    else:
        known.seen_at = now
    session.flush()
    kept = (
        select(KnownPlace.place_digest)
        .where(KnownPlace.user_id == user_id)
        .order_by(KnownPlace.seen_at.desc())
        .limit(MOST_PLACES)
    )
    session.execute(
        delete(KnownPlace).where(
            (KnownPlace.seen_at < now - FORGOTTEN_AFTER)
            | (
                (KnownPlace.user_id == user_id)
                & KnownPlace.place_digest.not_in(kept.scalar_subquery())
            )
        )
    )


def place_digest(user_id: int, place: str, secret: str) -> str:
    """Give what is kept of a place: nobody without the secret finds the address by it."""
    told = f"place:{user_id}:{place}".encode()
    return hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()
