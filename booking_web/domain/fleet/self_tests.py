# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosks' self-tests: written down as told, the latest few of each kept.

Each works in the caller's transaction.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from booking_web.domain.fleet.orders import settle_order
from booking_web.domain.journal.telling import tell_readiness
from booking_web.tables.fleet import CheckState, SelfTest, TestReason

KEPT_OF_EACH = 20
# What a check found, as text: larger details are left out, not the check.
DETAILS_AT_MOST = 4000


@dataclass(frozen=True)
class Check:
    """One check of a self-test; `cause` is a code, empty where nothing is wrong."""

    name: str
    state: CheckState
    cause: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Give a check as it lies in the database."""
        return cls(
            stored["name"],
            CheckState(stored["state"]),
            stored["cause"] or "",
            stored["details"] or {},
        )

    @property
    def has_failed(self) -> bool:
        """Tell whether somebody has to do something."""
        return self.state is CheckState.FAILED


@dataclass(frozen=True, kw_only=True)
class TellsOfSelfTest:
    """What a kiosk told of its self-test."""

    version: str
    reason: TestReason
    checks: Sequence[Check]
    order_id: int | None = None


def take_self_test(
    session: Session, kiosk_id: int, told: TellsOfSelfTest, now: datetime
) -> SelfTest:
    """Write the self-test down, and settle the order that asked for it."""
    order_id = None
    if told.order_id is not None:
        order = settle_order(session, kiosk_id, told.order_id, now)
        order_id = order.id if order else None
    test = SelfTest(
        kiosk_id=kiosk_id,
        heard_at=now,
        version=told.version,
        reason=told.reason,
        order_id=order_id,
        is_ok=not any(each.has_failed for each in told.checks),
        checks=[_stored(each) for each in told.checks],
    )
    session.add(test)
    session.flush()
    _forget_older(session, kiosk_id)
    tell_readiness(session, kiosk_id, now)
    return test


def checks_of(test: SelfTest) -> list[Check]:
    """Give the checks of a self-test."""
    return [Check.of(each) for each in test.checks]


def failures_of(test: SelfTest | None) -> list[Check]:
    """Give the checks that failed; none where there was no self-test."""
    return [each for each in checks_of(test) if each.has_failed] if test else []


def latest_self_tests(
    session: Session,
    kiosk_ids: Collection[int],
    reasons: Collection[TestReason] = tuple(TestReason),
) -> dict[int, SelfTest]:
    """Give the last self-test, for one of these reasons, of each of these kiosks."""
    last = (
        select(func.max(SelfTest.id))
        .where(SelfTest.kiosk_id.in_(kiosk_ids), SelfTest.reason.in_(reasons))
        .group_by(SelfTest.kiosk_id)
    )
    found = session.scalars(select(SelfTest).where(SelfTest.id.in_(last)))
    return {test.kiosk_id: test for test in found}


def kept_self_tests(session: Session, kiosk_id: int) -> list[SelfTest]:
    """List the self-tests of a kiosk that are kept, the latest first."""
    query = select(SelfTest).where(SelfTest.kiosk_id == kiosk_id)
    return list(session.scalars(query.order_by(SelfTest.id.desc())))


def _stored(check: Check) -> dict[str, Any]:
    details = dict(check.details)
    if len(json.dumps(details)) > DETAILS_AT_MOST:
        details = {"left_out": "too long"}
    return {
        "name": check.name,
        "state": str(check.state),
        "cause": check.cause or None,
        "details": details,
    }


def _forget_older(session: Session, kiosk_id: int) -> None:
    of_kiosk = select(SelfTest.id).where(SelfTest.kiosk_id == kiosk_id)
    kept = of_kiosk.order_by(SelfTest.id.desc()).limit(KEPT_OF_EACH)
    session.execute(
        delete(SelfTest).where(SelfTest.kiosk_id == kiosk_id, SelfTest.id.not_in(kept))
    )
