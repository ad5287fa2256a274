# SPDX-License-Identifier: AGPL-3.0-or-later
"""Carries an act on the directory out once, and writes down who did it.

What the pages do is what the commands of `guichet-provision` do: see
`provisioning.directory.service`. Secrets are given back to be shown, and stored nowhere.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.tables.administration import (
    DETAIL_LENGTH,
    SUBMISSION_LENGTH,
    DirectoryAct,
)
from provisioning.database.engine import Database
from provisioning.directory.entries import nothing
from provisioning.directory.errors import DirectoryError
from provisioning.directory.service import Directory, Outcome, Planner
from provisioning.inventory.plan import Action, Kind

# What is written beside the plan; tells whether it changed anything.
Beside = Callable[[Session], bool]


@dataclass(frozen=True)
class Sent:
    """A form as it came: its token, who sent it and when."""

    submission: str
    actor: str
    at: datetime


@dataclass(frozen=True)
class Done:
    """What came of a form: the entry it is about, and the outcome the first time."""

    key: str
    # None: the same form had done it before.
    outcome: Outcome | None = None
    is_change: bool = True


def new_submission() -> str:
    """Give the token of a new form."""
    return secrets.token_hex(SUBMISSION_LENGTH // 2)


def done_before(database: Database, submission: str) -> Done | None:
    """Give what this very form did earlier, if it did."""
    with database.read() as session:
        key = session.scalar(
            select(DirectoryAct.key).where(DirectoryAct.submission == submission)
        )
    return None if key is None else Done(key)


def carry_out(
    database: Database,
    sent: Sent,
    act: str,
    kind: Kind,
    key: str,
    planner: Planner = nothing,
    *,
    beside: Beside | None = None,
    is_rotation: bool = False,
) -> Done:
    """Do it and write it down, in one transaction. Raises DirectoryError.

    An empty `key` stands for that of the entry which the plan adds.
    """
    done: list[Done] = []

    def alongside(session: Session, outcome: Outcome) -> None:
        changed = beside(session) if beside else False
        changed = changed or not outcome.is_empty or is_rotation
        about = key or _added(outcome, kind)
        if changed:
            session.add(_row(sent, act, kind, about, outcome))
        done.append(Done(about, outcome, changed))

    directory = Directory(database)
    try:
        if is_rotation:
            directory.rotate(key, _keep, alongside)
        else:
            directory.apply(planner, _keep, alongside)
    except DirectoryError:
        # The same form may have been sent twice at once: the other one has done it.
        earlier = done_before(database, sent.submission)
        if earlier is None:
            raise
        return earlier
    return done[-1]


def latest_acts(session: Session, kind: Kind, key: str) -> list[DirectoryAct]:
    """List the latest acts on an entry, the newest first."""
    query = select(DirectoryAct).where(
        DirectoryAct.kind == str(kind), DirectoryAct.key == key
    )
    return list(session.scalars(query.order_by(DirectoryAct.id.desc()).limit(10)))


def _added(outcome: Outcome, kind: Kind) -> str:
    return next(change.key for change in outcome.plan.changes if change.kind is kind)


def _keep(_outcome: Outcome) -> None:
    """Deliver nothing: the page that answers shows what is new, once."""


def _row(sent: Sent, act: str, kind: Kind, key: str, outcome: Outcome) -> DirectoryAct:
    fields = sorted(
        name
        for change in outcome.plan.changes
        if change.action is Action.CHANGE
        for name in change.fields
    )
    return DirectoryAct(
        submission=sent.submission,
        at=sent.at,
        actor=sent.actor,
        act=act,
        kind=str(kind),
        key=key,
        detail=", ".join(dict.fromkeys(fields))[:DETAIL_LENGTH],
    )
