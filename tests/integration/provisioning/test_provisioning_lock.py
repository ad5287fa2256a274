# SPDX-License-Identifier: AGPL-3.0-or-later
"""Applying a large inventory keeps nobody waiting: slow work is done before the lock."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, select

from provisioning.database.engine import Database
from provisioning.database.models import User
from provisioning.database.schema import upgrade_directory
from provisioning.directory import new_secrets
from provisioning.directory.credentials import is_password
from provisioning.directory.entries import planner_of
from provisioning.directory.service import Directory, Outcome
from provisioning.inventory.reading import read_inventory

USERS = 300
MOST_STATEMENTS = 100


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the file of an empty directory's database."""
    upgrade_directory(f"sqlite:///{tmp_path / 'guichet.db'}")
    return tmp_path / "guichet.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{file}")
    yield database
    database.dispose()


def inventory_of(users: int, folder: Path) -> Path:
    """Write an inventory of relays and as many secretaries."""
    parts = [
        f'[[relays]]\nslug = "relay-{number}"\nname = "Relais {number}"\n'
        f'commune = "Commune {number}"\n'
        for number in range(10)
    ]
    parts += [
        f'[[users]]\nemail = "mairie{number}@guichet.example"\n'
        f'name = "Mairie {number}"\nrole = "secretary"\nrelay = "relay-{number % 10}"\n'
        for number in range(users)
    ]
    path = folder / f"inventory-{users}.toml"
    path.write_text("\n".join(parts))
    return path


def apply(database: Database, inventory: Path) -> Outcome:
    planner = planner_of(read_inventory(inventory), prune=False)
    return Directory(database).apply(planner, lambda outcome: None)


def password_of(outcome: Outcome, email: str) -> str:
    [found] = [each.password for each in outcome.passwords if each.email == email]
    return found


@pytest.fixture
def hashing(file: Path, monkeypatch) -> list[str]:
    """Have each hash made while somebody else writes, who waits for nobody."""
    hashed: list[str] = []

    def hash_while_others_write(password: str) -> str:
        connection = sqlite3.connect(file, isolation_level=None, timeout=0)
        # Fails at once with "database is locked" where a writing transaction is open.
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
        connection.close()
        hashed.append(password)
        return f"hash of {password}"

    monkeypatch.setattr(new_secrets, "hash_password", hash_while_others_write)
    return hashed


def test_no_statement_waits_for_a_hash(database, hashing, tmp_path) -> None:
    outcome = apply(database, inventory_of(3, tmp_path))
    assert hashing == [each.password for each in outcome.passwords]
    with database.read() as session:
        stored = list(session.scalars(select(User.password).order_by(User.id)))
    assert stored == [f"hash of {password}" for password in hashing]


def test_a_password_is_renewed_without_anybody_waiting(
    database, hashing, tmp_path
) -> None:
    apply(database, inventory_of(1, tmp_path))
    email = "mairie0@guichet.example"
    outcome = Directory(database).rotate(email, lambda outcome: None)
    with database.read() as session:
        stored = session.scalar(select(User.password).where(User.email == email))
    assert stored == f"hash of {password_of(outcome, email)}"


def test_three_hundred_users_are_written_in_a_few_statements(
    database, hashing, tmp_path
) -> None:
    statements: list[str] = []

    def note(connection, _cursor, statement, *_others) -> None:
        options = connection.get_execution_options()
        if options.get("sqlite_begin") == "IMMEDIATE":
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    apply(database, inventory_of(USERS, tmp_path))
    assert len(hashing) == USERS
    assert 0 < len(statements) < MOST_STATEMENTS


def test_who_is_added_while_passwords_are_hashed_gets_one_too(
    database, tmp_path, monkeypatch
) -> None:
    # While the second user's inventory is hashed, somebody else removes the first user.
    first = apply(database, inventory_of(1, tmp_path))
    email = "mairie0@guichet.example"
    made = new_secrets.hash_password

    def hash_while_somebody_removes(password: str) -> str:
        with database.write() as session:
            for user in session.scalars(select(User).where(User.email == email)):
                session.delete(user)
        return made(password)

    monkeypatch.setattr(new_secrets, "hash_password", hash_while_somebody_removes)
    outcome = apply(database, inventory_of(2, tmp_path))
    assert {each.email for each in outcome.passwords} == {
        email,
        "mairie1@guichet.example",
    }
    assert password_of(outcome, email) != password_of(first, email)
    with database.read() as session:
        stored = session.scalar(select(User.password).where(User.email == email))
    assert is_password(password_of(outcome, email), stored)
