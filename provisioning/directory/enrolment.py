# SPDX-License-Identifier: AGPL-3.0-or-later
"""A machine becomes a kiosk by a code, once. Works in the caller's transaction.

A machine that did not hear the answer brings the same code again, as the same attempt, and
is answered again for a while; any other machine that brings it comes too late.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from provisioning.database.access import KioskEnrolment
from provisioning.database.models import Kiosk
from provisioning.directory.credentials import SipSecret
from provisioning.directory.cutting import ask_to_cut
from provisioning.directory.digests import digest_of
from provisioning.directory.enrolment_codes import (
    normalised_code,
    proof_key_of,
    public_id_of,
)
from provisioning.directory.errors import DirectoryError
from provisioning.directory.kiosk_secrets import replace_secrets

CODE_LASTS = timedelta(days=7)
ANSWERED_AGAIN_FOR = timedelta(minutes=10)


class EnrolmentRefused(DirectoryError):
    """This code lets nobody in."""


class CodeUnknown(EnrolmentRefused):
    """There is no such code, or a newer one took its place."""

    def __init__(self) -> None:
        super().__init__(
            "there is no such code: check it letter by letter, or have a new one made"
        )


class CodeOver(EnrolmentRefused):
    """The code was used, or it is too late."""

    def __init__(self) -> None:
        super().__init__("this code was used or is too old: have a new one made")


@dataclass(frozen=True)
class Machine:
    """Who asks to be a kiosk, as it tells itself; `id` is 64 hex digits."""

    id: str
    name: str


def open_enrolment(
    session: Session, kiosk_id: int, code: str, expires_at: datetime
) -> None:
    """Let the machine that brings this code be the kiosk, once; a former code ends."""
    normalised = normalised_code(code)
    assert normalised is not None
    row = session.get(KioskEnrolment, kiosk_id)
    if row is None:
        row = KioskEnrolment(kiosk_id=kiosk_id)
        session.add(row)
    row.public_id = public_id_of(normalised)
    row.code_digest = digest_of(normalised)
    row.proof_key = proof_key_of(normalised)
    row.expires_at = expires_at
    row.attempt = row.used_at = None
    session.flush()


def close_enrolment(session: Session, kiosk_id: int) -> None:
    """Make the kiosk's code good for nothing, used or not."""
    row = session.get(KioskEnrolment, kiosk_id)
    if row is not None:
        session.delete(row)
        session.flush()


def waiting_enrolment(
    session: Session, public_id: str, now: datetime
) -> KioskEnrolment:
    """Give what is known of the code with this first group; raises EnrolmentRefused."""
    row = session.scalar(
        select(KioskEnrolment).where(KioskEnrolment.public_id == public_id)
    )
    if row is None:
        raise CodeUnknown
    if not _is_good(row, now):
        raise CodeOver
    return row


def enrol(
    session: Session, code: str, attempt: str, machine: Machine, now: datetime
) -> SipSecret:
    """Make the machine the kiosk of this code: give its new secrets.

    Whoever was this kiosk before is shut out: secrets, screen, registration and call.
    Raises EnrolmentRefused.
    """
    normalised = normalised_code(code)
    if normalised is None:
        raise CodeUnknown
    digest = digest_of(normalised)
    # One statement: of two who bring the same code, one finds it unused.
    first = session.execute(
        update(KioskEnrolment)
        .where(
            KioskEnrolment.code_digest == digest,
            KioskEnrolment.used_at.is_(None),
            KioskEnrolment.expires_at > now,
        )
        .values(attempt=attempt, used_at=now)
        .execution_options(synchronize_session=False)
    )
    row = session.scalar(
        select(KioskEnrolment)
        .where(KioskEnrolment.code_digest == digest)
        .with_for_update()
    )
    if row is None:
        raise CodeUnknown
    if row.used_at is None or row.attempt != attempt or not _is_good(row, now):
        raise CodeOver
    kiosk = session.get_one(Kiosk, row.kiosk_id, options=[joinedload(Kiosk.relay)])
    is_first = first.rowcount == 1  # type: ignore[attr-defined]
    if not is_first and kiosk.machine_id != machine.id:
        raise CodeOver
    kiosk.machine_id, kiosk.machine_name = machine.id, machine.name
    kiosk.enrolled_at = now
    secret = replace_secrets(session, kiosk, now)
    ask_to_cut(session, kiosk.slug, now)
    return secret


def secrets_to_carry(session: Session, kiosk: Kiosk, now: datetime) -> SipSecret:
    """Give the kiosk new secrets that somebody carries to a machine without a line.

    Which machine it is is told when it first reports. Whoever was this kiosk before is shut
    out, and a code that waited is good for nothing.
    """
    close_enrolment(session, kiosk.id)
    kiosk.machine_id = kiosk.machine_name = None
    kiosk.enrolled_at = now
    secret = replace_secrets(session, kiosk, now)
    ask_to_cut(session, kiosk.slug, now)
    return secret


def _is_good(row: KioskEnrolment, now: datetime) -> bool:
    if row.used_at is not None:
        return now - row.used_at <= ANSWERED_AGAIN_FOR
    return now < row.expires_at
