# SPDX-License-Identifier: AGPL-3.0-or-later
"""A machine whose DNS hears every question and answers none, for stories that are told there.

`run_with_silent_dns` runs a module of `stage` where network, name and file of hosts are its
own; the module makes a `SilentDns` there and prints what it saw as JSON.
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

from stage.processes import ProgramFailed

MACHINE = "counter-nowhere"
DNS_PORT = 53
_PREPARE = (
    f"ip link set lo up && hostname {MACHINE} && "
    'mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && '
    'shift 2 && exec "$@"'
)


def run_with_silent_dns(
    module: str, hosts: str, *, limit_seconds: float
) -> dict[str, Any]:
    """Run the module where /etc/hosts holds these lines; give what it printed last.

    It is given an empty folder, which goes afterwards. Raises ProgramFailed.
    """
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    with (
        tempfile.TemporaryDirectory(prefix="guichet-test-") as settings,
        tempfile.TemporaryDirectory(prefix="guichet-test-") as folder,
    ):
        files = {"hosts": hosts, "resolv": "nameserver 127.0.0.1\n"}
        for name, text in files.items():
            (Path(settings) / name).write_text(text)
        done = subprocess.run(
            [
                *("unshare", *user, "--net", "--mount", "--uts", "--pid", "--fork"),
                *("--mount-proc", "--kill-child=SIGKILL", "sh", "-c", _PREPARE, "sh"),
                *(str(Path(settings) / name) for name in files),
                *(sys.executable, "-m", module, folder),
            ],
            capture_output=True,
            text=True,
            timeout=limit_seconds,
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
