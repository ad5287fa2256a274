# SPDX-License-Identifier: AGPL-3.0-or-later
"""One at a time: a backup, a restoration or a move of the database on one machine."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from provisioning.server.backup.errors import AnotherIsRunning
from provisioning.server.backup.places import Places


@contextmanager
def only_one(places: Places) -> Iterator[None]:
    """Be the only one at work; raises AnotherIsRunning. Whoever is killed lets go of it."""
    places.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(places.work / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise AnotherIsRunning(
            "a backup or a restoration is under way on this machine: wait for its end"
        ) from error
    else:
        yield
    finally:
        os.close(lock)
