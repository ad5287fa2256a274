# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which IP addresses a message to somebody else's choice may go to."""

import pytest

from booking_web.telling.webhooks.addresses import AddressRefused, check_address

PUBLIC = [
    "93.184.215.14",
    "1.1.1.1",
    "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
    "2001:4860:4860::8888",
    # IPv6's ways to say a public IPv4 address that really lead to it.
    "::ffff:93.184.215.14",
    "64:ff9b::5db8:d70e",
    "2002:5db8:d70e::1",
]
OWN = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::1",
]
NEVER = [
    "0.0.0.0",
    "169.254.169.254",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "::7f00:1",
    "::93.184.215.14",
    "::ffff:169.254.169.254",
    "::ffff:0:10.0.0.1",
    "::ffff:0:0:0",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "64:ff9b:1::5db8:d70e",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fe80::1",
    "fe80::1%eth0",
    "2001:4860:4860::8888%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_message_goes_to_anybodys_address_in_the_open_network(address: str) -> None:
    for allows_private in (False, True):
        check_address(address, scheme="https", allows_private=allows_private)


@pytest.mark.parametrize("address", OWN)
def test_it_goes_into_the_sites_own_network_only_where_that_is_allowed(
    address: str,
) -> None:
    check_address(address, scheme="https", allows_private=True)
    with pytest.raises(AddressRefused, match="private_address"):
        check_address(address, scheme="https", allows_private=False)


@pytest.mark.parametrize("address", NEVER)
def test_what_is_nobodys_address_is_refused_whatever_is_allowed(address: str) -> None:
    for allows_private in (False, True):
        with pytest.raises(AddressRefused, match="private_address"):
            check_address(address, scheme="https", allows_private=allows_private)


@pytest.mark.parametrize("address", [*PUBLIC, *OWN])
def test_plain_http_stays_on_the_machine(address: str) -> None:
    if address in ("127.0.0.1", "::1"):
        check_address(address, scheme="http", allows_private=True)
        return
    with pytest.raises(AddressRefused, match="https_only"):
        check_address(address, scheme="http", allows_private=True)
