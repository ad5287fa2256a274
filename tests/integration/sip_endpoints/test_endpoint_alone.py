# SPDX-License-Identifier: AGPL-3.0-or-later
"""Our endpoints without an Asterisk: missing devices, no network, strangers, a person.

Faults: no camera, no screen, a server that cannot be resolved, somebody who connects to
the kiosk itself, an endpoint started twice.
"""

import os
import pty
import select
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from sip_endpoints.control import ControlError, send_order
from stage.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.real

BINARIES = Path(sys.executable).parent
VIRTUAL = ("--camera", "colorbar", "--audio", "null", "--display", "none")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Give a kiosk's bundle whose server does not exist."""
    return write_bundle(tmp_path, "kiosk")


def write_bundle(folder: Path, role: str) -> Path:
    key, certificate = folder / "ca.key", folder / "ca.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
        + ["ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=test"]
        + ["-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    path = folder / f"{role}-1.toml"
    path.write_text(
        f'[sip]\nuser = "{role}-1"\nsecret = "s3cret"\nserver = "nowhere.invalid"\n'
        'ca_file = "ca.pem"\n[control]\nsocket = "endpoint.sock"\n'
        f'[{role}]\nslug = "{role}-1"\n'
    )
    return path


@contextmanager
def running(bundle: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [BINARIES / "guichet-kiosk", "run", bundle, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(lambda: is_answering(bundle) or process.poll() is not None, "it is up")
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=10 * PATIENCE)


def is_answering(bundle: Path) -> bool:
    try:
        return bool(send_order(bundle.parent / "endpoint.sock", "status"))
    except ControlError:
        return False


def without_screen() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY")
    }


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--camera", "Absent Cam", *VIRTUAL[2:]), "no camera 'Absent Cam'"),
        ((*VIRTUAL[:4], "--display", "auto"), "no screen"),
        ((*VIRTUAL[:4], "--display", "cinema"), "media.display must be one of"),
    ],
)
def test_a_missing_device_ends_the_kiosk_with_a_sentence(bundle, options, sentence):
    ended = subprocess.run(
        [BINARIES / "guichet-kiosk", "run", bundle, *options],
        env=without_screen(),
        capture_output=True,
        text=True,
        timeout=20 * PATIENCE,
    )
    assert ended.returncode == 2
    assert sentence in ended.stderr
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr


def test_without_a_network_the_kiosk_goes_on_trying_and_says_so(bundle):
    with running(bundle, *VIRTUAL) as process:
        wait_for(
            lambda: (
                send_order(bundle.parent / "endpoint.sock", "status")["registration"][
                    "code"
                ]
                >= 400
            ),
            "a failure is told",
        )
        status = send_order(bundle.parent / "endpoint.sock", "status")
        assert status["registered"] is False
        assert status["healthy"] is True
        process.terminate()
        _, log = process.communicate(timeout=10 * PATIENCE)
    assert process.returncode == 0
    assert '"registration failed"' in log
    assert "again_in_seconds" in log
    assert "s3cret" not in log


def test_nobody_can_connect_to_a_kiosk_not_even_to_be_refused(bundle):
    with running(bundle, *VIRTUAL) as process:
        ports = {
            connection.laddr.port
            for connection in psutil.Process(process.pid).net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        }
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        for port in ports:
            with socket.create_connection(("127.0.0.1", port), 5) as plain:
                with pytest.raises(OSError):
                    with context.wrap_socket(plain) as secure:
                        secure.sendall(b"OPTIONS sip:kiosk-1@h SIP/2.0\r\n\r\n")
                        assert secure.recv(1) == b"", "the kiosk answered a stranger"
                        raise ConnectionError("closed without an answer")
        assert is_answering(bundle)


def test_a_second_kiosk_on_the_same_bundle_is_refused(bundle):
    with running(bundle, *VIRTUAL):
        second = subprocess.run(
            [BINARIES / "guichet-kiosk", "run", bundle, *VIRTUAL],
            capture_output=True,
            text=True,
            timeout=20 * PATIENCE,
        )
        assert second.returncode == 1
        assert "another endpoint is running" in second.stderr
        assert is_answering(bundle)


def test_asking_a_kiosk_that_does_not_run_is_a_clear_error(bundle):
    asked = subprocess.run(
        [BINARIES / "guichet-kiosk", "status", bundle, "--json"],
        capture_output=True,
        text=True,
        timeout=20 * PATIENCE,
    )
    assert asked.returncode == 1
    assert "no endpoint is running" in asked.stderr


@pytest.mark.parametrize("terminal", ["dumb", "xterm"])
@pytest.mark.parametrize("end", ["\x03", "q\r"], ids=["ctrl-c", "quitter"])
def test_a_person_at_a_terminal_gets_help_and_leaves_cleanly(tmp_path, terminal, end):
    bundle = write_bundle(tmp_path, "counsellor")
    pid, terminal_fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = terminal
        command = str(BINARIES / "guichet-counsellor")
        os.execv(command, [command, "run", str(bundle), *VIRTUAL])
    try:
        read_until(terminal_fd, "« aide » (h)")
        os.write(terminal_fd, "aide\r".encode())
        read_until(terminal_fd, "prendre l'appel qui sonne")
        os.write(terminal_fd, "r\r".encode())
        read_until(terminal_fd, "Aucun appel à prendre.")
        os.write(terminal_fd, end.encode())
        assert exit_code(pid, terminal_fd) == 0
    finally:
        os.close(terminal_fd)


def read_until(terminal_fd: int, text: str) -> None:
    seen = b""
    deadline = time.monotonic() + 15 * PATIENCE
    while text not in seen.decode(errors="replace"):
        ready, _, _ = select.select([terminal_fd], [], [], deadline - time.monotonic())
        assert ready, f"{text!r} was not shown: {seen.decode(errors='replace')!r}"
        seen += os.read(terminal_fd, 4096)
        answer_cursor_question(terminal_fd, seen)


def answer_cursor_question(terminal_fd: int, seen: bytes) -> None:
    """Do what a real terminal does when asked where its cursor is."""
    if seen.endswith(b"\x1b[6n"):
        os.write(terminal_fd, b"\x1b[1;1R")


def exit_code(pid: int, terminal_fd: int) -> int:
    deadline = time.monotonic() + 10 * PATIENCE
    while time.monotonic() < deadline:
        ready, _, _ = select.select([terminal_fd], [], [], 0.05)
        if ready:
            try:
                os.read(terminal_fd, 4096)
            except OSError:
                ready = []
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError("it did not end")
