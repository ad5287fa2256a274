# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor's softphone is set up by a link, once, as it is opened.

The link's token is what an administrator hands over. Whoever opens it gets a new secret of
the counsellor, which is made at that moment; until then the present one works. Works in the
caller's transaction and never commits.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from provisioning.database.models import (
    Counsellor,
    SipTransport,
    SoftphoneKind,
    SoftphoneLink,
)
from provisioning.directory.digests import digest_of
from provisioning.directory.errors import DirectoryError, UnknownEntry
from provisioning.inventory.plan import Fields

LINK_LASTS = timedelta(days=7)
# So long is told of a link that it is over; then it is as if it had never been.
REMEMBERED = timedelta(days=90)


class NotForSoftphones(DirectoryError):
    """The counsellor is set to have our own program."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"{slug} has our own program: set softphone = true in the inventory and"
            " apply it, or tick the box on the administrator's page"
        )


class MustEncrypt(DirectoryError):
    """The counsellor's softphone may not come in clear."""

    def __init__(self, slug: str, transport: SipTransport) -> None:
        super().__init__(
            f"{slug} must be encrypted, and {transport} is not: choose tls, or set"
            " in_clear = true in the inventory and apply it, or tick the box on the"
            " administrator's page"
        )


class LinkRefused(DirectoryError):
    """The link is unknown, or over; nothing was changed."""

    def __init__(self, *, is_known: bool) -> None:
        super().__init__("this link opens nothing: ask for a new one")
        self.is_known = is_known


@dataclass(frozen=True)
class KnownLink:
    """A link whose token was brought."""

    id: int
    counsellor: str
    counsellor_name: str
    kind: SoftphoneKind
    transport: SipTransport
    may_be_in_clear: bool
    expires_at: datetime
    # Opened before, replaced by another one, or too old.
    is_over: bool


def make_link(
    session: Session,
    slug: str,
    kind: SoftphoneKind,
    transport: SipTransport,
    now: datetime,
) -> str:
    """Give the token of a new link; the counsellor's former ones end.

    Raises UnknownEntry, and what `require_softphone` raises.
    """
    counsellor = session.scalars(
        select(Counsellor).where(Counsellor.slug == slug)
    ).one_or_none()
    if counsellor is None:
        raise UnknownEntry(slug)
    has = {"softphone": counsellor.softphone, "in_clear": counsellor.in_clear}
    require_softphone(slug, has, transport)
    session.execute(
        delete(SoftphoneLink).where(SoftphoneLink.expires_at < now - REMEMBERED)
    )
    end_links(session, slug, now)
    token = secrets.token_urlsafe(32)
    session.add(
        SoftphoneLink(
            counsellor_id=counsellor.id,
            token_digest=digest_of(token),
            kind=kind,
            transport=transport,
            expires_at=now + LINK_LASTS,
        )
    )
    session.flush()
    return token


def require_softphone(slug: str, has: Fields, transport: SipTransport) -> None:
    """Return if a softphone could sign in as this counsellor by this transport.

    Raises NotForSoftphones or MustEncrypt.
    """
    if not has["softphone"]:
        raise NotForSoftphones(slug)
    if transport is not SipTransport.TLS and not has["in_clear"]:
        raise MustEncrypt(slug, transport)


def end_links(session: Session, slug: str, now: datetime) -> None:
    """End the counsellor's links that are still open."""
    session.execute(
        update(SoftphoneLink)
        .where(
            SoftphoneLink.counsellor_id.in_(
                select(Counsellor.id).where(Counsellor.slug == slug)
            ),
            SoftphoneLink.ended_at.is_(None),
        )
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


def find_link(session: Session, token: str, now: datetime) -> KnownLink | None:
    """Give the link of this token and how it stands; to look at it does not use it up."""
    row = session.scalars(
        select(SoftphoneLink)
        .where(SoftphoneLink.token_digest == digest_of(token))
        .options(joinedload(SoftphoneLink.counsellor))
    ).one_or_none()
    if row is None or not _could_sign_in(row):
        return None
    return KnownLink(
        row.id,
        row.counsellor.slug,
        row.counsellor.name,
        SoftphoneKind(row.kind),
        SipTransport(row.transport),
        row.counsellor.in_clear,
        row.expires_at,
        is_over=row.ended_at is not None or row.expires_at <= now,
    )


def use_up(session: Session, link: KnownLink, now: datetime) -> None:
    """End a link as it is opened; raises LinkRefused where somebody else was first."""
    # One statement: of two who bring the same token, one finds the row.
    used = session.execute(
        update(SoftphoneLink)
        .where(
            SoftphoneLink.id == link.id,
            SoftphoneLink.ended_at.is_(None),
            SoftphoneLink.expires_at > now,
        )
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise LinkRefused(is_known=True)


def _could_sign_in(link: SoftphoneLink) -> bool:
    """Tell whether the counsellor is still let in as when the link was made."""
    counsellor = link.counsellor
    is_encrypted = link.transport == SipTransport.TLS
    return counsellor.softphone and (is_encrypted or counsellor.in_clear)
