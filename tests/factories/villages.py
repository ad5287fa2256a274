# SPDX-License-Identifier: AGPL-3.0-or-later
"""Networks of villages for a test, and a call that is placed from within the server's."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from stage.processes import run_once
from stage.stack import REPOSITORY, Stage
from stage.village_network import NoVillageNetwork, ServerNetwork

_PLACE_CALL = """
import sys
from pathlib import Path
from stage.ami import BareAmi
site, kiosk, appointment = sys.argv[1:]
with BareAmi.of_site(Path(site)) as ami:
    ami.place_call(kiosk, "msa", f"gv-{appointment}-1", appointment=appointment)
    ami.wait_event("QueueCallerJoin")
"""


@contextmanager
def server_network() -> Iterator[ServerNetwork]:
    """Give the network in which a server is; skips where this machine lets us make none."""
    try:
        server = ServerNetwork()
    except NoVillageNetwork as error:
        pytest.skip(str(error))
    try:
        yield server
    finally:
        server.close()


def place_call_in(
    server: ServerNetwork, stage: Stage, kiosk: str, appointment: str
) -> None:
    """Have the kiosk called; return once it waits in the MSA's queue.

    The manager is on the loopback of a network that this process is not in.
    """
    run_once(
        [*server.enter, sys.executable, "-c", _PLACE_CALL]
        + [str(stage.settings_file), kiosk, appointment],
        directory=stage.directory,
        environment={"PYTHONPATH": str(REPOSITORY / "script")},
    )
