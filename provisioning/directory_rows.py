# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads the directory's tables into a snapshot and carries a plan's changes out in them.

Works in the caller's transaction and never commits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table
from sqlalchemy import column as sql_column
from sqlalchemy import delete, func, inspect, select, table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from provisioning.credentials import hash_password, new_session_key, token_digest
from provisioning.database import Base
from provisioning.errors import StillReferenced
from provisioning.models import (
    Counsellor,
    Counter,
    Kiosk,
    Organisation,
    Relay,
    User,
    VisitReason,
)
from provisioning.plan import Action, Change, Fields, Kind, Snapshot


@dataclass(frozen=True)
class KindTable:
    """How a kind is stored: plain fields, and references (kept as `<field>_id`)."""

    model: Any
    key: str
    plain: tuple[str, ...]
    references: Mapping[str, Kind]


TABLES: Mapping[Kind, KindTable] = {
    Kind.RELAY: KindTable(
        Relay,
        "slug",
        (
            "name",
            "commune",
            "address",
            "time_zone",
            "latitude",
            "longitude",
            "telephone",
            "room",
        ),
        {},
    ),
    Kind.ORGANISATION: KindTable(
        Organisation,
        "slug",
        (
            "name",
            "short_name",
            "abandon_after_seconds",
            "appointment_minutes",
            "telephone",
            "time_zone",
        ),
        {},
    ),
    Kind.KIOSK: KindTable(Kiosk, "slug", (), {"relay": Kind.RELAY}),
    Kind.COUNTER: KindTable(
        Counter, "slug", ("name",), {"organisation": Kind.ORGANISATION}
    ),
    Kind.REASON: KindTable(
        VisitReason,
        "slug",
        ("name", "pictogram", "minutes", "position", "papers"),
        {"organisation": Kind.ORGANISATION},
    ),
    Kind.COUNSELLOR: KindTable(
        Counsellor, "slug", ("name", "softphone"), {"organisation": Kind.ORGANISATION}
    ),
    Kind.USER: KindTable(
        User,
        "email",
        ("name", "role"),
        {"relay": Kind.RELAY, "organisation": Kind.ORGANISATION},
    ),
}


def read_snapshot(session: Session) -> Snapshot:
    """Read everything that exists, in the order of the keys."""
    keys: dict[Kind, dict[int, str]] = {
        kind: {
            row_id: key
            for row_id, key in session.execute(select(stored.model.id, _key(stored)))
        }
        for kind, stored in TABLES.items()
    }
    return {
        kind: {
            getattr(row, stored.key): _fields(row, stored, keys)
            for row in session.scalars(select(stored.model).order_by(_key(stored)))
        }
        for kind, stored in TABLES.items()
    }


def write_change(
    session: Session,
    change: Change,
    tokens: Mapping[str, str],
    passwords: Mapping[str, str],
) -> None:
    """Carry one change out; raises StillReferenced where a removal is impossible.

    `tokens` and `passwords` hold the new ones of kiosks and users, by key.
    """
    if change.action is Action.REMOVE:
        _remove(session, change)
        return
    stored = TABLES[change.kind]
    columns = {
        name: (
            after
            if name not in stored.references
            else _id(session, stored, name, after)
        )
        for name, (_, after) in change.fields.items()
    }
    columns = {
        f"{name}_id" if name in stored.references else name: value
        for name, value in columns.items()
    }
    if change.action is Action.CHANGE:
        row = find(session, change.kind, change.key)
        for name, value in columns.items():
            setattr(row, name, value)
    else:
        columns[stored.key] = change.key
        if change.kind is Kind.KIOSK:
            columns["token_digest"] = token_digest(tokens[change.key])
        if change.kind is Kind.USER:
            columns["password"] = hash_password(passwords[change.key])
            columns["fs_uniquifier"] = new_session_key()
        session.add(stored.model(**columns))
    session.flush()


def find(session: Session, kind: Kind, key: str) -> Any:
    """Give the row of that kind and key, which must exist."""
    stored = TABLES[kind]
    return session.scalars(select(stored.model).where(_key(stored) == key)).one()


def _remove(session: Session, change: Change) -> None:
    stored = TABLES[change.kind]
    row_id = find(session, change.kind, change.key).id
    try:
        with session.begin_nested():
            session.execute(delete(stored.model).where(stored.model.id == row_id))
    except IntegrityError as error:
        uses = _uses(session, stored.model.__table__, row_id)
        raise StillReferenced(change.kind, change.key, uses) from error


def _uses(session: Session, referred: Table, row_id: int) -> dict[str, int]:
    # The tables that refer to the row may belong to another room: the database knows them.
    inspector = inspect(session.connection())
    uses: dict[str, int] = {}
    for name in inspector.get_table_names():
        for foreign_key in inspector.get_foreign_keys(name):
            if foreign_key["referred_table"] != referred.name:
                continue
            [constrained] = foreign_key["constrained_columns"]
            count = session.scalar(
                select(func.count())
                .select_from(table(name))
                .where(sql_column(constrained) == row_id)
            )
            if count:
                uses[name] = uses.get(name, 0) + count
    return uses


def _fields(
    row: Any, stored: KindTable, keys: Mapping[Kind, Mapping[int, str]]
) -> Fields:
    fields = {name: getattr(row, name) for name in stored.plain}
    for name, kind in stored.references.items():
        fields[name] = keys[kind].get(getattr(row, f"{name}_id"))
    return fields


def _id(session: Session, stored: KindTable, name: str, key: Any) -> int | None:
    if key is None:
        return None
    return find(session, stored.references[name], str(key)).id


def _key(stored: KindTable) -> Any:
    return getattr(stored.model, stored.key)


def is_ready(session: Session) -> bool:
    """Tell whether the database has the directory's tables."""
    inspector = inspect(session.connection())
    wanted: list[type[Base]] = [stored.model for stored in TABLES.values()]
    return all(inspector.has_table(model.__tablename__) for model in wanted)
