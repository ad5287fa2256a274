# SPDX-License-Identifier: AGPL-3.0-or-later
"""The captions' service of a kiosk with a real model, and a page that reads along."""

import http.client
import json
import socket
import threading
import time
import wave
from array import array
from pathlib import Path
from typing import Any

import psutil
import tomli_w

from sip_endpoints.captions.engine_process import MODULE
from sip_endpoints.captions.page_stream import LOOPBACK, address_of
from sip_endpoints.device_link import PROMPTS
from stage.endpoint import BINARIES
from stage.processes import Program
from stage.stack import REPOSITORY
from stage.waiting import PATIENCE, PATIENCE_SECONDS, wait_for

# Brought by `script/setup --test`; hears English.
MODELS = REPOSITORY / ".setup" / "captions"
SITE = "https://guichet.example"
RATE = 48000


class Captions:
    """The service as its unit runs it."""

    def __init__(
        self, folder: Path, models: Path = MODELS, site: str = f"{SITE}/borne"
    ) -> None:
        self.folder = folder
        self.socket = folder / "captions.sock"
        self.settings = folder / "captions.toml"
        table = {"folder": str(models), "socket": str(self.socket), "screen_url": site}
        self.settings.write_text(tomli_w.dumps({"captions": table}))
        self.program = Program(
            "captions",
            [str(BINARIES / "guichet-kiosk"), "captions", str(self.settings)],
            directory=folder,
            log=folder / "captions.log",
        )

    def start(self) -> None:
        """Start it, and return once the telephone may come."""
        self.program.start()
        self.program.wait_until(lambda: self.is_listening)

    @property
    def is_listening(self) -> bool:
        """Tell whether the telephone may come."""
        try:
            port, _ = self.way
            socket.create_connection((LOOPBACK, port), 1).close()
        except OSError:
            return False
        return True

    @property
    def way(self) -> tuple[int, str]:
        """Give the stream's port and its secret."""
        told = address_of(self.folder).read_text().strip()
        port, _, secret = told.partition("/")
        return int(port), secret

    def engine(self) -> psutil.Process | None:
        """Give the engine's process, where one runs."""
        for each in psutil.Process(self.program.pid).children():
            if MODULE in each.cmdline():
                return each
        return None

    def wait_engine(self) -> psutil.Process:
        """Return an engine's process."""
        return wait_for(self.engine, "an engine runs", poll_seconds=0.05)


class Voice:
    """The telephone's end: sound as fast as it is spoken."""

    def __init__(self, captions: Captions, language: str = "en") -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(5 * PATIENCE)
        self._socket.connect(str(captions.socket))
        about = {"language": language, "rate": RATE}
        self._socket.sendall(json.dumps(about).encode() + b"\n")
        # What was said, and when its last word was over.
        self.ended_at: list[float] = []
        self._wanted: list[bytes] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._speak, daemon=True)
        self._thread.start()

    def say(self, sound: bytes) -> None:
        """Say something, after what is being said."""
        self._wanted.append(sound)

    @property
    def is_speaking(self) -> bool:
        """Tell whether the service still takes what is said."""
        return self._thread.is_alive()

    def close(self) -> None:
        """End the call."""
        self._is_over.set()
        self._thread.join()
        self._socket.close()

    def _speak(self) -> None:
        step = RATE // 50 * 2
        due, sound = time.monotonic(), b""
        while not self._is_over.is_set():
            if not sound and self._wanted:
                sound = self._wanted.pop(0)
            piece, sound = sound[:step], sound[step:]
            if piece and not sound:
                self.ended_at.append(time.time())
            try:
                self._socket.sendall(piece.ljust(step, b"\0"))
            except OSError:
                return
            due += 0.02
            self._is_over.wait(max(0.0, due - time.monotonic()))


class Page:
    """A page of the site, which reads along."""

    def __init__(self, captions: Captions, origin: str = SITE) -> None:
        port, secret = captions.way
        self._connection = http.client.HTTPConnection(
            LOOPBACK, port, timeout=10 * PATIENCE
        )
        self._connection.request("GET", f"/{secret}", headers={"Origin": origin})
        self._answer = self._connection.getresponse()
        self.status = self._answer.status
        self.told: list[tuple[float, dict[str, Any]]] = []
        self.is_cut = False
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def now(self) -> dict[str, Any]:
        """Give what it shows."""
        return self.told[-1][1] if self.told else {"state": "off", "lines": []}

    def wait_state(self, state: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Return once captions are so."""
        wait_for(lambda: self.now["state"] == state, f"captions are {state}", seconds)

    def wait_said(self, text: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Return once this is written: a machine may be wrong in one word of three."""

        def is_read() -> bool:
            return any(is_much_like(text, line) for line in self.now["lines"])

        wait_for(is_read, f"{text!r} is written", seconds)

    def close(self) -> None:
        """Leave."""
        self._answer.close()
        self._connection.close()

    def _read(self) -> None:
        try:
            for line in self._answer:
                if line.startswith(b"data: "):
                    self.told.append((time.time(), json.loads(line[6:])))
        except (OSError, ValueError, http.client.HTTPException):
            pass
        self.is_cut = True


def prompts() -> dict[str, str]:
    """Give the kiosk's own English sentences, by the names of their recordings."""
    lines = (PROMPTS / "en" / "prompts.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if not line.startswith("#")]
    return {name: text for name, text in pairs}


def sound_of(name: str) -> bytes:
    """Give the recording of a sentence, as the sound bridge would: 48 kHz, from 16."""
    with wave.open(str(PROMPTS / "en" / f"{name}.wav")) as file:
        slow = array("h", file.readframes(file.getnframes()))
    quick = array("h")
    for one, other in zip(slow, slow[1:] + slow[-1:], strict=True):
        quick.extend((one, (2 * one + other) // 3, (one + 2 * other) // 3))
    return quick.tobytes()


def word_errors(said: str, written: str) -> tuple[int, int]:
    """Count the words to be put right, and those that were said."""
    wanted, found = (_words(each) for each in (said, written))
    row = list(range(len(found) + 1))
    for number, word in enumerate(wanted, start=1):
        before, row[0] = row[0], number
        for at, other in enumerate(found, start=1):
            best = min(row[at] + 1, row[at - 1] + 1, before + (word != other))
            before, row[at] = row[at], best
    return row[-1], len(wanted)


def is_much_like(said: str, written: str) -> bool:
    """Tell whether at most a word of three is wrong."""
    wrong, words = word_errors(said, written)
    return wrong * 3 <= words


def _words(text: str) -> list[str]:
    kept = "".join(c if c.isalpha() or c == "'" else " " for c in text.lower())
    return kept.split()
