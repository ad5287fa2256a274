# SPDX-License-Identifier: AGPL-3.0-or-later
"""Villages on lines of their own: networks whose lines are cut, moved and renumbered.

Each network is a namespace (network_namespaces(7)) that a sleeping process holds open; the
kernel takes all of them back when the stage ends. A village stands behind its own router,
as town halls do::

    kiosk 10.78.N.10 -- 10.78.N.1 [router] 10.77.N.2 -- 10.77.N.1 [server 10.77.0.1]
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stage.processes import DIE_WITH_STAGE
from stage.waiting import PATIENCE, wait_for

SERVER_ADDRESS = "10.77.0.1"
_TOOLS = {
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "ip": "iproute2",
    "nft": "nftables",
    "tc": "iproute2",
}


# What a router keeps while its line is busy, and what it may send at once.
_QUEUE_MILLISECONDS, _BURST_BYTES = 300, 4000
# The router's two sides, and the program that is late for it.
_WAYS = ("lan", "line")
_LATE_PACKETS = Path(__file__).with_name("late_packets.py")


@dataclass(frozen=True)
class Thinness:
    """One direction of a line: its rate (None: as it is) and the packets that it loses."""

    rate_kbps: int | None = None
    loss_percent: float = 0.0


class NoVillageNetwork(Exception):
    """This machine lets us make no networks; the text says what is missing."""


class Network:
    """One network namespace; `enter` is what a command must stand behind to be in it."""

    def __init__(self, beside: "Network | None" = None) -> None:
        is_root = os.geteuid() == 0
        outer = [] if beside is None or is_root else beside.enter_user
        user = [] if is_root or beside is not None else ["--user", "--map-root-user"]
        self._holder = subprocess.Popen(
            [*outer, "unshare", *user, "--net", *DIE_WITH_STAGE, "sleep", "infinity"],
            stdin=subprocess.DEVNULL,
        )
        wait_for(self._is_made, "a network of its own")
        self.do("ip link set lo up")

    @property
    def pid(self) -> int:
        """Give the process that holds it."""
        return self._holder.pid

    @property
    def enter_user(self) -> list[str]:
        """Give the command that enters its user namespace only."""
        return ["nsenter", f"--target={self.pid}", "--user", "--preserve-credentials"]

    @property
    def enter(self) -> list[str]:
        """Give the command behind which a program runs in this network."""
        if os.geteuid() == 0:
            return ["nsenter", f"--target={self.pid}", "--net"]
        return [*self.enter_user, "--net"]

    def do(self, *commands: str) -> None:
        """Run shell commands in it, the next only after the one before went well."""
        subprocess.run(
            [*self.enter, "sh", "-c", " && ".join(commands)],
            check=True,
            stdin=subprocess.DEVNULL,
            timeout=30 * PATIENCE,
        )

    def close(self) -> None:
        """Give it back."""
        self._holder.kill()
        self._holder.wait()

    def _is_made(self) -> bool:
        if self._holder.poll() is not None:
            raise NoVillageNetwork(
                "a network of its own needs root, or user namespaces for ordinary users"
                " (sysctl kernel.unprivileged_userns_clone)"
            )
        # Once it sleeps, every namespace was entered.
        with open(f"/proc/{self.pid}/comm", encoding="ascii") as comm:
            return comm.read().strip() == "sleep"


class ThisNetwork(Network):
    """The network that this very process is in, such as a bench's private one."""

    def __init__(self) -> None:
        pass

    @property
    def pid(self) -> int:
        """Give the process that holds it."""
        return os.getpid()

    @property
    def enter(self) -> list[str]:
        """Give nothing: whoever starts here is in it."""
        return []

    def close(self) -> None:
        """Leave it as it is."""


class ServerNetwork(Network):
    """Where Asterisk is, at SERVER_ADDRESS; raise NoVillageNetwork where tools lack."""

    def __init__(self) -> None:
        for tool, package in _TOOLS.items():
            if shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None:
                raise NoVillageNetwork(f"{tool} is missing: apt-get install {package}")
        super().__init__()
        self.do(f"ip address add {SERVER_ADDRESS}/32 dev lo")


class Village:
    """A kiosk's network and the line that leads to the server.

    With `is_translated` the router hides the village behind its own address (NAT).
    """

    def __init__(
        self, server: Network, number: int, *, is_translated: bool = False
    ) -> None:
        self._server, self._number = server, number
        self._router, self._network = Network(server), Network(server)
        self._host, self._outer = 10, 2
        self._late: subprocess.Popen[bytes] | None = None
        lan, line = f"10.78.{number}", f"10.77.{number}"
        server.do(
            f"ip link add line{number} type veth peer name line netns {self._router.pid}",
            f"ip address add {line}.1/24 dev line{number}",
            f"ip link set line{number} up",
            f"ip route add {lan}.0/24 via {line}.2",
        )
        self._router.do(
            f"ip link add lan type veth peer name eth netns {self._network.pid}",
            f"ip address add {lan}.1/24 dev lan",
            "ip link set lan up",
            f"ip address add {self.outer_address}/24 dev line",
            "ip link set line up",
            f"ip route add default via {line}.1",
            "echo 1 > /proc/sys/net/ipv4/ip_forward",
        )
        self._network.do(*self._addressed())
        if is_translated:
            self._router.do(
                "nft add table ip nat",
                "nft 'add chain ip nat out"
                " { type nat hook postrouting priority 100; }'",
                self._translating(),
            )

    @property
    def enter(self) -> Sequence[str]:
        """Give the command behind which the kiosk runs."""
        return self._network.enter

    @property
    def address(self) -> str:
        """Give the kiosk's address in its village."""
        return f"10.78.{self._number}.{self._host}"

    @property
    def outer_address(self) -> str:
        """Give the router's address towards the server."""
        return f"10.77.{self._number}.{self._outer}"

    def cut(self) -> None:
        """Let nothing pass in either direction, and nobody be told."""
        self._router.do(
            "nft add table inet cut",
            "nft 'add chain inet cut passing"
            " { type filter hook forward priority 0; policy drop; }'",
        )

    def mend(self) -> None:
        """Let everything pass again."""
        self._router.do("nft delete table inet cut")

    def thin(self, up: Thinness, down: Thinness) -> None:
        """Let so much pass, from the kiosk and to it; what was said before is forgotten."""
        self._router.do(
            *_rate("line", up.rate_kbps),
            *_rate("lan", down.rate_kbps),
            "nft 'add table inet thin; delete table inet thin; add table inet thin'",
            "nft 'add chain inet thin passing"
            " { type filter hook forward priority 1; }'",
            *_loss("lan", up.loss_percent),
            *_loss("line", down.loss_percent),
        )

    def delay(self, milliseconds: int) -> None:
        """Hand every packet on so much later, each way; 0: at once again."""
        if self._late is not None:
            self._router.do(*(f"ip rule del iif {way} lookup 100" for way in _WAYS))
            self._late.kill()
            self._late.wait()
            self._late = None
        if not milliseconds:
            return
        program = [sys.executable, str(_LATE_PACKETS), str(milliseconds)]
        self._late = subprocess.Popen(
            [*self._router.enter, *DIE_WITH_STAGE, *program], stdin=subprocess.DEVNULL
        )
        wait_for(self._has_late, "a router that is late")
        self._router.do(
            "ip link set late up",
            "echo 0 > /proc/sys/net/ipv4/conf/late/rp_filter",
            "ip route replace default dev late table 100",
            *(f"ip rule add iif {way} lookup 100" for way in _WAYS),
        )

    def _has_late(self) -> bool:
        try:
            self._router.do("ip link show late > /dev/null 2>&1")
        except subprocess.CalledProcessError:
            return False
        return True

    def move(self) -> None:
        """Give the kiosk another address, as a DHCP server that forgot it does."""
        self._host += 1
        self._network.do("ip address flush dev eth", *self._addressed())

    def move_outside(self) -> None:
        """Give the router another outer address, as a provider does at night."""
        before = self.outer_address
        self._outer += 1
        self._router.do(
            f"ip address add {self.outer_address}/24 dev line",
            "nft flush chain ip nat out",
            self._translating(),
            # What was translated keeps the address that nobody answers for any more.
            f"ip address del {before}/24 dev line",
            f"ip address replace {self.outer_address}/24 dev line",
            f"ip route replace default via 10.77.{self._number}.1",
        )
        # Nor does the provider's side remember where it was.
        self._server.do(f"ip neighbour flush dev line{self._number}")

    def close(self) -> None:
        """Give the networks back."""
        if self._late is not None:
            self._late.kill()
            self._late.wait()
        self._network.close()
        self._router.close()

    def _addressed(self) -> list[str]:
        return [
            f"ip address add {self.address}/24 dev eth",
            "ip link set eth up",
            f"ip route add default via 10.78.{self._number}.1",
        ]

    def _translating(self) -> str:
        return f"nft add rule ip nat out oifname line snat to {self.outer_address}"


def _rate(interface: str, rate_kbps: int | None) -> list[str]:
    there_is_one = f"tc qdisc show dev {interface} | grep --quiet tbf"
    if rate_kbps is None:
        return [f"! {there_is_one} || tc qdisc delete dev {interface} root"]
    return [
        f"tc qdisc replace dev {interface} root tbf rate {rate_kbps}kbit"
        f" burst {_BURST_BYTES} latency {_QUEUE_MILLISECONDS}ms"
    ]


def _loss(arriving_at: str, percent: float) -> list[str]:
    if not percent:
        return []
    return [
        f"nft add rule inet thin passing iifname {arriving_at}"
        f" numgen random mod 10000 \\< {round(percent * 100)} drop"
    ]
