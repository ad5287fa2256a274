# SPDX-License-Identifier: AGPL-3.0-or-later
"""The firewall's table of a kiosk: nothing comes in that was not asked for. Pure."""

from collections.abc import Iterable
from ipaddress import ip_network

_TABLE = """# Written by guichet-kiosk; see docs/install.md.
destroy table inet guichet_kiosk
table inet guichet_kiosk {{
  chain input {{
    type filter hook input priority filter; policy drop;
    iif "lo" accept
    ct state established,related accept
    # Neighbours, routers and the size of packets; without them IPv6 is dead.
    icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert,
      packet-too-big, destination-unreachable, time-exceeded }} accept
    icmp type {{ destination-unreachable, time-exceeded }} accept
    # Administrators ask whether it is there at all; few enough to tell nothing else.
    icmp type echo-request limit rate 10/second accept
    icmpv6 type echo-request limit rate 10/second accept
    # The address, where DHCP gives it.
    udp sport 67 udp dport 68 accept
    udp sport 547 udp dport 546 accept
    # Printers and scanners announce themselves.
    udp sport 5353 udp dport 5353 accept
{administrators}  }}
}}
"""


def firewall_text(ssh_from: Iterable[str]) -> str:
    """Give the table; `ssh_from` are networks, each in its one written form."""
    lines = []
    for text in ssh_from:
        family = "ip" if ip_network(text).version == 4 else "ip6"
        lines.append(f"    {family} saddr {text} tcp dport 22 accept\n")
    return _TABLE.format(administrators="".join(lines))
