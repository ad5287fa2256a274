# SPDX-License-Identifier: AGPL-3.0-or-later
"""What `script/hosts --check --json` tells, also of what was not reached; parts of all faults."""

import click
import pytest

from stage.hosts.check import Result
from stage.hosts.command import part_of
from stage.hosts.documented import Effort
from stage.hosts.faults.registry import FAULTS

TOLD = {
    "problem": "",
    "states": [["booked", 3], ["in_call", 900], ["done", 9000]],
    "kiosk": {"frames": 40},
    "counsellor": {"frames": 50},
    "devices": {
        "print": {"text_matches": True},
        "scan": {"sha256_matches": True},
        "card": {"sha256_matches": True},
        "wiped": True,
    },
}


def test_a_check_that_went_well_is_ok() -> None:
    effort = Effort(["apt install", "guichet-server install"], 61.26, 1000)
    result = Result(
        {"server": effort},
        TOLD,
        boots={"kiosk": 11.0, "server": 16.0},
        is_upgraded=True,
        is_rolled_back=True,
        is_restored=True,
        processes_left=0,
    )
    told = result.as_json()
    assert told["ok"] is True and told["problem"] is None
    assert told["server"] == {"commands": 2, "seconds": 61.3, "download_bytes": 1000}
    assert told["story"] == {
        "states": ["booked", "in_call", "done"],
        "kiosk_frames": 40,
        "counsellor_frames": 50,
        "printed": True,
        "scanned": True,
        "wiped": True,
    }
    assert told["boot"] == {"kiosk": 11.0, "server": 16.0}
    assert told["upgrade"] == {"ok": True, "rolled_back": True}
    assert told["restore"] == {"ok": True}


def test_what_was_not_reached_is_not_ok() -> None:
    told = Result(
        problem="the server's install ended with 1", processes_left=0
    ).as_json()
    assert told["ok"] is False
    assert told["kiosk"]["commands"] == 0
    assert told["story"]["states"] == [] and told["story"]["printed"] is False
    assert told["upgrade"] == {"ok": False, "rolled_back": False}
    assert told["restore"] == {"ok": False}


def test_all_faults_are_in_one_part_of_them() -> None:
    faults = [*FAULTS]
    parts = [part_of(faults, f"{number}/3") for number in (1, 2, 3)]
    assert [each for part in parts for each in part] == faults
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("part", ["0/3", "4/3", "1/0", "1", "1/99", "one"])
def test_a_part_that_is_none_is_refused(part) -> None:
    with pytest.raises(click.UsageError, match="such as 2/3"):
        part_of([*FAULTS], part)


def test_a_process_that_is_left_is_told() -> None:
    assert Result(story=TOLD, processes_left=1).as_json()["ok"] is False


def test_a_card_that_was_not_scanned_right_is_no_scan() -> None:
    devices = TOLD["devices"] | {"card": {"sha256_matches": False}}
    story = Result(story=TOLD | {"devices": devices}).as_json()["story"]
    assert story["scanned"] is False
