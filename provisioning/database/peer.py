# SPDX-License-Identifier: AGPL-3.0-or-later
"""Connects root to this machine's PostgreSQL as the user that its address names.

A server of packages is reached by a socket, and PostgreSQL asks the kernel who comes ("peer").
Whoever administers the machine types commands as root, whom it does not know. Nothing but the
connection is made as the other user: what the command writes is root's.
"""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Engine, event
from sqlalchemy.engine import Dialect

ROOT = 0


def connect_as_peer(engine: Engine) -> None:
    """Have the engine connect as the address's user where root needs it."""
    user = peer_of(engine.url)
    if user is None:
        return

    def connect(
        dialect: Dialect, _record: Any, arguments: list[Any], named: dict[str, Any]
    ) -> Any:
        with _being(user):
            return dialect.connect(*arguments, **named)

    event.listen(engine, "do_connect", connect)


def peer_of(url: URL) -> pwd.struct_passwd | None:
    """Give the user that PostgreSQL expects; None where the caller is as good as any."""
    host = url.host or url.query.get("host")
    has_socket = host is None or str(host).startswith("/")
    if os.geteuid() != ROOT or not has_socket or url.password or not url.username:
        return None
    try:
        user = pwd.getpwnam(url.username)
    except KeyError:
        return None
    return user if user.pw_uid != ROOT else None


@contextmanager
def _being(user: pwd.struct_passwd) -> Iterator[None]:
    group = os.getegid()
    os.setegid(user.pw_gid)
    os.seteuid(user.pw_uid)
    try:
        yield
    finally:
        os.seteuid(ROOT)
        os.setegid(group)
