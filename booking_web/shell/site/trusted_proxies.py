# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whose word is taken for where a request comes from: proxies named by their address."""

import ipaddress
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

from booking_web.base.settings import SettingsError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Who comes by the server's Unix socket has no address: its file's rights let nobody else in.
UNIX = "unix"


class TrustedProxies:
    """Names the proxies whose X-Forwarded-For, -Proto and -Host are believed.

    `text` holds addresses and networks between blanks, and perhaps "unix". Raises
    SettingsError for anything else.
    """

    def __init__(self, text: str) -> None:
        words = text.split()
        self.has_unix = UNIX in words
        self._networks = []
        for word in words:
            if word == UNIX:
                continue
            try:
                self._networks.append(ipaddress.ip_network(word))
            except ValueError as error:
                raise SettingsError(
                    f"trusted_proxies: {word!r} is no address, no network and not {UNIX!r}"
                ) from error

    def networks(self) -> list[str]:
        """Give the addresses and networks, each in its usual writing."""
        return [str(each) for each in self._networks]

    def holds(self, peer: str) -> bool:
        """Tell whether this peer is one of them; the empty one came by the Unix socket."""
        if not peer:
            return self.has_unix
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


class BelieveProxies:
    """WSGI middleware: the headers of a trusted proxy count, those of others do not."""

    def __init__(self, app: "WSGIApplication", trusted: TrustedProxies) -> None:
        self._app = app
        self._trusted = trusted
        self._behind_proxy = ProxyFix(app, x_for=1, x_proto=1, x_host=1)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer the request, from where the trusted proxy says that it came."""
        if self._trusted.holds(environ.get("REMOTE_ADDR", "")):
            return self._behind_proxy(environ, start_response)
        return self._app(environ, start_response)
