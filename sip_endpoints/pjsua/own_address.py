# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notices at once that this machine has another address than it registered from.

The kernel tells of each address that comes or goes (rtnetlink(7)). Which one leads to the
server is asked of it too; nothing is sent for that. What stands between, such as a router
that got another address, is not seen here.
"""

import socket
from collections.abc import Callable

from sip_endpoints.log import Log

log = Log(__name__)

# RTMGRP_IPV4_IFADDR and RTMGRP_IPV6_IFADDR of <linux/rtnetlink.h>, not in Python's socket.
_ADDRESSES_COME_AND_GO = 0x10 | 0x100
_NEWS_BYTES = 65536
# The port does not matter: the kernel only chooses the way.
_ANY_PORT = 9


def address_towards(server: str) -> str:
    """Give the address from which this machine reaches a server's; empty where no way leads."""
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((server, _ANY_PORT))
            return str(probe.getsockname()[0])
    except OSError:
        return ""


class OwnAddress:
    """Where this machine stands towards its server; listens until it is closed."""

    def __init__(self, towards: Callable[[str], str] = address_towards) -> None:
        self._towards = towards
        self._known = ""
        self._is_in_doubt = False
        self._news: socket.socket | None = None

    def listen(self) -> None:
        """Begin to hear of addresses."""
        self._news = _open_news()

    def remember(self, server_address: str) -> None:
        """Take the present address, by which a server (`address:port`) was just reached."""
        self._known = self._towards(_host(server_address))

    def has_changed(self, server_address: str) -> bool:
        """Tell, once, that the server is reached from another address than remembered.

        While no way leads there nothing is told; never waits.
        """
        self._is_in_doubt |= self._is_told()
        if not self._is_in_doubt or not self._known:
            return False
        now = self._towards(_host(server_address))
        if not now:
            return False
        self._is_in_doubt = False
        before, self._known = self._known, now
        return now != before

    def close(self) -> None:
        """Listen no longer."""
        if self._news is not None:
            self._news.close()
            self._news = None

    def _is_told(self) -> bool:
        if self._news is None:
            return False
        is_told = False
        while True:
            try:
                self._news.recv(_NEWS_BYTES)
            except BlockingIOError:
                return is_told
            except OSError:
                # More came than the kernel kept for us (ENOBUFS): that is news as well.
                return True
            is_told = True


def _host(server_address: str) -> str:
    return server_address.rpartition(":")[0].strip("[]")


def _open_news() -> socket.socket | None:
    try:
        news = socket.socket(
            socket.AF_NETLINK,
            socket.SOCK_RAW | socket.SOCK_NONBLOCK,
            socket.NETLINK_ROUTE,
        )
    except OSError as error:
        log.warning("a new address will be noticed late", reason=str(error))
        return None
    # Port 0: the kernel numbers us.
    news.bind((0, _ADDRESSES_COME_AND_GO))
    return news
