# SPDX-License-Identifier: AGPL-3.0-or-later
"""How each kind of entry is stored, and the directory's tables read into a snapshot.

Works in the caller's transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from provisioning.database.engine import Base
from provisioning.database.models import (
    Counsellor,
    Counter,
    Kiosk,
    Organisation,
    Relay,
    User,
    VisitReason,
)
from provisioning.database.realtime import PjsipAuth
from provisioning.directory.errors import RowsMissing
from provisioning.inventory.plan import Fields, Kind, Snapshot


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
            "interprets",
            "wrap_up_seconds",
            "missed_rings_allowed",
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
        Counsellor,
        "slug",
        ("name", "softphone", "in_clear", "browser"),
        {"organisation": Kind.ORGANISATION},
    ),
    Kind.USER: KindTable(
        User,
        "email",
        ("name", "role"),
        {
            "relay": Kind.RELAY,
            "organisation": Kind.ORGANISATION,
            "counsellor": Kind.COUNSELLOR,
        },
    ),
}


def read_snapshot(session: Session) -> Snapshot:
    """Read everything that exists, in the order of the keys."""
    keys: dict[Kind, dict[int, str]] = {
        kind: {
            row_id: key
            for row_id, key in session.execute(
                select(stored.model.id, key_column(stored))
            )
        }
        for kind, stored in TABLES.items()
    }
    return {
        kind: {
            getattr(row, stored.key): _fields(row, stored, keys)
            for row in session.scalars(
                select(stored.model).order_by(key_column(stored))
            )
        }
        for kind, stored in TABLES.items()
    }


def find(session: Session, kind: Kind, key: str) -> Any:
    """Give the row of that kind and key, which must exist."""
    stored = TABLES[kind]
    return session.scalars(select(stored.model).where(key_column(stored) == key)).one()


def _fields(
    row: Any, stored: KindTable, keys: Mapping[Kind, Mapping[int, str]]
) -> Fields:
    fields = {name: getattr(row, name) for name in stored.plain}
    for name, kind in stored.references.items():
        fields[name] = keys[kind].get(getattr(row, f"{name}_id"))
    return fields


def key_column(stored: KindTable) -> Any:
    """Give the column by which entries of this kind are named."""
    return getattr(stored.model, stored.key)


def is_ready(session: Session) -> bool:
    """Tell whether the database has the directory's tables."""
    inspector = inspect(session.connection())
    wanted: list[type[Base]] = [stored.model for stored in TABLES.values()]
    return all(inspector.has_table(model.__tablename__) for model in wanted)


def auth_of(session: Session, slug: str) -> PjsipAuth:
    """Give the row by which Asterisk knows a kiosk or counsellor; raises RowsMissing."""
    auth = session.get(PjsipAuth, slug)
    if auth is None:
        raise RowsMissing(slug)
    return auth
