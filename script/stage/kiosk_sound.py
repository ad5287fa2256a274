# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's sound without a sound card: the real PipeWire, and cards that come and go.

The loudspeaker is a node that keeps its own time, as a card does; what is played to it can be
recorded. The microphone hears a file, from its beginning each time that it is plugged in.
"""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from measure.tones import levels_of
from sip_endpoints.machine.devices.found import Kind
from sip_endpoints.machine.devices.sound import echo_settings, find_sound
from stage.processes import Program
from stage.waiting import wait_for

ROOT = Path(__file__).parents[2]
POLICY = ROOT / "debian" / "kiosk" / "session"
# By it a program that knows only ALSA, as the telephone does, finds PipeWire.
ALSA_TO_PIPEWIRE = Path("/etc/alsa/conf.d/99-pipewire-default.conf")
PROGRAMS = ("pipewire", "wireplumber", "pw-cli", "pw-dump", "pw-loopback")
LOUDSPEAKER, MICROPHONE = "alsa_output.usb-room", "alsa_input.usb-room"
RECORDED_SECONDS = 1.5
# Below the tone that is looked for; in silence both are as loud.
HEARD_DB = -15.0


def missing_programs() -> list[str]:
    """Name what is not installed here."""
    missing = [each for each in PROGRAMS if shutil.which(each) is None]
    return missing + ([] if ALSA_TO_PIPEWIRE.exists() else ["pipewire-alsa"])


class KioskSound:
    """A context manager: inside it PipeWire runs as a kiosk's units run it, with both cards."""

    def __init__(self, directory: Path, said: Path) -> None:
        self.directory = directory
        self.runtime = directory / "run"
        self._said = said
        self._server = self._program(
            "pipewire", ["pipewire"], XDG_CONFIG_HOME=str(directory / "config")
        )
        self._policy = self._program(
            "wireplumber", ["wireplumber"], XDG_CONFIG_HOME=str(POLICY)
        )
        heard = f"media.class=Audio/Source node.name={MICROPHONE}"
        mouth = f"node.autoconnect=false node.name={MICROPHONE}.mouth"
        self._microphone = self._program(
            "microphone",
            [
                "pw-loopback",
                f"--capture-props={{ {mouth} }}",
                f"--playback-props={{ {heard} priority.session=2000 }}",
            ],
        )
        self._mouth = self._program(
            "mouth",
            [
                *("pw-cat", "--playback", "--target", f"{MICROPHONE}.mouth"),
                *("-P", "{ node.dont-fallback=true }", str(said)),
            ],
        )

    def __enter__(self) -> Self:
        settings = self.directory / "config" / "pipewire" / "pipewire.conf.d"
        settings.mkdir(parents=True)
        self.runtime.mkdir(mode=0o700)
        (settings / "guichet-kiosk.conf").write_text(
            echo_settings("", ""), encoding="utf-8"
        )
        self.start_server()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop_clients()
        self._server.stop()

    @property
    def environment(self) -> dict[str, str]:
        """Give what a program needs to be heard here."""
        runtime = str(self.runtime)
        return {"XDG_RUNTIME_DIR": runtime, "PIPEWIRE_RUNTIME_DIR": runtime}

    def start_server(self) -> None:
        """Start PipeWire and what says where sound goes, and plug in both cards."""
        self._server.start()
        wait_for(self._takes_connections, "PipeWire is there", poll_seconds=0.1)
        self._policy.start()
        for kind in (Kind.LOUDSPEAKER, Kind.MICROPHONE):
            self.plug(kind)

    def kill_server(self) -> None:
        """Kill PipeWire (SIGKILL); whatever hangs on it ends too."""
        self._server.kill()
        self._stop_clients()

    def hang_server(self) -> None:
        """Stop PipeWire where it is (SIGSTOP): it takes connections and answers nothing."""
        os.kill(self._server.pid, signal.SIGSTOP)

    def bury_server(self) -> None:
        """Return once somebody else has killed PipeWire."""
        wait_for(
            lambda: not self._server.is_running, "PipeWire was killed", poll_seconds=0.1
        )
        self._stop_clients()

    def _stop_clients(self) -> None:
        for program in (self._mouth, self._microphone, self._policy):
            program.stop()

    def _takes_connections(self) -> bool:
        # One that was killed leaves its socket behind.
        with socket.socket(socket.AF_UNIX) as line:
            return line.connect_ex(str(self.runtime / "pipewire-0")) == 0

    def plug(self, kind: Kind) -> None:
        """Plug in the loudspeaker or the microphone; return once PipeWire lists it."""
        if kind is Kind.LOUDSPEAKER:
            properties = (
                f"factory.name=support.null-audio-sink node.name={LOUDSPEAKER}"
                " media.class=Audio/Sink object.linger=true priority.session=1000"
                " priority.driver=1000 audio.position=[ FL FR ]"
            )
            self._run("pw-cli", "create-node", "adapter", f"{{ {properties} }}")
        else:
            self._microphone.start()
        wait_for(lambda: self._has(kind), f"{kind} is plugged in", poll_seconds=0.1)
        if kind is Kind.MICROPHONE:
            self._mouth.start()

    def unplug(self, kind: Kind) -> None:
        """Take it out; return once PipeWire lists it no more."""
        if kind is Kind.LOUDSPEAKER:
            self._run("pw-cli", "destroy", LOUDSPEAKER)
        else:
            self._mouth.stop()
            self._microphone.stop()
        wait_for(lambda: not self._has(kind), f"{kind} is unplugged", poll_seconds=0.1)

    def is_heard(self, hz: int, other_hz: int) -> bool:
        """Tell whether the loudspeaker plays a tone now, and another one not."""
        kept = self.directory / "played.wav"
        words = ["pw-cat", "--record", "-P", "{ stream.capture.sink=true }"]
        words += ["--target", LOUDSPEAKER, "--rate", "48000", "--channels", "1"]
        recorder = subprocess.Popen(
            [*words, "--format", "s16", str(kept)],
            env={**os.environ, **self.environment},
            stderr=subprocess.DEVNULL,
        )
        try:
            recorder.wait(RECORDED_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        recorder.terminate()
        recorder.wait(5)
        return is_heard_in(kept, hz, other_hz)

    def is_used(self) -> bool:
        """Tell whether a telephone has its microphone or its loudspeaker open."""
        listed = subprocess.run(
            ["pw-cli", "list-objects", "Node"],
            env={**os.environ, **self.environment},
            capture_output=True,
            check=True,
        )
        return b"PipeWire ALSA" in listed.stdout

    def _has(self, kind: Kind) -> bool:
        return any(each.kind is kind for each in find_sound(self.runtime))

    def _run(self, *words: str) -> None:
        environment = {**os.environ, **self.environment}
        subprocess.run(words, env=environment, capture_output=True, check=True)

    def _program(self, name: str, words: list[str], **more: str) -> Program:
        return Program(
            name,
            words,
            directory=self.directory,
            log=self.directory / f"{name}.log",
            environment={"HOME": str(self.directory), **self.environment, **more},
        )


def is_heard_in(kept: Path, hz: int, other_hz: int) -> bool:
    """Tell whether a tone is in a recording, far above one that nobody plays."""
    return levels_of(kept, [hz, other_hz])[other_hz] < HEARD_DB
