# SPDX-License-Identifier: AGPL-3.0-or-later
"""A process that works on strangers' files, and does what the author of such a file has it do."""

import ctypes
import os
import socket
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

_LIBC = ctypes.CDLL(None, use_errno=True)
_GET_NO_NEW_PRIVS, _PTRACE_ATTACH = 39, 16


def run(module: str) -> None:
    """Be that module's process; whatever it is asked, steal what the order names."""
    stolen = import_module(module)

    def answer(*told: Any) -> dict[str, Any]:
        order = next(each for each in told if isinstance(each, dict))
        names = [name for name in (*_THEFTS, *_ITS_OWN) if name not in order["without"]]
        return {name: _tried(name, order) for name in names}

    stolen._answer = answer  # type: ignore[attr-defined]
    stolen.main()


def _tried(name: str, order: dict[str, Any]) -> str:
    try:
        return f"done: {({**_THEFTS, **_ITS_OWN})[name](order)}"
    except OSError as error:
        return f"refused: {error.strerror}"


def _read(path: str) -> str:
    return Path(path).read_bytes()[:20].decode(errors="replace")


def _connect_to_program(order: dict[str, Any]) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(order["socket"])


def _connect_to_port(order: dict[str, Any]) -> None:
    with socket.create_connection(("127.0.0.1", order["port"]), 5):
        pass


def _send_a_packet(order: dict[str, Any]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"stolen", ("127.0.0.1", order["port"]))


def _fork(_order: dict[str, Any]) -> None:
    if os.fork() == 0:
        os._exit(0)


def _attach(order: dict[str, Any]) -> None:
    if _LIBC.ptrace(_PTRACE_ATTACH, order["server"], None, None) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _replace_itself(_order: dict[str, Any]) -> None:
    os.execv("/bin/true", ["true"])


_THEFTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "the database": lambda order: _read(order["database"]),
    "writing in the database": lambda order: open(order["database"], "r+b").close(),
    "a key": lambda order: _read(order["key"]),
    "who may read a key": lambda order: os.chmod(order["key"], 0o644),
    "when a key was written": lambda order: os.utime(order["key"], (0, 0)),
    "another's file": lambda order: os.listdir(order["beside"]),
    "the users": lambda _: _read("/etc/passwd"),
    "the server's environment": lambda order: _read(f"/proc/{order['server']}/environ"),
    "the processes": lambda _: len(os.listdir("/proc")),
    "a file elsewhere": lambda order: Path(order["beside"], "left").write_text("x"),
    "a program's socket": _connect_to_program,
    "a port": _connect_to_port,
    "a packet": _send_a_packet,
    "another process": _fork,
    "another program": _replace_itself,
    "a signal": lambda order: os.kill(order["server"], 0),
    "the server's memory": _attach,
}
_ITS_OWN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "its place": lambda _: Path(tempfile.gettempdir(), "own").write_text("x"),
    "no new privileges": lambda _: _LIBC.prctl(_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
    "what it is told": lambda _: sorted(os.environ),
}
THEFTS = tuple(_THEFTS)
