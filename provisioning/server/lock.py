# SPDX-License-Identifier: AGPL-3.0-or-later
"""One administrator at a time: who comes second is told who is at work, and since when."""

import fcntl
import json
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from provisioning.server.errors import ServerError

LOCK_FILE = Path("/run/guichet-server.lock")


class SomebodyAtWork(ServerError):
    """Another command that changes the server is running."""


@contextmanager
def one_at_a_time(command: str, file: Path = LOCK_FILE) -> Iterator[None]:
    """Hold the server for this command; raises SomebodyAtWork where it is held.

    The lock is the kernel's: it ends with the process, however that ends.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SomebodyAtWork(_who(file)) from error
        told = {"who": _person(), "command": command, "process": os.getpid()}
        told["since"] = datetime.now().astimezone().isoformat(timespec="seconds")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(told).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def is_somebody_at_work(file: Path = LOCK_FILE) -> bool:
    """Tell whether a command that changes the server is running; keeps nobody waiting."""
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _who(file: Path) -> str:
    try:
        told = json.loads(file.read_text())
        since = datetime.fromisoformat(told["since"])
        return (
            f"{told['who']} has been running {told['command']} (process"
            f" {told['process']}) since {since:%H:%M:%S}: wait until it has ended"
        )
    except (OSError, ValueError, KeyError):
        return "another guichet-server is at work: wait until it has ended"


def _person() -> str:
    # By sudo, or by login; root where neither tells.
    try:
        return os.environ.get("SUDO_USER") or os.getlogin()
    except OSError:
        return pwd.getpwuid(os.getuid()).pw_name
