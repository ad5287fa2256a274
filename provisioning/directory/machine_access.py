# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which machine may be what: enrolled, given new secrets, shut out; in one transaction each.

What is written in the caller's transaction is in `enrolment`, `kiosk_secrets`, `cutting`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, joinedload

from provisioning.database.engine import Database
from provisioning.database.models import Kiosk
from provisioning.directory.credentials import SipSecret
from provisioning.directory.cutting import is_cut
from provisioning.directory.enrolment import (
    CODE_LASTS,
    Machine,
    enrol,
    open_enrolment,
    secrets_to_carry,
)
from provisioning.directory.enrolment_codes import new_enrolment_code
from provisioning.directory.errors import UnknownEntry
from provisioning.directory.kiosk_secrets import rotate_secrets
from provisioning.directory.revoking import revoke
from provisioning.directory.rows import read_snapshot
from provisioning.directory.service import Delivery, Outcome
from provisioning.directory.transactions import reading, writing
from provisioning.inventory.plan import Plan

logger = structlog.get_logger(__name__)


class MachineAccess:
    """The machines that are kiosks and counsellors' telephones, in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make_code(self, slug: str, lasts: timedelta = CODE_LASTS) -> str:
        """Give a code by which one machine becomes this kiosk; a former one ends."""
        code = new_enrolment_code()
        self.open_codes({slug: code}, _now() + lasts)
        return code

    def open_codes(self, codes: Mapping[str, str], ends_at: datetime) -> None:
        """Make these codes good, each for its kiosk: all of them, or none; former ones end."""
        with writing(self._database) as session:
            open_codes(session, codes, ends_at)
        for slug in codes:
            logger.info("enrolment code made", kiosk=slug)

    def without_machine(self) -> list[str]:
        """Name the kiosks that no machine has become yet, in their order."""
        with reading(self._database) as session:
            query = select(Kiosk.slug).where(has_no_machine()).order_by(Kiosk.slug)
            return list(session.scalars(query))

    def enrol(self, code: str, attempt: str, machine: Machine) -> Outcome:
        """Make the machine the kiosk of this code. Raises EnrolmentRefused."""
        with writing(self._database) as session:
            secret = enrol(session, code, attempt, machine, _now())
            outcome = outcome_with(session, secret)
        logger.info("kiosk enrolled", kiosk=secret.slug)
        return outcome

    def carry(self, slug: str, deliver: Delivery) -> Outcome:
        """Give the kiosk new secrets that are carried to it; see `secrets_to_carry`."""
        return self._deliver_new(slug, secrets_to_carry, deliver)

    def rotate(self, slug: str, deliver: Delivery = lambda _: None) -> Outcome:
        """Give the kiosk new secrets; the former ones stay good for the grace."""
        return self._deliver_new(slug, rotate_secrets, deliver)

    def want_rotation(self, slug: str) -> None:
        """Have the kiosk take new secrets by itself, the next time it reports."""
        with writing(self._database) as session:
            kiosk_called(session, slug).rotation_wanted_at = _now()
        logger.info("rotation wanted", kiosk=slug)

    def revoke(self, slug: str) -> datetime:
        """Shut out a kiosk or a counsellor's telephone; tells when that was asked."""
        now = _now()
        with writing(self._database) as session:
            revoke(session, slug, now)
        logger.info("access revoked", endpoint=slug)
        return now

    def is_cut(self, slug: str) -> bool:
        """Tell whether Asterisk has nothing of this endpoint any more."""
        with reading(self._database) as session:
            return is_cut(session, slug)

    def _deliver_new(
        self,
        slug: str,
        make: Callable[[Session, Kiosk, datetime], SipSecret],
        deliver: Delivery,
    ) -> Outcome:
        with writing(self._database) as session:
            secret = make(session, kiosk_called(session, slug), _now())
            outcome = outcome_with(session, secret)
            deliver(outcome)
        logger.info("kiosk given new secrets", kiosk=slug)
        return outcome


def open_codes(session: Session, codes: Mapping[str, str], ends_at: datetime) -> None:
    """Let a machine be each of these kiosks by its code; raises UnknownEntry."""
    for slug, code in codes.items():
        open_enrolment(session, kiosk_called(session, slug).id, code, ends_at)


def has_no_machine() -> ColumnElement[bool]:
    """Tell of a kiosk that nothing has become it yet: no machine, and no file for one."""
    return and_(Kiosk.machine_id.is_(None), Kiosk.enrolled_at.is_(None))


def kiosk_called(session: Session, slug: str) -> Kiosk:
    """Give the kiosk with its relay; raises UnknownEntry."""
    kiosk = session.scalar(
        select(Kiosk).where(Kiosk.slug == slug).options(joinedload(Kiosk.relay))
    )
    if kiosk is None:
        raise UnknownEntry(slug)
    return kiosk


def outcome_with(session: Session, secret: SipSecret) -> Outcome:
    """Give the outcome from which the owner's bundle is written."""
    directory = read_snapshot(session)
    return Outcome(Plan(()), directory, (), (secret.slug,), sip_secrets=(secret,))


def _now() -> datetime:
    return datetime.now(UTC)
