# SPDX-License-Identifier: AGPL-3.0-or-later
"""The site over HTTPS; in this room the only importer of `requests`."""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from device_bridge.server.clock import read_date
from sip_endpoints.machine.server.faults import (
    Cause,
    ProblemAnswered,
    SiteUnreachable,
    explain,
)
from sip_endpoints.machine.system.places import Places

CONNECT_SECONDS, READ_SECONDS = 6.1, 30.0
# The longest answer is a bundle with two authorities and the key of a repository.
MAX_ANSWER_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: a JSON object (empty for 204), and when."""

    status: int
    content: dict[str, Any]
    date: datetime | None


def web_authority(places: Places) -> Path | None:
    """Give the file of who vouches for an enrolled kiosk's site; None: browsers know it."""
    return places.web_authority if places.web_authority.exists() else None


class Site:
    """One server; each exchange on a connection of its own, so that nothing stays open.

    `authority` is the file of the authority that signed its certificate, or None where
    browsers know it; with `is_trusted` False the certificate is not looked at. `read_seconds`
    is how long an answer is waited for once it is connected.
    """

    def __init__(
        self,
        url: str,
        authority: Path | None = None,
        *,
        token: str = "",
        is_trusted: bool = True,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._timeout = (CONNECT_SECONDS, read_seconds)
        self._url = url.rstrip("/")
        address = urlsplit(self._url)
        self._host, self._port = address.hostname or "", address.port or 443
        self._verify: bool | str = str(authority) if authority else True
        if not is_trusted:
            self._verify = False
        self._headers = {"Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    @property
    def host(self) -> str:
        """Give the server's name."""
        return self._host

    @property
    def port(self) -> int:
        """Give the port at which it answers."""
        return self._port

    def send(
        self,
        method: str,
        path: str,
        content: Mapping[str, Any] | None = None,
        *,
        archive: bytes | None = None,
    ) -> Answer:
        """Send JSON, or a gzip archive; raise SiteUnreachable or ProblemAnswered."""
        headers = dict(self._headers)
        body: bytes | None = archive
        if archive is not None:
            headers["Content-Type"] = "application/gzip"
        elif content is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(content).encode()
        response, received = self._exchange(method, path, headers, body)
        return self._answer(response, received)

    def knock(self) -> datetime | None:
        """Give the server's date; raise SiteUnreachable where no exchange takes place."""
        response, _ = self._exchange("HEAD", "/", dict(self._headers), None)
        return read_date(response.headers.get("Date"))

    def _exchange(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None
    ) -> tuple[requests.Response, bytes]:
        try:
            with warnings.catch_warnings():
                # Said of each exchange that verifies nothing, which is meant.
                warnings.simplefilter("ignore")
                with requests.Session() as session:
                    # The token goes to its server, whatever the shell says of a proxy.
                    session.trust_env = False
                    with session.request(
                        method,
                        self._url + path,
                        data=body,
                        headers=headers,
                        verify=self._verify,
                        timeout=self._timeout,
                        allow_redirects=False,
                        stream=True,
                    ) as response:
                        return response, _read(response)
        except (requests.RequestException, OSError) as error:
            raise explain(error, self._host, self._port) from error

    def _answer(self, response: requests.Response, received: bytes) -> Answer:
        content = _object(received)
        if response.status_code >= 300:
            raise ProblemAnswered(
                response.status_code, self._complaint(response, content)
            )
        if content is None and response.status_code != 204:
            raise SiteUnreachable(
                Cause.REFUSED, f"{self._host} ne parle pas comme un guichet virtuel."
            )
        date = read_date(response.headers.get("Date"))
        return Answer(response.status_code, content or {}, date)

    def _complaint(
        self, response: requests.Response, content: dict[str, Any] | None
    ) -> str:
        said = (content or {}).get("detail") or (content or {}).get("title")
        text = said if isinstance(said, str) else response.reason
        return f"{self._host} refuse ({response.status_code}) : {text}"


def _read(response: requests.Response) -> bytes:
    received = b""
    for piece in response.iter_content(16384):
        received += piece
        if len(received) > MAX_ANSWER_BYTES:
            return b""
    return received


def _object(received: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(received)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
