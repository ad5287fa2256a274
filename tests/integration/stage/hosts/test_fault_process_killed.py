# SPDX-License-Identifier: AGPL-3.0-or-later
"""A process that has hosts is killed: the next set takes back all that it left."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stage.hosts.control_group import ControlGroup
from stage.hosts.host_set import SETS, HostSet, names_of_sets, remove_left_sets
from stage.hosts.network import namespaces
from stage.waiting import wait_for

pytestmark = pytest.mark.real
SCRIPT = Path(__file__).parents[4] / "script"
OWNER = """
import sys
from stage.hosts.host_set import HostSet
made = HostSet.make(sys.argv[1])
made.add("kiosk").boot()
print("booted", flush=True)
sys.stdin.read()
"""


def test_nothing_is_left_after_a_kill(host_set: HostSet) -> None:
    name = f"k{os.getpid()}"
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, name],
        env={**os.environ, "PYTHONPATH": str(SCRIPT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None and owner.stdout.readline() == "booted\n"
    left = HostSet.find(name)
    host = left.host("kiosk")
    assert name not in remove_left_sets() and host.is_up

    owner.kill()
    owner.communicate()
    # The kernel pulls the plug; the network waits for whoever makes the next set.
    wait_for(lambda: not host.is_up, "the host is off")
    assert name in remove_left_sets()

    assert name not in names_of_sets()
    assert not (SETS / name).exists()
    assert not [each for each in namespaces() if f".{name}." in each]
    assert not ControlGroup.of_machine().below(f"{SETS.name}/{name}").path.exists()
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8")
    assert f"{SETS}/{name}" not in mounts
