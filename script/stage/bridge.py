# SPDX-License-Identifier: AGPL-3.0-or-later
"""A running device bridge, and a telephone's end of its link to key codes with."""

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from device_bridge.call.link import (
    Audience,
    Held,
    LinkClient,
    Say,
    SetVolume,
    Show,
    ask_bridge,
)
from stage.files_below import files_below
from stage.processes import Program
from stage.waiting import wait_for

COMMAND = Path(sys.executable).parent / "guichet-bridge"
PUMP_SECONDS = 0.005


class BridgeProgram:
    """`guichet-bridge run` with a bundle of its own in `directory`."""

    def __init__(
        self,
        directory: Path,
        settings: dict[str, Any],
        environment: dict[str, str] | None = None,
    ) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.bundle = directory / "kiosk.toml"
        self.data = directory / "data"
        self.socket = directory / "bridge.sock"
        self.settings = {
            "socket": str(self.socket),
            "data_dir": str(self.data),
            **settings,
        }
        self.write_bundle()
        self.program = Program(
            "bridge",
            [str(COMMAND), "run", str(self.bundle)],
            directory=directory,
            log=directory / "bridge.log",
            environment=environment,
        )

    def write_bundle(self) -> None:
        """Write the bundle from `settings`, for the next start."""
        lines = [f"{key} = {json.dumps(value)}" for key, value in self.settings.items()]
        self.bundle.touch(mode=0o600)
        self.bundle.write_text("[bridge]\n" + "\n".join(lines) + "\n")

    def start(self) -> None:
        """Start it and return once it serves."""
        self.program.start()
        self.program.wait_until(lambda: "bridge runs" in self.program.log_text())

    def kill(self) -> None:
        """Kill it and its children at once (kill -9)."""
        self.program.kill()

    def stop(self) -> None:
        """Ask it to end."""
        self.program.stop()

    def status(self) -> dict[str, Any]:
        """Give what it says of itself."""
        return ask_bridge(self.socket, "status")

    def is_idle(self) -> bool:
        """Tell whether no job is open and everything is delivered."""
        status = self.status()
        return not status["jobs"] and not any(status["undelivered"].values())

    def files_left(self) -> list[Path]:
        """Give the files of appointments that are still at the kiosk."""
        return files_below(self.data / "work")


class KioskEnd:
    """A kiosk's telephone as the bridge sees it: a call, its digits, what is said."""

    def __init__(self, socket: Path) -> None:
        self.said: list[Say] = []
        self.shown: list[int | None] = []
        # The one appointment that may be called: the last one is not wiped yet.
        self.held_for: int | None = None
        self._client = LinkClient(socket)
        self._lock = threading.Lock()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._pump, daemon=True)
        self._thread.start()
        self.call = ""

    def wait_connected(self) -> None:
        """Return once the bridge listens."""
        wait_for(lambda: self._client.is_connected, "the bridge listens")

    def confirm(self, call: str, appointment: int) -> None:
        """Enter a call."""
        self.call = call
        with self._lock:
            self._client.confirm_call(call, appointment, "counsellor-msa-1")

    def key(self, code: str, call: str | None = None) -> None:
        """Key a code in the call, digit by digit."""
        for digit in code:
            with self._lock:
                self._client.send_digit(call or self.call, digit)

    def tell_line(self, from_kiosk: str, to_kiosk: str) -> None:
        """Tell how the call's line is, each way."""
        with self._lock:
            self._client.tell_line(self.call, from_kiosk, to_kiosk)

    def end(self) -> None:
        """Leave the call."""
        with self._lock:
            self._client.end_call(self.call)

    def heard(self, to: Audience = Audience.COUNSELLOR) -> list[str]:
        """Give what was said to somebody, in order."""
        return [say.text for say in list(self.said) if say.to in (to, Audience.BOTH)]

    def wait_heard(
        self, text: str, timeout_seconds: float = 20.0, times: int = 1
    ) -> str:
        """Return the sentence holding this text, once the counsellor reads it."""

        def find() -> str | None:
            found = [said for said in self.heard() if text in said]
            return found[times - 1] if len(found) >= times else None

        try:
            return wait_for(find, f"the counsellor reads {text!r}", timeout_seconds)
        except Exception as error:
            error.add_note(f"read so far: {self.heard()}")
            raise

    def close(self) -> None:
        """Vanish, as a telephone that was killed."""
        self._is_stopping.set()
        self._thread.join()
        self._client.close()

    def _pump(self) -> None:
        while not self._is_stopping.is_set():
            with self._lock:
                messages = self._client.poll()
            for message in messages:
                if isinstance(message, Show):
                    self.shown.append(message.document)
                elif isinstance(message, SetVolume):
                    with self._lock:
                        self._client.tell_volume(message.level)
                elif isinstance(message, Held):
                    self.held_for = message.appointment
                else:
                    self.said.append(message)
            time.sleep(PUMP_SECONDS)
