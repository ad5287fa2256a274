# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether a message may be sent to an IP address that somebody else chose; pure.

Only what is known to be anybody's unicast address in the open network passes: whatever
the registries set apart, and whatever way IPv6 has to say an IPv4 address, is judged as
what it really leads to, or refused.
"""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where the site's own machines are, for a site that allows messages to them.
_OWN = tuple(
    ipaddress.ip_network(each)
    for each in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "::1/128",
        "fc00::/7",
    )
)
# The only part of IPv6 from which unicast addresses are given out (RFC 4291, 2.4).
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
# Set apart by the registries of special addresses (RFC 6890) and not, or not by every
# version of Python, counted as such.
_SET_APART = tuple(
    ipaddress.ip_network(each)
    for each in (
        "192.0.0.0/24",
        # The anycast address of 6to4's relays (RFC 7526).
        "192.88.99.0/24",
        # Documentation (RFC 9637) and segment routing (RFC 9602).
        "3fff::/20",
        "5f00::/16",
    )
)
# How IPv6 says an IPv4 address, with how far to shift it right: mapped, NAT64's known
# prefix (RFC 6052) and 6to4 (RFC 3056).
_EMBEDDED = (
    (ipaddress.ip_network("::ffff:0:0/96"), 0),
    (ipaddress.ip_network("64:ff9b::/96"), 0),
    (ipaddress.ip_network("2002::/16"), 80),
)


class AddressRefused(ValueError):
    """Nothing is sent there; the text is a code."""


def check_address(text: str, *, scheme: str, allows_private: bool) -> None:
    """Raise AddressRefused unless something may be sent to this address.

    Plain http goes no further than the machine itself.
    """
    # A zone names an interface of this very machine: never an address of the open network.
    if "%" in text:
        raise AddressRefused("private_address")
    address = real_address(text)
    if scheme == "http" and not address.is_loopback:
        raise AddressRefused("https_only")
    if is_public(address) or (allows_private and _is_in(address, _OWN)):
        return
    raise AddressRefused("private_address")


def real_address(text: str) -> Address:
    """Give the address that is meant: IPv6 has several ways to say an IPv4 one."""
    address = ipaddress.ip_address(text)
    for network, shift in _EMBEDDED:
        if address in network:
            return ipaddress.IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Tell whether it is anybody's unicast address in the open network."""
    if not address.is_global or address.is_multicast or _is_in(address, _SET_APART):
        return False
    return address.version == 4 or address in _GIVEN_OUT


def _is_in(
    address: Address,
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...],
) -> bool:
    return any(address in network for network in networks)
