# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where our own servers may listen: behind the front alone, never on a network."""

import ipaddress
from typing import Any

import click

UNIX_PREFIX = "unix:"


class BehindTheFront(click.ParamType[str]):
    """An address that no network reaches: `unix:PATH`, or HOST:PORT on the loopback."""

    name = "address"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Give the address as it was written; ends the command (2) for any other."""
        address = str(value)
        if not (is_unix(address) or is_loopback(address)):
            self.fail(
                f"{address} is on a network, where slow clients would stop the service: "
                "listen on 127.0.0.1:PORT or unix:PATH, and run guichet-web front "
                "before it.",
                param,
                ctx,
            )
        return address


def is_unix(address: str) -> bool:
    """Tell whether the address is the path of a Unix socket."""
    return address.startswith(UNIX_PREFIX) and len(address) > len(UNIX_PREFIX)


def unix_path(address: str) -> str:
    """Give the path of `unix:PATH`."""
    return address.removeprefix(UNIX_PREFIX)


def is_loopback(address: str) -> bool:
    """Tell whether HOST:PORT is of this machine alone."""
    host, port = split_port(address)
    if not port:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split_port(address: str) -> tuple[str, str]:
    """Split HOST:PORT or [HOST]:PORT; the port is empty where there is none."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit():
        return address, ""
    return host.removeprefix("[").removesuffix("]"), port
