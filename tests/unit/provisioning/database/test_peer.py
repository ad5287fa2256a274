# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root is let in by this machine's PostgreSQL, and stays root for all else."""

import os
import pwd
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from provisioning.database.engine import Database
from provisioning.database.peer import peer_of

NOBODY = pwd.getpwnam("nobody")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root is another one")


@pytest.fixture
def server() -> Iterator[tuple[Path, list[tuple[int, int]]]]:
    """Give the folder of a socket that hangs up, and who came by it (user, group)."""
    came: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX) as there:
        os.chmod(name, 0o755)
        path = Path(name) / ".s.PGSQL.5432"
        there.bind(str(path))
        path.chmod(0o777)
        there.listen()

        def hang_up() -> None:
            while True:
                try:
                    caller, _ = there.accept()
                except OSError:
                    return
                with caller:
                    told = caller.getsockopt(
                        socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
                    )
                    _, user, group = struct.unpack("3i", told)
                    came.append((user, group))

        thread = threading.Thread(target=hang_up)
        thread.start()
        yield Path(name), came
        there.shutdown(socket.SHUT_RDWR)
        thread.join()


def try_to_connect(url: str) -> None:
    database = Database(url)
    with pytest.raises(OperationalError), database.read() as session:
        session.connection()
    database.dispose()


@as_root
def test_root_comes_as_the_user_of_the_address_and_stays_root(server) -> None:
    folder, came = server
    try_to_connect(f"postgresql+psycopg://nobody@/guichet?host={folder}")
    assert set(came) == {(NOBODY.pw_uid, NOBODY.pw_gid)}
    assert (os.geteuid(), os.getegid()) == (0, 0)


@as_root
def test_who_has_a_password_or_is_unknown_here_comes_as_root(server) -> None:
    folder, came = server
    for who in ("nobody:secret", "no-such-user-here", "root"):
        try_to_connect(f"postgresql+psycopg://{who}@/guichet?host={folder}")
    assert set(came) == {(0, 0)}


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
