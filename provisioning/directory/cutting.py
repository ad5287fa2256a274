# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whose registration and calls are to end at Asterisk. Works in the caller's transaction.

A secret that is gone keeps nobody from a call that goes on, nor from being called where
they registered before: the dispatcher ends both, as soon as it reads what stands here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from provisioning.database.access import EndpointCut


def ask_to_cut(
    session: Session, slug: str, now: datetime, *, is_revoked: bool = False
) -> None:
    """Have the endpoint's registration and calls ended."""
    row = session.get(EndpointCut, slug)
    if row is None:
        row = EndpointCut(slug=slug)
        session.add(row)
    row.asked_at, row.done_at, row.is_revoked = now, None, is_revoked
    session.flush()


def cuts_to_do(session: Session) -> Sequence[str]:
    """Name the endpoints that are to be cut, the longest waiting first."""
    query = select(EndpointCut.slug).where(EndpointCut.done_at.is_(None))
    return session.scalars(query.order_by(EndpointCut.asked_at)).all()


def mark_cut(
    session: Session, slug: str, asked_before: datetime, now: datetime
) -> None:
    """Note that it is done; what was asked since stays to be done."""
    session.execute(
        update(EndpointCut)
        .where(EndpointCut.slug == slug, EndpointCut.asked_at <= asked_before)
        .values(done_at=now)
    )


def revoked_since(session: Session, slug: str) -> datetime | None:
    """Tell since when this endpoint has no access; None where it has."""
    row = session.get(EndpointCut, slug)
    return row.asked_at if row is not None and row.is_revoked else None


def is_cut(session: Session, slug: str) -> bool:
    """Tell whether nothing is left to be done about this endpoint."""
    query = select(EndpointCut.slug).where(
        EndpointCut.slug == slug, EndpointCut.done_at.is_(None)
    )
    return session.scalar(query) is None


def give_access_again(session: Session, slugs: Iterable[str]) -> None:
    """Note that these were given new secrets; what is still to be cut stays so."""
    session.execute(
        update(EndpointCut)
        .where(EndpointCut.slug.in_(list(slugs)))
        .values(is_revoked=False)
    )


def forget_cuts(session: Session, before: datetime) -> None:
    """Forget those that were done before, and are not shut out by it."""
    session.execute(
        delete(EndpointCut).where(
            EndpointCut.done_at < before, EndpointCut.is_revoked.is_(False)
        )
    )
