# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root is let in by this machine's PostgreSQL, and stays root for all else."""

import os
import pwd
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import make_url

from provisioning.database.engine import Database
from provisioning.database.peer import peer_of

NOBODY = pwd.getpwnam("nobody")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root is another one")


@as_root
@pytest.mark.parametrize(
    ("who", "comes_as"),
    [
        ("nobody", (NOBODY.pw_uid, NOBODY.pw_gid)),
        ("nobody:secret", (0, 0)),
        ("no-such-user-here", (0, 0)),
        ("root", (0, 0)),
    ],
)
def test_root_connects_as_the_user_of_the_address_and_stays_root(
    tmp_path: Path, who: str, comes_as: tuple[int, int]
) -> None:
    database = Database(f"postgresql+psycopg://{who}@/guichet?host={tmp_path}")
    came: list[tuple[int, int]] = []

    def connect(*_arguments: object, **_named: object) -> NoReturn:
        came.append((os.geteuid(), os.getegid()))
        raise ConnectionRefusedError

    database.engine.dialect.connect = connect
    with pytest.raises(ConnectionRefusedError), database.read() as session:
        session.connection()
    assert set(came) == {comes_as}
    assert (os.geteuid(), os.getegid()) == (0, 0)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://nobody@127.0.0.1/guichet",
        "postgresql+psycopg://nobody@db.example/guichet",
        "postgresql+psycopg://nobody:secret@/guichet?host=/run",
        "postgresql+psycopg:///guichet?host=/run",
        "postgresql+psycopg://root@/guichet?host=/run",
    ],
)
def test_nobody_else_is_needed(address: str) -> None:
    assert peer_of(make_url(address)) is None


def test_an_ordinary_user_stays_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert peer_of(make_url("postgresql+psycopg://nobody@/guichet?host=/run")) is None
