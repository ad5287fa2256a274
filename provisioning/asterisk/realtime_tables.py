# SPDX-License-Identifier: AGPL-3.0-or-later
"""Brings Asterisk's realtime tables to the rows that the directory needs.

Every row of these tables is ours: what the directory does not need is removed, what
somebody changed by hand is set right. Asterisk sees it at the next request, no reload. The
rows of guests alone come and go with their invitations.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioning.asterisk.realtime_rows import GUEST_PREFIX, RealtimeRow
from provisioning.database.access import FORMER_AUTH
from provisioning.database.engine import Base
from provisioning.database.realtime import (
    AsteriskQueue,
    PjsipAor,
    PjsipAuth,
    PjsipEndpoint,
    QueueMember,
)
from provisioning.inventory.plan import Action, Value

KEYS: Mapping[type[Base], tuple[str, ...]] = {
    PjsipAuth: ("id",),
    PjsipAor: ("id",),
    PjsipEndpoint: ("id",),
    AsteriskQueue: ("name",),
    QueueMember: ("queue_name", "interface"),
}


@dataclass(frozen=True)
class RowChange:
    """A row to add, change or remove; `existing` is the mapped object, if any."""

    action: Action
    table: type[Base]
    key: tuple[Value, ...]
    columns: Mapping[str, Value]
    existing: Base | None = None

    @property
    def name(self) -> str:
        """Name the row for a person: `queue_members msa PJSIP/counsellor-msa-1`."""
        return " ".join([self.table.__tablename__, *map(str, self.key)])


def compare_rows(session: Session, wanted: Iterable[RealtimeRow]) -> list[RowChange]:
    """Find what differs between the tables and the wanted rows; writes nothing."""
    existing = {
        (table, tuple(getattr(row, name) for name in key)): row
        for table, key in KEYS.items()
        for row in session.scalars(select(table))
    }
    changes = []
    rows = list(wanted)
    for row in rows:
        key = tuple(row.key.values())
        found = existing.pop((row.table, key), None)
        if found is None:
            columns = {**row.key, **row.columns, **row.initial}
            changes.append(RowChange(Action.ADD, row.table, key, columns))
        elif columns := _differing(found, row.columns):
            changes.append(RowChange(Action.CHANGE, row.table, key, columns, found))
    endpoints = {row.key["id"] for row in rows if row.table is PjsipEndpoint}
    for (table, key), surplus in existing.items():
        if isinstance(surplus, PjsipAuth) and _is_former(surplus, endpoints):
            continue
        if str(key[0]).startswith(GUEST_PREFIX):
            continue
        changes.append(RowChange(Action.REMOVE, table, key, {}, surplus))
    return changes


def missing_secrets(changes: Iterable[RowChange]) -> set[str]:
    """Give the slugs whose auth row must be added, so a new secret is needed."""
    return {
        str(change.key[0])
        for change in changes
        if change.table is PjsipAuth and change.action is Action.ADD
    }


def write_rows(
    session: Session, changes: Iterable[RowChange], digests: Mapping[str, str]
) -> None:
    """Carry the changes out; `digests` has the new `password_digest` of each slug."""
    for change in changes:
        if change.action is Action.REMOVE:
            session.delete(change.existing)
        elif change.action is Action.CHANGE:
            for name, value in change.columns.items():
                setattr(change.existing, name, value)
        else:
            columns = dict(change.columns)
            if change.table is PjsipAuth:
                columns["password_digest"] = digests[str(change.key[0])]
            session.add(change.table(**columns))
    session.flush()
    for slug, digest in digests.items():
        session.get_one(PjsipAuth, slug).password_digest = digest


def _differing(row: Base, columns: Mapping[str, Value]) -> dict[str, Value]:
    return {
        name: value for name, value in columns.items() if _wanted(row, name) != value
    }


def _wanted(row: Base, name: str) -> Value:
    value: Value = getattr(row, name)
    if isinstance(row, PjsipEndpoint) and name == "auth":
        # Behind it may stand a former secret whose grace lasts.
        return row.auth.partition(",")[0]
    return value


def _is_former(row: PjsipAuth, endpoints: Container[Value]) -> bool:
    """Tell whether it is a former secret of an endpoint that is to be there."""
    return row.id.startswith(FORMER_AUTH) and row.username in endpoints
