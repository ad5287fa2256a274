# SPDX-License-Identifier: AGPL-3.0-or-later
"""A system on a machine whose DNS never answers: who asks it what, and does a call come up?

Run as `python -m stage.dns_away`, it makes the system, places a call, and prints what it saw
as JSON; `run_without_dns` runs it on a machine of its own (network, name, file of hosts).
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from stage.ami import BareAmi
from stage.asterisk_alone import asterisk_alone
from stage.processes import ProgramFailed
from stage.waiting import NotInTime

MACHINE = "counter-nowhere"
KIOSK, ORGANISATION = "kiosk-wassigny", "msa"
COUNSELLOR = "counsellor-msa-1"
DNS_PORT = 53
CALL_SECONDS = 20.0
STORY_SECONDS = 150.0
_PREPARE = (
    f"ip link set lo up && hostname {MACHINE} && "
    'mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && '
    'shift 2 && exec "$@"'
)


def run_without_dns(hosts: str) -> dict[str, Any]:
    """Run the story where /etc/hosts holds these lines; give what it printed.

    `refused` holds what `guichet-provision site` said against it, else `connected` tells
    whether a call came up, and `names` what the DNS was asked for meanwhile.
    """
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    with tempfile.TemporaryDirectory(prefix="guichet-test-") as folder:
        files = {"hosts": hosts, "resolv": "nameserver 127.0.0.1\n"}
        for name, text in files.items():
            (Path(folder) / name).write_text(text)
        done = subprocess.run(
            [
                *("unshare", *user, "--net", "--mount", "--uts", "--pid", "--fork"),
                *("--mount-proc", "--kill-child=SIGKILL", "sh", "-c", _PREPARE, "sh"),
                *(str(Path(folder) / name) for name in files),
                *(sys.executable, "-m", "stage.dns_away"),
            ],
            capture_output=True,
            text=True,
            timeout=STORY_SECONDS,
            check=False,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )
    if done.returncode:
        raise ProgramFailed(done.stdout + done.stderr)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


class SilentDns:
    """Hears every question on this machine's port 53, and answers none."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", DNS_PORT))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            question = self._socket.recv(4096)
            self.names.append(_name_in(question))


def _name_in(question: bytes) -> str:
    """Read the name asked for (RFC 1035, 4.1.2)."""
    labels, position = [], 12
    while length := question[position]:
        labels.append(question[position + 1 : position + 1 + length].decode())
        position += 1 + length
    return ".".join(labels)


def story() -> dict[str, Any]:
    """Make the system, place a call, and tell what was seen."""
    dns = SilentDns()
    try:
        with asterisk_alone() as stage:
            stage.start(KIOSK, COUNSELLOR)
            dns.names.clear()
            with BareAmi.of_site(stage.settings_file) as ami:
                ami.place_call(KIOSK, ORGANISATION, "gv-1-1")
                try:
                    ami.wait_event("AgentConnect", CALL_SECONDS)
                    connected = True
                except NotInTime:
                    connected = False
            return {"refused": "", "connected": connected, "names": dns.names}
    except ProgramFailed as refused:
        return {"refused": str(refused)}


if __name__ == "__main__":
    print(json.dumps(story()))
