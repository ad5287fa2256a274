# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: Asterisk is killed in the middle of a call, and comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stage.ami import BareAmi
from stage.stack import ASTERISK_FILE, Stage, StageOptions
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK, COUNSELLOR = "kiosk-wassigny", "counsellor-msa-1"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Give an Asterisk of our own to kill, with one kiosk and one counsellor."""
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    with Stage(
        tmp_path, StageOptions(auto_answer=False, provisions_in_process=True)
    ) as running:
        running.prepare()
        running.start("asterisk", KIOSK, COUNSELLOR)
        yield running


def test_both_ends_notice_a_killed_asterisk_and_register_again(stage: Stage) -> None:
    kiosk, counsellor = stage.kiosk(KIOSK), stage.counsellor(COUNSELLOR)
    kiosk.wait_registered()
    counsellor.wait_registered()
    with BareAmi.of_site(stage.settings_file) as ami:
        ami.place_call(KIOSK, "msa", "gv-301-1", appointment="301")
        wait_for(lambda: counsellor.call(), "the counsellor's phone rings")
        assert (counsellor.call() or {})["stage"] == "ringing"
        counsellor.order("answer")
        ami.wait_event("AgentConnect")
    for endpoint in (kiosk, counsellor):
        wait_for(
            lambda: ((endpoint.call() or {}).get("video") or {}).get("fps", 0) > 0,
            "a picture moves",
            poll_seconds=0.1,
        )

    stage.kill("asterisk")
    for endpoint in (kiosk, counsellor):
        wait_for(lambda: not endpoint.is_registered(), "the loss is noticed", 10, 0.05)
    for endpoint in (kiosk, counsellor):
        wait_for(lambda: endpoint.call() is None, "the call is over", 30, 0.1)
        last = endpoint.status()["last_call"]
        assert last["end_reason"] == "no media"
        assert last["appointment_id"] == "301"

    stage.start("asterisk")
    wait_for(
        lambda: kiosk.is_registered() and counsellor.is_registered(),
        "both are registered again",
        10,
        0.05,
    )

    with BareAmi.of_site(stage.settings_file) as ami:
        ami.place_call(KIOSK, "msa", "gv-301-2", appointment="301")
        ami.wait_event("QueueCallerJoin")
        wait_for(lambda: kiosk.call(), "the kiosk can be called again")
