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
from pathlib import Path

import pytest
import requests

from stage.processes import processes_left, processes_of
from stage.stack import ASTERISK_FILE, REPOSITORY
from stage.waiting import wait_for

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not ASTERISK_FILE.exists(), reason="run script/setup"),
]

DEMO = [sys.executable, "-m", "stage.demo_command"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY / "script")}
STATES = ["booked", "arrived", "calling", "queued", "in_call", "done"]


def test_two_checks_at_once_both_see_the_whole_story(tmp_path: Path) -> None:
    checks = [
        subprocess.Popen(
            [*DEMO, "--check", "--json", "--keep", str(tmp_path / name)],
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    printed = [check.communicate(timeout=170) for check in checks]
    for check, name, (output, errors) in zip(
        checks, ("one", "two"), printed, strict=True
    ):
        assert check.returncode == 0, output + errors
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
        kept = {path.name for path in (tmp_path / name).iterdir()}
        assert {"guichet.db", "guichet.toml", "log", "asterisk"} <= kept


@pytest.fixture
def demo() -> Iterator[tuple[subprocess.Popen[str], Path, str]]:
    """Start the demo and give its process, its folder and what it printed."""
    process = subprocess.Popen(DEMO, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    folder = ""
    try:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if line.startswith("Ctrl-C"):
                break
        [folder] = [
            line.rpartition(" ")[2].strip()
            for line in printed.splitlines()
            if line.startswith("Logs, database and configuration:")
        ]
        yield process, Path(folder), printed
    finally:
        process.kill()
        process.communicate()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def test_the_demo_says_where_to_click_and_ctrl_c_ends_all_of_it(
    demo: tuple[subprocess.Popen[str], Path, str],
) -> None:
    process, folder, printed = demo
    address, *screens = [word for word in printed.split() if word.startswith("http://")]
    for each in (address, *screens):
        assert requests.get(each, timeout=20).status_code == 200
    assert len(screens) == 3
    for account in ("mairie@wassigny.example", "admin@guichet.example"):
        assert account in printed
    for account in ("conseiller@msa.example", "conseiller@mission-locale"):
        assert account in printed
    running = Counter(
        Path(word).name
        for process in processes_of(folder)
        for word in process.cmdline()[:2]
    )
    expected = {
        # Its master and two workers, the live pages, and what sends messages and webhooks.
        "guichet-web": 6,
        "guichet-dispatcher": 1,
        "guichet-kiosk": 3,
        "guichet-counsellor": 3,
        "cupsd": 3,
        "ippeveprinter": 3,
    }
    assert expected.items() <= running.items()
    assert running["guichet-bridge"] >= 3
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    assert processes_left(folder) == 0
    assert not folder.exists()


def test_a_demo_that_is_killed_takes_all_its_programs_with_it(
    demo: tuple[subprocess.Popen[str], Path, str],
) -> None:
    process, folder, _ = demo
    process.kill()
    process.wait(5)
    wait_for(lambda: not processes_of(folder), "all programs are gone", 10)
