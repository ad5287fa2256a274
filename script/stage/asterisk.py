# SPDX-License-Identifier: AGPL-3.0-or-later
"""The real Asterisk on a rendered site."""

import json
from dataclasses import dataclass
from pathlib import Path

from provisioning.asterisk.site import AsteriskProgram
from stage.processes import Program, run_once
from stage.waiting import wait_for

READY = "Asterisk Ready."


@dataclass(frozen=True)
class LogLine:
    """A line of Asterisk's log, which is JSON."""

    time: str
    level: str
    text: str

    @classmethod
    def read(cls, line: str) -> "LogLine":
        """Read a line; raises ValueError where Asterisk did not write it whole."""
        told = json.loads(line)
        message = told["logmsg"]
        return cls(told["timestamp"], message["level"], message["message"].rstrip())


class AsteriskServer:
    """Asterisk of the site in `directory`, with its command line as `cli`."""

    def __init__(self, directory: Path, asterisk: AsteriskProgram) -> None:
        self._base = directory / "asterisk"
        self._directory = directory
        self._command = [
            *asterisk.program,
            "-C",
            str(self._base / "asterisk.conf"),
        ]
        self.messages = self._base / "log" / "messages"
        # What had been logged when it was ready, before anybody called.
        self.messages_at_start: list[LogLine] = []
        self.program = Program(
            "asterisk",
            [*self._command, "-f"],
            directory=directory,
            log=directory / "log" / "asterisk.log",
            environment={
                "ODBCSYSINI": str(self._base),
                "ODBCINI": str(self._base / "odbc.ini"),
            },
            stop_seconds=8.0,
        )

    def start(self) -> None:
        """Start Asterisk and return once it takes calls."""
        self.program.start()
        self.program.wait_until(lambda: READY in self.program.log_text())
        self.messages_at_start = self._log_lines()

    def cli(self, command: str) -> str:
        """Give what Asterisk's own console answers to `command`."""
        return run_once([*self._command, "-rx", command], directory=self._directory)

    def astdb(self, family: str, key: str) -> str | None:
        """Give the value of a key of Asterisk's own database, or None."""
        answer = self.cli(f"database get {family} {key}").strip()
        return answer.removeprefix("Value: ") if answer.startswith("Value: ") else None

    def is_registered(self, endpoint: str) -> bool:
        """Tell whether the endpoint has a contact."""
        return bool(self.contacts(endpoint))

    def contacts(self, endpoint: str) -> list[str]:
        """Give the addresses at which the endpoint is registered."""
        lines = self.cli(f"pjsip show aor {endpoint}").splitlines()
        start = f"Contact:  {endpoint}/"
        return [
            line.strip().removeprefix(start).split()[0]
            for line in lines
            if line.strip().startswith(start)
        ]

    def channels(self) -> list[str]:
        """Give the names of the channels that are up.

        Asterisk lists one twice whose state changes while it writes the list.
        """
        lines = self.cli("core show channels concise").splitlines()
        return list(dict.fromkeys(line.split("!")[0] for line in lines if "!" in line))

    def wait_idle(self, timeout_seconds: float = 40.0) -> None:
        """Return once no channel is up.

        The call of a telephone that was killed ends by `rtp_timeout`, after 30 s.
        """
        wait_for(lambda: not self.channels(), "no channel is up", timeout_seconds, 0.1)

    def complaints(self) -> list[str]:
        """Give the warnings and errors that Asterisk logged since the site was made."""
        return [
            f"{line.time} {line.level} {line.text}"
            for line in self._log_lines()
            if line.level in ("WARNING", "ERROR")
        ]

    def _log_lines(self) -> list[LogLine]:
        if not self.messages.exists():
            return []
        lines = self.messages.read_text(errors="replace").split("\n")
        # At each start Asterisk writes its name and version, in plain text.
        return [LogLine.read(line) for line in lines if line.startswith("{")]
