# SPDX-License-Identifier: AGPL-3.0-or-later
"""Many registered kiosks that answer, played by two bounded sipp processes over UDP.

A hundred pjsua2 endpoints would measure themselves. One sipp answers on a fixed port;
another registers every kiosk of an injection file with that port as contact, and ends.
"""

import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

SCENARIOS = Path(__file__).parent / "sipp_scenarios"
REGISTER_SECONDS = 60
ANSWER_SECONDS = 900
# Registrations a second: far below what realtime rows on SQLite take.
REGISTER_RATE = 50
FAREWELL_SECONDS = 5


class SippError(Exception):
    """sipp is missing, or the kiosks could not register; the text says why."""


class SippKiosks:
    """Kiosks that register and answer until they are stopped."""

    def __init__(
        self, secrets: Mapping[str, str], server: str, port: int, folder: Path
    ) -> None:
        """`secrets` by user name; `server` and `port` are Asterisk's UDP transport."""
        if shutil.which("sipp") is None:
            raise SippError("sipp is missing: apt-get install sip-tester")
        folder.mkdir(parents=True)
        self._folder = folder
        answer_port = free_udp_port(server)
        self._answering = self._start(
            *("-sf", str(SCENARIOS / "answer.xml"), "-aa", "-i", server),
            *("-p", str(answer_port), "-timeout", f"{ANSWER_SECONDS}s"),
            log="answer.log",
        )
        try:
            self._register(secrets, server, port, answer_port)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the sipp that answers."""
        self._answering.terminate()
        try:
            self._answering.wait(FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            self._answering.kill()
            self._answering.wait()

    def _register(
        self, secrets: Mapping[str, str], server: str, port: int, answer_port: int
    ) -> None:
        users = self._folder / "users.csv"
        users.write_text(injection_file(secrets))
        registering = self._start(
            *("-sf", str(SCENARIOS / "register.xml"), f"{server}:{port}"),
            *("-i", server, "-inf", str(users), "-m", str(len(secrets))),
            *("-r", str(REGISTER_RATE), "-timeout", f"{REGISTER_SECONDS}s"),
            *("-key", "answer_port", str(answer_port), "-timeout_error"),
            log="register.log",
        )
        try:
            status = registering.wait(REGISTER_SECONDS + FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            registering.kill()
            registering.wait()
            status = -1
        if status != 0:
            said = (self._folder / "register.log").read_text("utf-8", "replace")[-500:]
            raise SippError(f"not every kiosk could register (exit {status}): {said}")

    def _start(self, *options: str, log: str) -> subprocess.Popen[bytes]:
        with (self._folder / log).open("wb") as output:
            return subprocess.Popen(
                ["sipp", *options, "-nostdin", "-trace_err"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
            )


def injection_file(secrets: Mapping[str, str]) -> str:
    """Return sipp's CSV: the user name, and the credentials that answer a challenge."""
    lines = [
        f"{user};[authentication username={user} password={secret}]"
        for user, secret in secrets.items()
    ]
    return "\n".join(["SEQUENTIAL", *lines]) + "\n"


def free_udp_port(address: str) -> int:
    """Return a UDP port of the address that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])
