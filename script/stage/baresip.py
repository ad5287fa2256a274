# SPDX-License-Identifier: AGPL-3.0-or-later
"""baresip as the softphone of a counsellor: somebody else's program at our Asterisk.

It is told what to do, and tells what it sees, over its own control socket (`ctrl_tcp`:
JSON in netstrings).
"""

import json
import shutil
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stage.processes import Program
from stage.softphone import SoftphoneAccount
from stage.waiting import wait_for

MODULE_FOLDER = "/usr/lib/baresip/modules"
DEVICE_MODULES = ("ausine", "aubridge", "fakevideo")
MODULES = ("opus", "g722", "g711", "vp8", *DEVICE_MODULES)
APPLICATIONS = ("account", "menu", "ctrl_tcp")


class BaresipMissing(Exception):
    """This machine has no baresip; the text says what to install."""


class BaresipPhone:
    """One baresip with its control socket at `control`, which keys codes by SIP INFO.

    It refuses loopback addresses: run the stage in a network of its own.
    """

    def __init__(
        self, directory: Path, command: Sequence[str], control: tuple[str, int]
    ) -> None:
        if shutil.which("baresip") is None:
            raise BaresipMissing("apt-get install baresip-core")
        self.events: list[dict[str, Any]] = []
        self._control = control
        self._socket: socket.socket | None = None
        self.program = Program(
            "baresip",
            command,
            directory=directory,
            log=directory / "log" / "baresip.log",
        )

    def start(self) -> None:
        """Start it and return once Asterisk knows it."""
        self.begin()
        # It may be registered before anybody listens on its control socket.
        self.wait_told("200 OK")

    def wait_told(self, text: str) -> None:
        """Return once its log holds this text."""
        self.program.wait_until(lambda: text in self.program.log_text())

    def begin(self) -> None:
        """Start it and return once it takes commands."""
        self.program.start()
        self.program.wait_until(self._connect)
        threading.Thread(target=self._read, daemon=True).start()

    def stop(self) -> None:
        """Have it hang up, unregister and end."""
        self.program.stop()
        if self._socket is not None:
            self._socket.close()

    def command(self, name: str, parameters: str = "") -> None:
        """Give one of its menu's commands, such as `accept` or `hangup`."""
        assert self._socket is not None
        text = json.dumps({"command": name, "params": parameters}).encode()
        self._socket.sendall(b"%d:%b," % (len(text), text))

    def key(self, code: str) -> None:
        """Key a code on the keypad."""
        self.command("sndcode", code)

    def wait_event(self, kind: str, timeout_seconds: float = 20.0) -> dict[str, Any]:
        """Return the first event of this type."""

        def find() -> dict[str, Any] | None:
            found = [event for event in self.events if event.get("type") == kind]
            return found[0] if found else None

        return wait_for(find, f"baresip tells {kind}", timeout_seconds)

    def chat(self) -> list[str]:
        """Give what its chat pane shows, in order."""
        return [text for _, text in self.timed_chat()]

    def timed_chat(self) -> list[tuple[float, str]]:
        """Give what its chat pane shows and when (time.monotonic) it came."""
        return [
            (event["heard_at"], event["body"])
            for event in list(self.events)
            if "body" in event
        ]

    def wait_chat(self, text: str, timeout_seconds: float = 30.0) -> str:
        """Return the first line of the chat pane that holds this text."""

        def find() -> str | None:
            found = [line for line in self.chat() if text in line]
            return found[0] if found else None

        return wait_for(find, f"the chat pane shows {text!r}", timeout_seconds)

    def _connect(self) -> bool:
        try:
            self._socket = socket.create_connection(self._control, 2)
        except OSError:
            return False
        self._socket.settimeout(None)
        return True

    def _read(self) -> None:
        assert self._socket is not None
        with self._socket.makefile("rb") as stream:
            while size := _read_size(stream):
                told = json.loads(stream.read(size))
                stream.read(1)
                self.events.append({**told, "heard_at": time.monotonic()})


def _read_size(stream: Any) -> int:
    digits = b""
    try:
        while (mark := stream.read(1)) not in (b":", b""):
            digits += mark
    except OSError:
        return 0
    return int(digits or 0)


def write_folder(folder: Path, account: SoftphoneAccount, control_port: int) -> None:
    """Write a folder of our own for baresip: the three settings of the README."""
    address = account.server.rpartition(":")[0]
    folder.mkdir()
    (folder / "config").write_text(_config(address, control_port))
    (folder / "accounts").write_text(_account_line(account))
    (folder / "contacts").touch()


def adapt_folder(folder: Path, address: str, control_port: int) -> None:
    """Have a folder that was handed out do without a sound card, a camera and a screen.

    What it says of the account, the server and the call stays as it is.
    """
    kept = [
        line
        for line in (folder / "config").read_text().splitlines()
        if not line.startswith(("audio_", "video_source", "video_display"))
        and line not in [f"module {name}.so" for name in ("alsa", "v4l2", "x11")]
    ]
    (folder / "config").write_text(
        "\n".join(
            [
                *kept,
                *_devices(address, control_port),
                *(f"module {name}.so" for name in DEVICE_MODULES),
                "module_app ctrl_tcp.so",
            ]
        )
        + "\n"
    )


def _devices(address: str, control_port: int) -> list[str]:
    return [
        f"net_interface {address}",
        f"ctrl_tcp_listen {address}:{control_port}",
        "audio_source ausine,440",
        "audio_player aubridge,softphone",
        "audio_alert aubridge,softphone",
        "ausrc_srate 48000",
        "auplay_srate 48000",
        "video_source fakevideo,nil",
        "video_display fakevideo,nil",
    ]


def _config(address: str, control_port: int) -> str:
    lines = [
        "poll_method epoll",
        f"sip_listen {address}:0",
        *_devices(address, control_port),
        "video_size 640x360",
        "video_fps 10",
        "videnc_format yuv420p",
        f"module_path {MODULE_FOLDER}",
        *(f"module {name}.so" for name in MODULES),
        *(f"module_app {name}.so" for name in APPLICATIONS),
    ]
    return "\n".join(lines) + "\n"


def _account_line(account: SoftphoneAccount) -> str:
    # The three settings of the README, and DTMF by SIP INFO.
    options = f"auth_pass={account.secret};answermode=manual;dtmfmode=info;regint=120"
    return f"<sip:{account.user}@{account.server};transport=udp>;{options}\n"
