# SPDX-License-Identifier: AGPL-3.0-or-later
"""A router with one address of the hosts' network, and a private network behind it (NAT).

What goes out bears the router's address. What comes to a port that is led in goes to one host
and keeps its sender's address. Whoever is inside and asks for the router's own address is not
led back in, as by many a box; nor does one that leads nothing in keep the numbers of ports.

Like an address, a router is the network's: a namespace of its own, which goes with it.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stage.hosts.network import GATEWAY, OFFLOADS, Network, do

# No host is called so: its own line lies here too, under its name.
_OUTSIDE, _INSIDE = "router.out", "router.in"
_SUFFIX = ".router"


@dataclass(frozen=True)
class LedIn:
    """A port that a router leads in, or a range as `10000-10199`; `tcp` or `udp`."""

    protocol: str
    numbers: str


def put_behind_router(
    network: Network,
    numbers: Mapping[str, int],
    lan: str,
    led_in: Sequence[LedIn] = (),
) -> None:
    """Put hosts behind one router, which takes the first one's address; raises NoNetwork.

    `numbers` are those of their addresses: they keep them in `lan`, as 192.168.77.
    """
    first, number = next(iter(numbers.items()))
    router = f"{first}{_SUFFIX}"
    namespace = network.namespace(router)
    do([], f"ip netns add {namespace}")
    do(
        network.enter(),
        f"ip link add {first}.out type veth peer name {_OUTSIDE} netns {namespace}",
        f"ethtool -K {first}.out {OFFLOADS}",
        *(f"ip link set {host} netns {namespace}" for host in numbers),
    )
    do(
        network.enter(router),
        "ip link set lo up",
        f"ip link add {_INSIDE} type bridge forward_delay 0",
        f"ip address add {lan}.1/24 dev {_INSIDE}",
        f"ip link set {_INSIDE} up",
        *(_plugged_in(host, _INSIDE) for host in numbers),
        "echo 1 >/proc/sys/net/ipv4/ip_forward",
        f"nft {shlex.quote(_translation(f'{lan}.{number}', led_in))}",
    )
    for host, each in numbers.items():
        network.place(host, lan, each)
    # Only now is the address nobody else's.
    do(network.enter(), f"ip link set {first}.out master br0 up")
    do(
        network.enter(router),
        f"ethtool -K {_OUTSIDE} {OFFLOADS}",
        f"ip address add {network.address(number)}/24 dev {_OUTSIDE}",
        f"ip link set {_OUTSIDE} up",
        f"ip route add default via {GATEWAY}",
    )
    _forget_neighbours(network)


def take_from_behind_routers(network: Network, numbers: Mapping[str, int]) -> None:
    """Have every host be on the network itself, at the address of its number again."""
    for first in numbers:
        router = f"{first}{_SUFFIX}"
        if network.namespace(router) in network.namespaces():
            _take_away(network, router, first, numbers)


def _take_away(
    network: Network, router: str, first: str, numbers: Mapping[str, int]
) -> None:
    listed = do(network.enter(router), f"ip -json link show master {_INSIDE}")
    hosts = [each["ifname"] for each in json.loads(listed)]
    # A namespace goes some time after it was deleted, and its lines with it.
    do(network.enter(), f"ip link delete {first}.out")
    bridge = network.namespace("bridge")
    for host in hosts:
        do(network.enter(router), f"ip link set {host} netns {bridge}")
        do(network.enter(), _plugged_in(host, "br0"))
        network.give_address(host, numbers[host])
    do([], f"ip netns delete {network.namespace(router)}")
    _forget_neighbours(network)


def _plugged_in(host: str, bridge: str) -> str:
    return f"ip link set {host} master {bridge} up && ethtool -K {host} {OFFLOADS}"


def _translation(inside: str, led_in: Sequence[LedIn]) -> str:
    """Give the router's table for nft; `inside` is the host to which ports are led."""
    leading = "".join(
        f'iifname "{_OUTSIDE}" {each.protocol} dport {each.numbers} dnat to {inside}\n'
        for each in led_in
    )
    # What is led in goes out again by the numbers by which it came.
    masked = "masquerade" if led_in else "masquerade random"
    return f"""
table ip router {{
  chain arriving {{
    type nat hook prerouting priority dstnat;
    {leading}
  }}
  chain leaving {{
    type nat hook postrouting priority srcnat;
    oifname "{_OUTSIDE}" {masked}
  }}
}}
"""


def _forget_neighbours(network: Network) -> None:
    """Have nobody believe that an address is where it was before."""
    for namespace in network.namespaces():
        do([], f"ip -netns {namespace} neighbour flush all")
