# SPDX-License-Identifier: AGPL-3.0-or-later
"""The network between hosts: a bridge, a line to each, one name server; no way out.

All of it lies in network namespaces of its own, so that any number of such networks may have
the same addresses side by side. Address and line are the network's, not the host's: they are
there before the host boots, and can be cut or changed while it runs.

The addresses are public ones that nobody has (TEST-NET-3 of RFC 5737): to a server, private
ones are those of its own site. Private networks lie behind routers: see `router`.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from stage.hosts.control_group import ControlGroup
from stage.waiting import PATIENCE, wait_for

SUBNET = "203.0.113"
GATEWAY = f"{SUBNET}.1"
_TOOLS = {
    "ip": "iproute2",
    "ethtool": "ethtool",
    "nft": "nftables",
    "dnsmasq": "dnsmasq-base",
    "nsenter": "util-linux",
    "unshare": "util-linux",
}
# Checksums that a network card would write are written by nobody between two namespaces.
OFFLOADS = "rx off tx off tso off gso off gro off"


class NoNetwork(Exception):
    """This machine cannot make the network; the text says what is missing."""


class Network:
    """A set's network: `name` keeps it apart from those of others, `folder` is its own."""

    def __init__(self, name: str, folder: Path, group: ControlGroup) -> None:
        self._name, self._group = name, group
        self._names_file = folder / "names"
        self._bridge = self.namespace("bridge")

    def namespace(self, host: str) -> str:
        """Give the name of a host's network namespace (ip-netns(8))."""
        return f"guichet-hosts.{self._name}.{host}"

    def enter(self, host: str = "bridge") -> list[str]:
        """Give the command behind which a program runs in a host's network."""
        return ["nsenter", f"--net=/run/netns/{self.namespace(host)}", "--"]

    def address(self, number: int) -> str:
        """Give the address of that number."""
        return f"{SUBNET}.{number}"

    def start(self) -> None:
        """Make the bridge and start the name server; raise NoNetwork."""
        check_tools()
        do([], f"ip netns add {self._bridge}")
        do(
            self.enter(),
            "ip link set lo up",
            "ip link add br0 type bridge forward_delay 0",
            f"ip address add {GATEWAY}/24 dev br0",
            "ip link set br0 up",
            # Whoever asks for an address elsewhere is told at once that there is no way.
            "echo 1 >/proc/sys/net/ipv4/ip_forward",
        )
        self._names_file.touch()
        self._group.make()
        self._start_name_server()

    def connect(self, host: str, number: int) -> None:
        """Lay a line to a host and give it the address of that number."""
        do([], f"ip netns add {self.namespace(host)}")
        do(
            self.enter(),
            f"ip link add {host} type veth peer name eth0 netns {self.namespace(host)}",
            f"ip link set {host} master br0 up",
            f"ethtool -K {host} {OFFLOADS}",
        )
        do(self.enter(host), "ip link set lo up", f"ethtool -K eth0 {OFFLOADS}")
        self.give_address(host, number)

    def give_address(self, host: str, number: int) -> None:
        """Give a host this address and take away the one before."""
        self.place(host, SUBNET, number)

    def place(self, host: str, subnet: str, number: int) -> None:
        """Give a host the address of that number in a subnet, whose .1 leads out of it."""
        do(
            self.enter(host),
            "ip address flush dev eth0",
            f"ip address add {subnet}.{number}/24 dev eth0",
            "ip link set eth0 up",
            f"ip route add default via {subnet}.1",
        )

    def tell_names(self, names: Mapping[str, int]) -> None:
        """Have the name server know these names, with the numbers of their addresses."""
        lines = [f"{self.address(number)} {name}\n" for name, number in names.items()]
        self._names_file.write_text("".join(lines), encoding="utf-8")
        self._signal_name_server(signal.SIGHUP)

    def cut(self, host: str) -> None:
        """Let nothing pass to and from a host, and nobody be told."""
        do(self.enter(), f"ip link set {host} nomaster")

    def mend(self, host: str) -> None:
        """Let everything pass again."""
        do(self.enter(), f"ip link set {host} master br0")

    def silence_names(self) -> None:
        """Let who asks for a name wait and hear nothing."""
        self._signal_name_server(signal.SIGSTOP)

    def answer_names(self) -> None:
        """Have names answered again."""
        self._signal_name_server(signal.SIGCONT)

    def remove(self) -> None:
        """Give everything back, also what a killed process left; no host may run any more."""
        self._group.remove()
        for namespace in self.namespaces():
            do([], f"ip netns delete {namespace}")

    def namespaces(self) -> list[str]:
        """Give the names of all its namespaces, also of those that a killed process left."""
        return [each for each in namespaces() if each.startswith(self.namespace(""))]

    def _signal_name_server(self, which: signal.Signals) -> None:
        for pid in self._group.pids():
            os.kill(pid, which)

    def _start_name_server(self) -> None:
        started = subprocess.run(
            [
                *self._group.enter(self.enter()),
                *("dnsmasq", "--conf-file=/dev/null", "--no-resolv", "--no-hosts"),
                *("--pid-file=", "--user=root", "--local-ttl=1", "--cache-size=0"),
                *(f"--listen-address={GATEWAY}", "--bind-interfaces"),
                f"--addn-hosts={self._names_file}",
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30 * PATIENCE,
        )
        if started.returncode != 0:
            raise NoNetwork(f"dnsmasq does not start: {started.stderr.strip()}")
        wait_for(self._group.pids, "the name server runs")


def check_tools() -> None:
    """Raise NoNetwork unless all that is needed is there; it names what to install."""
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    missing = {
        package for tool, package in _TOOLS.items() if not shutil.which(tool, path=path)
    }
    if missing:
        raise NoNetwork(f"missing: apt-get install {' '.join(sorted(missing))}")
    if os.geteuid() != 0:
        raise NoNetwork("hosts need namespaces, mounts and control groups: run as root")


def namespaces() -> list[str]:
    """Give the names of this machine's network namespaces."""
    listed = subprocess.run(
        ["ip", "netns", "list"], capture_output=True, text=True, check=True
    )
    return [line.split()[0] for line in listed.stdout.splitlines() if line.strip()]


def do(behind: Sequence[str], *commands: str) -> str:
    """Run shell commands behind one that enters a network; give what they said.

    The next only after the one before went well; raises NoNetwork.
    """
    done = subprocess.run(
        [*behind, "sh", "-c", " && ".join(commands)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30 * PATIENCE,
    )
    if done.returncode != 0:
        raise NoNetwork(f"{commands[0]} ...: {done.stderr.strip()}")
    return done.stdout
