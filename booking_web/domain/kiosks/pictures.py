# SPDX-License-Identifier: AGPL-3.0-or-later
"""An organisation's mark and its counsellors' photos: kept, shown by digest, removed at once.

Who may do it is settled by the caller. Each act is written down, and done once: one that is
sent again does nothing more.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.tables.administration import DirectoryAct
from booking_web.tables.pictures import (
    DIGEST_LENGTH,
    CounsellorPhoto,
    OrganisationMark,
)
from provisioning.database.models import Counsellor, User, UserRole


@dataclass(frozen=True)
class SentPicture:
    """A picture as it is to be kept, who sends it, and the token of the page's form."""

    content: bytes
    width: int
    height: int
    is_light: bool
    actor: str
    submission: str
    at: datetime


@dataclass(frozen=True)
class Removal:
    """Who takes a picture away, when, and the token of the page's form."""

    actor: str
    submission: str
    at: datetime


@dataclass(frozen=True)
class Mark:
    """What a page must know to show a mark."""

    digest: str
    width: int
    height: int
    is_light: bool


def mark_of(session: Session, organisation_id: int) -> Mark | None:
    """Give the mark of an organisation, if it has one."""
    its = OrganisationMark.organisation_id == organisation_id
    row = session.execute(
        select(
            OrganisationMark.digest,
            OrganisationMark.width,
            OrganisationMark.height,
            OrganisationMark.is_light,
        ).where(its)
    ).one_or_none()
    return Mark(*row) if row else None


def photo_of(session: Session, counsellor_id: int | None) -> str:
    """Give the digest of a counsellor's photo, or nothing."""
    its = CounsellorPhoto.counsellor_id == counsellor_id
    return session.scalar(select(CounsellorPhoto.digest).where(its)) or ""


def mark_content(session: Session, organisation_id: int, digest: str) -> bytes | None:
    """Give the PNG of the mark that has this digest; None where it is another now."""
    row = session.get(OrganisationMark, organisation_id)
    return row.content if row is not None and row.digest == digest else None


def photo_content(session: Session, counsellor_id: int, digest: str) -> bytes | None:
    """Give the JPEG of the photo that has this digest; None where it is another now."""
    row = session.get(CounsellorPhoto, counsellor_id)
    return row.content if row is not None and row.digest == digest else None


def keep_mark(session: Session, organisation_id: int, sent: SentPicture) -> None:
    """Make it the organisation's mark, in the place of the one before."""
    key = str(organisation_id)
    if not _is_new(session, sent, "mark_kept", "mark", key):
        return
    row = session.get(OrganisationMark, organisation_id, with_for_update=True)
    if row is None:
        row = OrganisationMark(organisation_id=organisation_id)
        session.add(row)
    row.content, row.digest = sent.content, _digest(sent.content)
    row.width, row.height = sent.width, sent.height
    row.is_light = sent.is_light
    row.kept_at, row.kept_by = sent.at, sent.actor


def remove_mark(session: Session, organisation_id: int, removal: Removal) -> None:
    """Take the mark away; one that is gone already is no error."""
    row = session.get(OrganisationMark, organisation_id, with_for_update=True)
    key = str(organisation_id)
    if row is not None and _is_new(session, removal, "mark_removed", "mark", key):
        session.delete(row)


def keep_photo(session: Session, counsellor: Counsellor, sent: SentPicture) -> None:
    """Make it the counsellor's photo, who agreed to it."""
    if not _is_new(session, sent, "photo_kept", "photo", counsellor.slug):
        return
    row = session.get(CounsellorPhoto, counsellor.id, with_for_update=True)
    if row is None:
        row = CounsellorPhoto(counsellor_id=counsellor.id)
        session.add(row)
    row.content, row.digest = sent.content, _digest(sent.content)
    row.width = sent.width
    row.agreed_at, row.kept_by = sent.at, sent.actor


def remove_photo(session: Session, counsellor: Counsellor, removal: Removal) -> None:
    """Take the photo away; one that is gone already is no error."""
    row = session.get(CounsellorPhoto, counsellor.id, with_for_update=True)
    slug = counsellor.slug
    if row is not None and _is_new(session, removal, "photo_removed", "photo", slug):
        session.delete(row)


def own_counsellor(session: Session, account: User) -> Counsellor | None:
    """Give the telephone of the directory that an account answers; None: unclear.

    Where nobody said which, one account and one telephone of the organisation that alone
    bear the name are taken for one person.
    """
    if account.counsellor_id is not None:
        return session.get(Counsellor, account.counsellor_id)
    organisation_id, name = account.organisation_id, account.name
    accounts = session.scalar(
        select(func.count()).where(
            User.organisation_id == organisation_id,
            User.role == UserRole.COUNSELLOR,
            User.name == name,
        )
    )
    found = session.scalars(
        select(Counsellor).where(
            Counsellor.organisation_id == organisation_id,
            Counsellor.name == name,
            Counsellor.id.not_in(
                select(User.counsellor_id).where(User.counsellor_id.is_not(None))
            ),
        )
    ).all()
    return found[0] if accounts == 1 and len(found) == 1 else None


def _is_new(
    session: Session, sent: SentPicture | Removal, act: str, kind: str, key: str
) -> bool:
    """Write the act down; False where the same form was sent before."""
    before = DirectoryAct.submission == sent.submission
    if session.scalar(select(DirectoryAct.id).where(before)) is not None:
        return False
    session.add(
        DirectoryAct(
            submission=sent.submission,
            at=sent.at,
            actor=sent.actor,
            act=act,
            kind=kind,
            key=key,
        )
    )
    return True


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH]
