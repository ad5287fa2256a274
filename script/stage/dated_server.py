# SPDX-License-Identifier: AGPL-3.0-or-later
"""A server of another time: its answers' date and its certificate's validity are chosen."""

import ssl
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ADDRESS = "127.0.0.1"


def write_certificate(
    folder: Path, first: datetime, last: datetime
) -> tuple[Path, Path]:
    """Write a certificate of the loopback that signs itself; give it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ADDRESS)])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(ADDRESS))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "dated.pem", folder / "dated.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


class DatedServer:
    """Answers everything with 204 and the date of its own clock; a context manager.

    With a `certificate` and its key it speaks TLS. `heard` keeps each request's line and
    headers.
    """

    def __init__(
        self, ahead: timedelta, certificate: tuple[Path, Path] | None = None
    ) -> None:
        self.ahead = ahead
        self.heard: list[tuple[str, dict[str, str]]] = []
        server = self

        class Handler(_Handler):
            owner = server

        self._http = ThreadingHTTPServer((ADDRESS, 0), Handler)
        self._http.daemon_threads = True
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._http.socket = context.wrap_socket(
                self._http.socket,
                server_side=True,
                # In the thread of the connection, else one that fails ends the server.
                do_handshake_on_connect=False,
            )
        scheme = "https" if certificate else "http"
        self.port: int = self._http.server_address[1]
        self.url = f"{scheme}://{ADDRESS}:{self.port}"

    def __enter__(self) -> "DatedServer":
        threading.Thread(
            target=self._http.serve_forever, args=(0.05,), daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: DatedServer

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.owner.heard.append((self.requestline, dict(self.headers)))
        self.send_response_only(204)
        date = datetime.now(UTC) + self.owner.ahead
        self.send_header("Date", format_datetime(date, usegmt=True))
        self.end_headers()

    do_GET = do_HEAD = do_POST = do_PUT = _answer  # noqa: N815 - http.server's names

    def handle(self) -> None:
        """Serve; a handshake that the client broke off is nothing to tell."""
        try:
            super().handle()
        except (ssl.SSLError, ConnectionError):
            return

    def log_message(self, format: str, *values: object) -> None:
        """Say nothing."""
