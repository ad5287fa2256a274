# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: a registrar keeps its connection and answers no more, as behind a deaf proxy."""

import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from stage.endpoint import Endpoint
from stage.waiting import wait_for

pytestmark = pytest.mark.real

# Our telephone asks again five seconds before the end.
EXPIRES_SECONDS = 10


class DeafRegistrar:
    """Takes connections on the loopback, and answers the very first REGISTER alone."""

    def __init__(self, folder: Path) -> None:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
            + ["ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj"]
            + ["/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
            + ["-keyout", folder / "server.key", "-out", folder / "server.pem"],
            check=True,
            capture_output=True,
        )
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        # How many REGISTERs came over each connection, in their order.
        self.requests: list[int] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                number = len(self.requests)
                self.requests.append(0)
                threading.Thread(
                    target=self._serve, args=(client, number), daemon=True
                ).start()

    def _serve(self, client: socket.socket, number: int) -> None:
        with (
            suppress(OSError),
            self._context.wrap_socket(client, server_side=True) as peer,
        ):
            while request := peer.recv(65536).decode():
                self.requests[number] += request.count("REGISTER sip:")
                if self.requests == [1]:
                    peer.sendall(_accepted(request).encode())


def _accepted(request: str) -> str:
    copied = re.findall(r"(?m)^((?:Via|From|To|Call-ID|CSeq|Contact): .*)\r$", request)
    lines = ["SIP/2.0 200 OK", *copied, f"Expires: {EXPIRES_SECONDS}"]
    return "\r\n".join([*lines, "Content-Length: 0", "", ""])


@pytest.fixture
def registrar(tmp_path: Path) -> Iterator[DeafRegistrar]:
    """Give the registrar."""
    found = DeafRegistrar(tmp_path)
    yield found
    found.close()


def test_a_register_without_an_answer_costs_the_connection(
    registrar: DeafRegistrar, tmp_path: Path
) -> None:
    bundle = tmp_path / "kiosk-wassigny.toml"
    bundle.write_text(
        '[sip]\nuser = "kiosk-wassigny"\nsecret = "x"\nserver = "127.0.0.1"\n'
        f'port = {registrar.port}\nca_file = "server.pem"\n'
        '[media]\n[control]\nsocket = "kiosk-wassigny.sock"\n'
        '[kiosk]\nslug = "kiosk-wassigny"\n'
    )
    kiosk = Endpoint("kiosk-wassigny", bundle, directory=tmp_path)
    kiosk.program.start()
    try:
        wait_for(lambda: len(registrar.requests) > 2, "connected anew twice", 60)
        # The one that was answered, and the one after it that was not.
        assert registrar.requests[0] == 2
        assert registrar.requests[1] == 1
        assert (
            '"connection dropped, registering over a new one"'
            in kiosk.program.log_text()
        )
    finally:
        kiosk.program.stop()
