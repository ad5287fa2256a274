# SPDX-License-Identifier: AGPL-3.0-or-later
"""After a call everything is wiped, looked after and proven; before that, nobody else comes."""

import threading

import pytest

from device_bridge.wiping.traces import Cause, NotWiped, Part
from device_bridge.wiping.wiper import WipeState
from device_bridge.wiping.wiping import Wiping


def test_what_an_appointment_left_is_wiped_looked_after_and_proven(ground):
    ground.begin(4)
    assert ground.wiper.standing().held_for == 4
    ground.wiper.wipe()
    assert list(ground.spool.rglob("*.pdf"))

    ground.end()
    ground.wiper.wipe()

    assert list(ground.spool.iterdir()) == list(ground.temporary.iterdir()) == []
    assert list(ground.printer.printed.parent.glob("spool-*")) == []
    assert ground.looked_at() == [
        {"telephone": 0, "print": 1, "temporary": 1, "spool": 2}
    ]
    assert ground.wiper.standing().state is WipeState.CLEAN


def test_a_call_without_any_job_is_proven_too(ground):
    ground.current = 4
    ground.wiper.owe(4)
    ground.end()
    ground.wiper.wipe()
    assert ground.looked_at() == [
        {"telephone": 0, "print": 0, "temporary": 0, "spool": 0}
    ]


def test_the_screen_has_to_say_so_itself(make_ground):
    ground = make_ground(has_screen=True)
    ground.begin(4)
    assert ground.wiper.awaits(Part.SCREEN) is None
    ground.end()

    ground.wiper.wipe()
    assert ground.looked_at() == []
    assert ground.wiper.standing().held_for == 4
    assert ground.wiper.awaits(Part.SCREEN) == 4

    ground.wiper.note(Part.SCREEN, 4, 412)
    ground.wiper.wipe()
    assert ground.looked_at()[0]["screen"] == 412
    assert ground.wiper.awaits(Part.SCREEN) is None


def test_while_a_scan_waits_for_the_server_the_next_one_may_come(make_ground):
    ground = make_ground(has_screen=True)
    ground.begin(4)
    job = ground.store.job("print-4")
    ground.store.save_job(job)
    ground.end()
    ground.wiper.wipe()
    # What may be seen or heard is still there.
    assert ground.wiper.standing().held_for == 4

    ground.wiper.note(Part.SCREEN, 4, 9)
    ground.wiper.wipe()
    standing = ground.wiper.standing()
    assert (standing.state, standing.held_for) == (WipeState.DELIVERING, None)
    assert ground.looked_at() == []
    assert list(ground.spool.rglob("scan.pdf"))

    ground.store.mark_reported("print-4", 99)
    ground.wiper.wipe()
    assert ground.wiper.standing().state is WipeState.CLEAN


def test_a_telephone_that_remembers_is_told_and_forgiven_once_it_forgets(ground):
    ground.begin(4)
    ground.end(kept=1)
    with pytest.raises(NotWiped):
        ground.wiper.wipe()
    standing = ground.wiper.standing()
    assert standing.failures == ((Part.TELEPHONE, Cause.STILL_THERE),)
    assert standing.held_for == 4

    ground.wiper.hear_telephone(0, None)
    ground.wiper.wipe()
    assert ground.wiper.standing().state is WipeState.CLEAN


def test_the_same_resident_called_again_takes_the_wipe_up_anew(ground):
    ground.begin(4)
    ground.end()
    ground.current = 4
    ground.wiper.owe(4)
    ground.wiper.wipe()
    assert ground.looked_at() == []
    assert list(ground.spool.rglob("scan.pdf"))
    ground.end()
    ground.wiper.wipe()
    assert len(ground.looked_at()) == 1


def test_folders_of_which_nothing_is_known_go_too(ground):
    stray = ground.spool / "17" / "job"
    stray.mkdir(parents=True)
    (stray / "scan.pdf").write_bytes(b"personal")
    ground.wiper.wipe()
    assert list(ground.spool.iterdir()) == []


def test_the_telephone_is_told_before_the_server_calls_whoever_waits(ground):
    told = []
    wiping = Wiping(
        ground.wiper, told.append, threading.RLock(), lambda: told.append("proof")
    )
    ground.begin(7)
    ground.end()
    wiping.deliver()
    assert told == [{"held_for": None}, "proof"]


def test_a_heartbeat_tells_no_free_kiosk_before_the_telephone_knows_of_it(ground):
    told = []
    wiping = Wiping(
        ground.wiper, told.append, threading.RLock(), lambda: told.append("proof")
    )
    ground.begin(7)
    wiping.turn()
    assert wiping.told()["state"] == "in_call"
    ground.end()
    wiping.turn()
    ground.wiper.wipe()
    # Wiped, and no turn of the link has told the telephone yet.
    assert wiping.standing().state is WipeState.CLEAN
    assert (wiping.told()["state"], wiping.told()["appointment"]) == ("wiping", 7)
    wiping.deliver()
    assert told[-2:] == [{"held_for": None}, "proof"]
    assert wiping.told()["state"] == "clean"
