# SPDX-License-Identifier: AGPL-3.0-or-later
"""The whole story, as the demo's check lives it; and nothing is left of a demo that ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests

from stage.processes import MARK, processes_left, processes_of
from stage.stack import ASTERISK_FILE, REPOSITORY
from stage.waiting import PATIENCE, wait_for
from tests.folders import Folders

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not ASTERISK_FILE.exists(), reason="run script/setup"),
]

STATES = ["booked", "arrived", "calling", "queued", "in_call", "done"]
PROGRAMS = {
    # Its master and two workers, the live pages, and what sends messages and webhooks.
    "guichet-web": 6,
    "guichet-dispatcher": 1,
    "guichet-kiosk": 3,
    "guichet-counsellor": 3,
    "cupsd": 3,
    "ippeveprinter": 3,
}


@dataclass(frozen=True)
class Demo:
    """A demo that was started."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, *options: str) -> "Demo":
        """Start one with these options."""
        return cls(
            subprocess.Popen(
                [sys.executable, "-m", "stage.demo_command", *options],
                env={**os.environ, "PYTHONPATH": str(REPOSITORY / "script")},
                stdout=subprocess.PIPE,
                text=True,
            )
        )

    def folders(self) -> set[Path]:
        """Give the folders that its programs work for."""
        found = set()
        for child in psutil.Process(self.process.pid).children(recursive=True):
            # One may have ended meanwhile.
            with suppress(psutil.Error):
                if mark := child.environ().get(MARK):
                    found.add(Path(mark))
        return found

    def welcome(self) -> str:
        """Give what it printed until it was ready."""
        assert self.process.stdout is not None
        printed = ""
        for line in self.process.stdout:
            printed += line
            if line.startswith("Ctrl-C"):
                break
        return printed

    def end(self) -> None:
        """Kill it, and leave nothing of it."""
        folders = self.folders() if self.process.poll() is None else ()
        self.process.kill()
        self.process.communicate()
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


def programs_of(folder: Path) -> Counter[str]:
    """Count the programs of a demo's folder by their names."""
    names = Counter[str]()
    for process in processes_of(folder):
        # One may have ended meanwhile.
        with suppress(psutil.Error):
            names.update(Path(word).name for word in process.cmdline()[:2])
    return names


@pytest.fixture(scope="module")
def kept(tmp_path_factory: Folders) -> Path:
    """Give the folder in which the check leaves what it made."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def check(kept: Path) -> Iterator[Demo]:
    """Start the check of the whole story."""
    check = Demo.start("--check", "--json", "--keep", str(kept))
    yield check
    check.end()


@pytest.fixture(scope="module")
def demo(check: Demo) -> Iterator[Demo]:
    """Start the demo while the check starts: neither may take what the other has."""
    demo = Demo.start()
    yield demo
    demo.end()


def test_a_check_beside_a_demo_sees_the_whole_story(
    check: Demo, demo: Demo, kept: Path
) -> None:
    output, _ = check.process.communicate(timeout=300 * PATIENCE)
    assert check.process.returncode == 0, output
    told = json.loads(output.splitlines()[-1])
    assert told["ok"] is True
    assert [seen["state"] for seen in told["states"]] == STATES
    times = [seen["at_ms"] for seen in told["states"]]
    assert times == sorted(times) and times[0] >= 0
    for end in (told["kiosk"], told["counsellor"]):
        assert end["frames"] >= 30
        assert (end["width"], end["height"]) >= (320, 240)
        assert end["codec"] == "VP8"
        assert end["fps"] > 0
    devices = told["devices"]
    assert devices["print"] | {"ms": 0} == {
        "pages": 2,
        "text_matches": True,
        "ms": 0,
    }
    for scan, pages in (("scan", 10), ("card", 1)):
        assert devices[scan] | {"ms": 0} == {
            "pages": pages,
            "sha256_matches": True,
            "ms": 0,
        }
        assert devices[scan]["ms"] > 0
    assert devices["print"]["ms"] > 0
    assert devices["wiped"] is True
    assert told["processes_left"] == 0
    names = {path.name for path in kept.iterdir()}
    assert {"guichet.db", "guichet.toml", "log", "asterisk"} <= names
    assert demo.process.poll() is None


def test_the_demo_says_where_to_click_and_ctrl_c_ends_all_of_it(demo: Demo) -> None:
    printed = demo.welcome()
    [folder] = [
        Path(line.rpartition(" ")[2].strip())
        for line in printed.splitlines()
        if line.startswith("Logs, database and configuration:")
    ]
    address, *screens = [word for word in printed.split() if word.startswith("http://")]
    for each in (address, *screens):
        assert requests.get(each, timeout=20 * PATIENCE).status_code == 200
    assert len(screens) == 3
    for account in ("mairie@wassigny.example", "admin@guichet.example"):
        assert account in printed
    for account in ("conseiller@msa.example", "conseiller@mission-locale"):
        assert account in printed
    running = programs_of(folder)
    assert PROGRAMS.items() <= running.items()
    assert running["guichet-bridge"] >= 3
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(20) == 0
    assert processes_left(folder) == 0
    assert not folder.exists()


def is_started(folder: Path) -> bool:
    """Tell whether all programs of a demo are there, ready or not."""
    running = programs_of(folder)
    return all(running[name] >= count for name, count in PROGRAMS.items())


@pytest.fixture
def started() -> Iterator[tuple[Demo, Path]]:
    """Give a demo whose programs are all there, ready or not, and its folder."""
    demo = Demo.start()
    folder = None
    try:
        folder = wait_for(
            lambda: next(filter(is_started, demo.folders()), None),
            "all its programs are started",
            120,
        )
        yield demo, folder
    finally:
        demo.end()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def test_a_demo_that_is_killed_takes_all_its_programs_with_it(
    started: tuple[Demo, Path],
) -> None:
    demo, folder = started
    demo.process.kill()
    demo.process.wait(5)
    wait_for(lambda: not processes_of(folder), "all programs are gone", 30)
