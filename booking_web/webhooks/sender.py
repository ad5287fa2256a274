# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sends one signed message to an address that somebody else chose.

Nothing inside the site's own network is reached, unless a setting allows it: the name is
looked up once, every address of it is judged, and the connection goes to one that was. No
redirect is followed and no proxy asked. The answer's body is not read.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

TIMEOUT_SECONDS = 10.0


class AddressRefused(ValueError):
    """Nothing is sent there; the text is a code."""


@dataclass(frozen=True)
class Answer:
    """What came of a message: an HTTP status, or the code of a failure."""

    status: int | None
    error: str = ""

    @property
    def is_taken(self) -> bool:
        """Tell whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Tell whether the receiver wants no more of it (RFC 9110, 15.5.11)."""
        return self.status == 410


class Sender:
    """Posts messages; with `allows_private` also to the site's own network."""

    def __init__(
        self, *, allows_private: bool, tls: ssl.SSLContext | None = None
    ) -> None:
        self._allows_private = allows_private
        self._tls = tls or ssl.create_default_context()

    def check(self, url: str) -> None:
        """Raise AddressRefused unless messages may be sent to this address now."""
        self._addresses(_parts(url))

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send the body; never raises for what the network does."""
        try:
            parts = _parts(url)
            address, port = self._addresses(parts)[0]
        except AddressRefused as error:
            return Answer(None, str(error))
        host = parts.hostname or ""
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        try:
            connection.sock = self._connected(parts.scheme, host, address, port)
            connection.putrequest("POST", target, skip_host=True)
            connection.putheader("Host", parts.netloc.rpartition("@")[2])
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            return _judged(connection.getresponse().status)
        except TimeoutError:
            return Answer(None, "timeout")
        except ssl.SSLCertVerificationError:
            return Answer(None, "certificate")
        except ssl.SSLError:
            return Answer(None, "tls")
        except http.client.HTTPException:
            return Answer(None, "no_http")
        except OSError:
            return Answer(None, "unreachable")
        finally:
            connection.close()

    def _connected(
        self, scheme: str, host: str, address: str, port: int
    ) -> socket.socket:
        plain = socket.create_connection((address, port), TIMEOUT_SECONDS)
        if scheme == "http":
            return plain
        try:
            return self._tls.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise

    def _addresses(self, parts: SplitResult) -> list[tuple[str, int]]:
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise AddressRefused("unknown_host") from error
        except ValueError as error:
            raise AddressRefused("bad_address") from error
        addresses = [str(each[4][0]) for each in found]
        for each in map(_real, addresses):
            if parts.scheme == "http" and not each.is_loopback:
                raise AddressRefused("https_only")
            if not self._allows_private and not each.is_global:
                raise AddressRefused("private_address")
            if each.is_multicast or each.is_unspecified or each.is_link_local:
                # Link-local also is where clouds tell a machine its own secrets.
                raise AddressRefused("private_address")
        return [(address, port) for address in addresses]


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise AddressRefused("bad_address") from error
    if not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefused("bad_address")
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
        raise AddressRefused("bad_address")
    return parts


def _real(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Give the address that is meant: IPv6 has several ways to say an IPv4 one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return found.ipv4_mapped
        if found.sixtofour is not None:
            return found.sixtofour
        if found in ipaddress.ip_network("64:ff9b::/96"):
            return ipaddress.ip_address(int(found) & 0xFFFFFFFF)
    return found


def _judged(status: int) -> Answer:
    if 200 <= status < 300:
        return Answer(status)
    return Answer(status, f"http_{status}")
