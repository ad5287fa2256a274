# SPDX-License-Identifier: AGPL-3.0-or-later
"""Carries a plan's changes out in the directory's tables, in few statements.

Works in the caller's transaction and never commits: others wait for it to end, so what is
alike is read and written together, however many entries there are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Table, delete, func, insert, inspect, select, table
from sqlalchemy import column as sql_column
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from provisioning.directory.credentials import SipSecret, new_session_key
from provisioning.directory.digests import digest_of
from provisioning.directory.errors import StillReferenced
from provisioning.directory.kiosk_secrets import store_alone
from provisioning.directory.rows import TABLES, KindTable, find, key_column
from provisioning.inventory.plan import Action, Change, Kind

# Far below the number of parameters that any database takes in one statement.
ROWS_AT_ONCE = 500


class DirectoryWriter:
    """Writes changes; `tokens` has the new ones of kiosks, `hash_of` of users' passwords."""

    def __init__(
        self,
        session: Session,
        tokens: Mapping[str, str],
        hash_of: Callable[[str], str],
    ) -> None:
        self._session = session
        self._tokens = tokens
        self._hash_of = hash_of

    def write(self, changes: Iterable[Change]) -> None:
        """Carry them out in order; raises StillReferenced where a removal is impossible."""
        for (kind, action), alike in groupby(changes, lambda c: (c.kind, c.action)):
            some = list(alike)
            if action is Action.REMOVE:
                for change in some:
                    _remove(self._session, change)
            elif action is Action.CHANGE:
                self._change(kind, some)
            else:
                self._add(kind, some)

    def _add(self, kind: Kind, changes: Sequence[Change]) -> None:
        stored = TABLES[kind]
        rows = []
        for change, columns in self._columns(stored, changes):
            columns[stored.key] = change.key
            if kind is Kind.KIOSK:
                columns["token_digest"] = digest_of(self._tokens[change.key])
            if kind is Kind.USER:
                columns["password"] = self._hash_of(change.key)
                columns["session_key"] = new_session_key()
            rows.append(columns)
        self._session.execute(insert(stored.model), rows)

    def _change(self, kind: Kind, changes: Sequence[Change]) -> None:
        stored = TABLES[kind]
        rows = rows_by_key(self._session, kind, [change.key for change in changes])
        for change, columns in self._columns(stored, changes):
            for name, value in columns.items():
                setattr(rows[change.key], name, value)
        self._session.flush()

    def _columns(
        self, stored: KindTable, changes: Sequence[Change]
    ) -> list[tuple[Change, dict[str, Any]]]:
        """Give the columns that each change sets, references as numbers."""
        ids = {
            name: self._ids(kind, {change.fields.get(name) for change in changes})
            for name, kind in stored.references.items()
        }
        return [
            (
                change,
                {
                    f"{name}_id" if name in ids else name: (
                        ids[name][after] if name in ids else after
                    )
                    for name, (_, after) in change.fields.items()
                },
            )
            for change in changes
        ]

    def _ids(
        self, kind: Kind, told: Iterable[tuple[Any, Any] | None]
    ) -> dict[Any, int | None]:
        keys = {each[1] for each in told if each is not None} - {None}
        rows = rows_by_key(self._session, kind, sorted(map(str, keys)))
        return {None: None} | {key: row.id for key, row in rows.items()}


def rows_by_key(session: Session, kind: Kind, keys: Sequence[str]) -> dict[str, Any]:
    """Give the rows of that kind with these keys, all of which must exist."""
    stored = TABLES[kind]
    rows: dict[str, Any] = {}
    for start in range(0, len(keys), ROWS_AT_ONCE):
        some = keys[start : start + ROWS_AT_ONCE]
        query = select(stored.model).where(key_column(stored).in_(some))
        rows |= {getattr(row, stored.key): row for row in session.scalars(query)}
    return rows


def store_tokens(session: Session, secrets: Sequence[SipSecret]) -> None:
    """Store the new tokens of kiosks, and the codes that let their screens in."""
    made = {each.slug: each for each in secrets if each.token is not None}
    for slug, kiosk in rows_by_key(session, Kind.KIOSK, sorted(made)).items():
        store_alone(session, kiosk, made[slug], datetime.now(UTC))


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
            if foreign_key["options"].get("ondelete") == "CASCADE":
                # It goes with the row and keeps nobody from removing it.
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
