# SPDX-License-Identifier: AGPL-3.0-or-later
"""A network and a process table of a row's own, which vanish with the row.

`unshare` (util-linux) makes both; when its first process ends, the kernel ends every
other one in there, so that a row leaves nothing behind even when it is killed. No name
in `ip netns`, nothing to clean up.
"""

import os
import shutil
import subprocess

# baresip takes no 127.0.0.1 for a network: the loopback gets an address that it takes.
ADDRESS = "10.9.9.1"
_PREPARE = f'ip link set lo up && ip address add {ADDRESS}/24 dev lo && exec "$@"'


class NoPrivateNetwork(Exception):
    """This machine lets us make none; the text says what is missing."""


def command(program: list[str]) -> list[str]:
    """Return the command that runs the program in a network of its own, as who runs this."""
    return [*_unshare(), "sh", "-c", _PREPARE, "sh", *_as_before(), *program]


def check() -> None:
    """Raise NoPrivateNetwork, with what to do, where `command` would fail."""
    for tool, package in (("unshare", "util-linux"), ("ip", "iproute2")):
        if shutil.which(tool) is None:
            raise NoPrivateNetwork(f"{tool} is missing: apt-get install {package}")
    tried = subprocess.run(
        command(["true"]), capture_output=True, text=True, timeout=20, check=False
    )
    if tried.returncode:
        raise NoPrivateNetwork(
            "a network of its own needs root, or user namespaces for ordinary users"
            f" (sysctl kernel.unprivileged_userns_clone): {tried.stderr.strip()}"
        )


def _as_before() -> list[str]:
    """Give what makes an ordinary user of its root again.

    CUPS and others give files away where they seem to be root, and there is nobody to give to.
    """
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        return []
    return ["unshare", "--user", f"--map-user={user}", f"--map-group={group}", "--"]


def _unshare() -> list[str]:
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return [
        *("unshare", *user, "--net", "--pid", "--fork", "--mount-proc"),
        "--kill-child=SIGKILL",
    ]
