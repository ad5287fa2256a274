# SPDX-License-Identifier: AGPL-3.0-or-later
"""A provisioned system of which only Asterisk runs, for tests that start the rest."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from stage.stack import Stage, StageOptions


@contextmanager
def asterisk_alone(
    prepare: Callable[[Stage], None] = lambda _stage: None,
) -> Iterator[Stage]:
    """Give the stage; softphones are let in, and counsellors take calls by themselves.

    `prepare` changes its site before Asterisk starts.
    """
    directory = Path(tempfile.mkdtemp(prefix="guichet-test-"))
    try:
        options = StageOptions(softphones=True, provisions_in_process=True)
        with Stage(directory, options) as stage:
            stage.prepare()
            forget_wrap_up(stage)
            prepare(stage)
            stage.start("asterisk")
            yield stage
    finally:
        shutil.rmtree(directory)


def forget_wrap_up(stage: Stage) -> None:
    """Let counsellors take the next call at once, so that tests need not wait for them."""
    database = stage.database()
    with database.write() as session:
        for table in ("queues", "queue_members"):
            session.execute(text(f"UPDATE {table} SET wrapuptime = 0"))
    database.dispose()
