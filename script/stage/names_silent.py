# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk whose name server falls silent while it is registered, on a machine of its own.

Run as `python -m stage.names_silent`, it lives that and prints what it saw as JSON;
`run_with_silent_names` runs it on a machine of its own.
"""

import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from stage.endpoint import Endpoint
from stage.processes import ProgramFailed
from stage.silent_dns import MACHINE, SilentDns, run_with_silent_dns
from stage.waiting import NotInTime, wait_for

SERVER = "guichet.example"
KIOSK = "kiosk-wassigny"
# The telephone asks again at half of it; the stack alone would five seconds before the end.
EXPIRES_SECONDS = 24
# A look-up that nobody answers begins at the latest at two thirds of it, and takes longer.
SILENCE_SECONDS = 17.0
STORY_SECONDS = 90.0
_HOSTS = Path("/etc/hosts")


def run_with_silent_names() -> dict[str, Any]:
    """Live it on a machine of its own; give what was printed. Raises ProgramFailed."""
    return run_with_silent_dns(
        "stage.names_silent", _hosts(SERVER), limit_seconds=STORY_SECONDS
    )


def _hosts(*names: str) -> str:
    # Every machine knows its own name.
    return f"127.0.0.1 {' '.join(('localhost', MACHINE, *names))}\n"


class Registrar:
    """Takes whoever registers, for EXPIRES_SECONDS each time."""

    def __init__(self, folder: Path) -> None:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
            + ["ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj"]
            + [f"/CN={SERVER}", "-addext", f"subjectAltName=DNS:{SERVER}"]
            + ["-keyout", folder / "server.key", "-out", folder / "server.pem"],
            check=True,
            capture_output=True,
        )
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with (
            suppress(OSError),
            self._context.wrap_socket(client, server_side=True) as peer,
        ):
            while request := peer.recv(65536).decode():
                if request.startswith("REGISTER "):
                    peer.sendall(_accepted(request).encode())


def _accepted(request: str) -> str:
    copied = re.findall(r"(?m)^((?:Via|From|To|Call-ID|CSeq|Contact): .*)\r$", request)
    lines = ["SIP/2.0 200 OK", *copied, f"Expires: {EXPIRES_SECONDS}"]
    return "\r\n".join([*lines, "Content-Length: 0", "", ""])


def story(folder: Path) -> dict[str, Any]:
    """Give the slowest answer of the telephone in the silence, and whether it kept its place."""
    SilentDns()
    registrar = Registrar(folder)
    bundle = folder / f"{KIOSK}.toml"
    bundle.write_text(
        f'[sip]\nuser = "{KIOSK}"\nsecret = "x"\nserver = "{SERVER}"\n'
        f'port = {registrar.port}\nca_file = "server.pem"\n'
        '[media]\ncamera = "colorbar"\naudio = "null"\ndisplay = "none"\n'
        f'[control]\nsocket = "{KIOSK}.sock"\n[kiosk]\nslug = "{KIOSK}"\n'
    )
    kiosk = Endpoint(KIOSK, bundle, directory=folder)
    kiosk.program.start()
    try:
        wait_for(kiosk.is_registered, "the kiosk is registered")
        _HOSTS.write_text(_hosts())
        seen = _watch(kiosk)
        _HOSTS.write_text(_hosts(SERVER))
        wait_for(kiosk.is_registered, "the kiosk is registered again", 40)
        return seen
    except NotInTime as late:
        raise ProgramFailed(f"{late}\n{kiosk.program.log_text()}") from late
    finally:
        kiosk.program.stop()


def _watch(kiosk: Endpoint) -> dict[str, Any]:
    slowest, kept, end = 0.0, True, time.monotonic() + SILENCE_SECONDS
    while (began := time.monotonic()) < end:
        registered = kiosk.status()["registered"]
        slowest = max(slowest, time.monotonic() - began)
        # For half of its time at least a registration is good.
        if began < end - SILENCE_SECONDS + EXPIRES_SECONDS / 2 - 1:
            kept = kept and registered
        time.sleep(0.2)
    return {"slowest_seconds": round(slowest, 2), "kept": kept}


if __name__ == "__main__":
    print(json.dumps(story(Path(sys.argv[1]))))
