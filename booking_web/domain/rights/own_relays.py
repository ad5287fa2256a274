# SPDX-License-Identifier: AGPL-3.0-or-later
"""The relays of a secretary who works for several: her own, and others that IT gave her.

In a browser she works for one of them at a time: what she sees and does there is that one's.
"""

from collections.abc import Collection

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from booking_web.tables.secretary_relays import SecretaryRelay
from booking_web.tables.web_sessions import WebSession
from provisioning.database.models import Relay, User, UserRole
from provisioning.directory.digests import digest_of


def relays_of(session: Session, user_id: int) -> list[Relay]:
    """List all of a secretary's relays, by name; none of anybody else."""
    own = select(User.relay_id).where(User.id == user_id)
    others = select(SecretaryRelay.relay_id).where(SecretaryRelay.user_id == user_id)
    is_theirs = or_(Relay.id.in_(own), Relay.id.in_(others))
    is_secretary = (
        select(User.id)
        .where(User.id == user_id, User.role == UserRole.SECRETARY)
        .exists()
    )
    query = select(Relay).where(is_theirs, is_secretary)
    return list(session.scalars(query.order_by(Relay.name, Relay.id)))


def secretaries_at(relays: Select[int] | Select[int | None]) -> Select[int]:
    """Select the accounts of who works for one of these relays."""
    others = select(SecretaryRelay.user_id).where(SecretaryRelay.relay_id.in_(relays))
    return select(User.id).where(
        User.role == UserRole.SECRETARY,
        or_(User.relay_id.in_(relays), User.id.in_(others)),
    )


def give_relays(session: Session, user: User, slugs: Collection[str]) -> bool:
    """Have the person work for these relays besides her own; tells whether that is new."""
    wanted = set(session.scalars(select(Relay.id).where(Relay.slug.in_(slugs))))
    wanted.discard(user.relay_id or 0)
    if user.role != UserRole.SECRETARY:
        wanted = set()
    rows = select(SecretaryRelay.relay_id).where(SecretaryRelay.user_id == user.id)
    before = set(session.scalars(rows))
    gone = SecretaryRelay.relay_id.in_(before - wanted)
    session.execute(
        delete(SecretaryRelay).where(SecretaryRelay.user_id == user.id, gone)
    )
    session.add_all(
        SecretaryRelay(user_id=user.id, relay_id=each)
        for each in sorted(wanted - before)
    )
    return wanted != before


def work_for(session: Session, key: str, user_id: int, slug: str) -> bool:
    """Have this sign-in be for one of the person's relays; False where it is none of hers."""
    for relay in relays_of(session, user_id):
        if relay.slug == slug:
            session.execute(
                update(WebSession)
                .where(WebSession.key_digest == digest_of(key))
                .values(relay_id=relay.id)
            )
            return True
    return False
