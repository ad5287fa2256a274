# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's two screens without a screen: the session's own settings in a headless sway."""

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stage.processes import Program
from stage.waiting import PATIENCE, NotInTime, wait_for

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "debian" / "kiosk" / "sway.conf"
PICTURES = ROOT / "sip_endpoints" / "first_screen"
INSTALLED_PICTURES = "/usr/share/guichet-kiosk/"
CALL_WORKSPACE, PAGES_WORKSPACE = "1", "2"
PROGRAMS = ("sway", "swaymsg", "swaybg", "grim", "unshare", "wtype")


def missing_programs() -> list[str]:
    """Name what is not installed here."""
    return [each for each in PROGRAMS if shutil.which(each) is None]


def words_before_sway() -> tuple[str, ...]:
    """Give what runs sway where we are root, as which it does not run.

    It is nobody in a user namespace of its own (user_namespaces(7)), and root to all files: what it
    shows may lie in a folder of root's own.
    """
    return ("unshare", "--user", "--map-user=nobody") if os.geteuid() == 0 else ()


class KioskSession:
    """Sway with two outputs of 1920x1080, drawn by the processor; programs are shown in it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.runtime = directory / "run"
        self.socket = self.runtime / "sway.sock"
        self._settings = directory / "sway.conf"
        self.program = Program(
            "sway",
            [*words_before_sway(), "sway", "--config", str(self._settings)],
            directory=directory,
            log=directory / "sway.log",
            environment={
                "HOME": str(directory),
                "XDG_RUNTIME_DIR": str(self.runtime),
                "SWAYSOCK": str(self.socket),
                "WLR_BACKENDS": "headless",
                "WLR_HEADLESS_OUTPUTS": "2",
                "WLR_RENDERER": "pixman",
                "WLR_LIBINPUT_NO_DEVICES": "1",
            },
        )

    def __enter__(self) -> "KioskSession":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.program.stop()

    @property
    def environment(self) -> dict[str, str]:
        """Give what a program needs to be shown, as the telephone's unit has it."""
        return {
            "HOME": str(self.directory),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "WAYLAND_DISPLAY": "wayland-1",
            "SDL_VIDEODRIVER": "wayland",
            "SWAYSOCK": str(self.socket),
        }

    def start(self) -> None:
        """Start it, and return once both outputs are there."""
        self.runtime.mkdir(parents=True, exist_ok=True, mode=0o700)
        lines = [
            line.replace(INSTALLED_PICTURES, f"{PICTURES}/")
            for line in SETTINGS.read_text(encoding="utf-8").splitlines()
            if not line.startswith(("include", "exec"))
        ]
        # As `guichet-kiosk screens` has it.
        lines += [
            "output * mode 1920x1080",
            f'workspace {CALL_WORKSPACE} output "HEADLESS-1"',
            f'workspace {PAGES_WORKSPACE} output "HEADLESS-2"',
        ]
        self._settings.write_text("\n".join(lines), encoding="utf-8")
        # As the unit does: one that was killed leaves it.
        self.socket.unlink(missing_ok=True)
        self.program.start()
        wait_for(self.socket.exists, "sway is there", poll_seconds=0.1)
        wait_for(
            lambda: len(self.ask("get_outputs")) == 2, "both outputs", poll_seconds=0.1
        )

    def ask(self, question: str) -> Any:
        """Ask sway, such as `get_tree`."""
        words = ["swaymsg", "--raw", "--socket", str(self.socket), "-t", question]
        return json.loads(subprocess.run(words, capture_output=True, check=True).stdout)

    def order(self, command: str) -> None:
        """Have sway do something."""
        words = ["swaymsg", "--socket", str(self.socket), command]
        subprocess.run(words, capture_output=True, check=True)

    def press(self, key: str, milliseconds: int = 100) -> None:
        """Press a key of a keyboard at the kiosk, by its X11 name, and let go."""
        # A program takes in a new keyboard before it hears its keys.
        words = ["wtype", "-s", "600", "-P", key, "-s", str(milliseconds), "-p", key]
        environment = {**os.environ, **self.environment}
        subprocess.run([*words, "-s", "300"], env=environment, check=True)

    def windows(self) -> list[dict[str, Any]]:
        """Give the windows, as sway's tree has them."""

        def below(node: dict[str, Any]) -> list[dict[str, Any]]:
            found = [node] if node.get("pid") else []
            for each in [*node["nodes"], *node["floating_nodes"]]:
                found += below(each)
            return found

        return below(self.ask("get_tree"))

    def output_of(self, workspace: str) -> str:
        """Name the output on which a workspace is."""
        [found] = [
            each["name"]
            for each in self.ask("get_outputs")
            if each["current_workspace"] == workspace
        ]
        return str(found)

    def colour_watch(
        self, x: int, y: int, size: int = 8, *, workspace: str = CALL_WORKSPACE
    ) -> "ColourWatch":
        """Watch a small square of the call's screen, or of another."""
        place = self._place(workspace, (x, y, size, size))
        return ColourWatch(place, {**os.environ, **self.environment})

    def region_watch(
        self, workspace: str, place: tuple[int, int, int, int]
    ) -> "RegionWatch":
        """Watch a part of a screen: left, top, width, height."""
        environment = {**os.environ, **self.environment}
        return RegionWatch(self._place(workspace, place), environment)

    def _place(self, workspace: str, place: tuple[int, int, int, int]) -> str:
        output, (x, y, width, height) = self.output_of(workspace), place
        [rect] = [
            each["rect"] for each in self.ask("get_outputs") if each["name"] == output
        ]
        return f"{rect['x'] + x},{rect['y'] + y} {width}x{height}"

    def picture(self, workspace: str = CALL_WORKSPACE) -> bytes:
        """Give what an output shows now, as a PPM: its pixels follow a head of three lines."""
        words = ["grim", "-t", "ppm", "-o", self.output_of(workspace), "-"]
        environment = {**os.environ, **self.environment}
        ran = subprocess.run(words, env=environment, capture_output=True, check=True)
        return ran.stdout


class ColourWatch:
    """A small square of the screens, looked at as often as it can be."""

    def __init__(self, place: str, environment: Mapping[str, str]) -> None:
        self._place = place
        self._environment = environment

    def look(self) -> tuple[float, tuple[int, int, int]]:
        """Give when it was looked at (time.time()) and the colour of its middle."""
        words = ["grim", "-t", "ppm", "-g", self._place, "-"]
        at = time.time()
        ran = subprocess.run(
            words, env=self._environment, capture_output=True, check=True
        )
        pixels = ran.stdout.split(b"\n255\n", 1)[1]
        middle = len(pixels) // 6 * 3
        red, green, blue = pixels[middle : middle + 3]
        return at, (red, green, blue)

    def wait(
        self, is_seen: Callable[[tuple[int, int, int]], bool], seconds: float
    ) -> float:
        """Return when such a colour was first seen; raise NotInTime."""
        deadline = time.monotonic() + seconds * PATIENCE
        while time.monotonic() < deadline:
            at, colour = self.look()
            if is_seen(colour):
                return at
        raise NotInTime(f"no such colour at {self._place} within {seconds:g} s")


class RegionWatch:
    """A part of the screens, told from other pictures of it by all of its pixels."""

    def __init__(self, place: str, environment: Mapping[str, str]) -> None:
        self._place = place
        self._environment = environment

    def look(self) -> tuple[float, str]:
        """Give when the look was over (time.time()), and what stands for its pixels."""
        words = ["grim", "-t", "ppm", "-g", self._place, "-"]
        ran = subprocess.run(
            words, env=self._environment, capture_output=True, check=True
        )
        return time.time(), hashlib.sha256(ran.stdout).hexdigest()

    def wait(self, picture: str, seconds: float) -> float:
        """Return when this picture was first seen; raise NotInTime."""
        deadline = time.monotonic() + seconds * PATIENCE
        while time.monotonic() < deadline:
            at, seen = self.look()
            if seen == picture:
                return at
        raise NotInTime(f"not this picture at {self._place} within {seconds:g} s")
