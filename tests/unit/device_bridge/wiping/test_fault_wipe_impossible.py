# SPDX-License-Identifier: AGPL-3.0-or-later
"""What cannot be wiped is told with its cause, holds the kiosk, and ends by itself."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from device_bridge.ledger.store import Store, StoreError
from device_bridge.wiping import places
from device_bridge.wiping.traces import Cause, NotWiped, Part
from device_bridge.wiping.wiper import WipeState


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (errno.EROFS, Cause.READ_ONLY),
        (errno.ENOSPC, Cause.DISK_FULL),
        (errno.EPERM, Cause.NOT_DELETABLE),
        (errno.EIO, Cause.NOT_DELETABLE),
    ],
)
def test_a_disk_that_lets_nothing_be_removed(ground, monkeypatch, number, cause):
    ground.begin(4)
    ground.end()

    def refuse(path):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(places.shutil, "rmtree", refuse)
    for _ in range(2):
        with pytest.raises(NotWiped):
            ground.wiper.wipe()
    standing = ground.wiper.standing()
    assert standing.state is WipeState.FAILED
    assert (standing.appointment, standing.held_for) == (4, 4)
    assert standing.failures == ((Part.SPOOL, cause),)
    # Nothing is claimed, and what can be wiped is.
    assert ground.looked_at() == []
    assert list(ground.temporary.iterdir()) == []

    monkeypatch.undo()
    ground.wiper.wipe()
    assert ground.wiper.standing().state is WipeState.CLEAN
    assert ground.looked_at()[0]["spool"] == 2


def test_a_file_that_is_back_after_its_removal_is_seen(ground, monkeypatch):
    ground.begin(4)
    ground.end()
    monkeypatch.setattr(places.shutil, "rmtree", lambda path: None)
    with pytest.raises(NotWiped):
        ground.wiper.wipe()
    assert ground.wiper.standing().failures == ((Part.SPOOL, Cause.STILL_THERE),)


@pytest.mark.skipif(shutil.which("chattr") is None, reason="chattr is missing")
def test_a_file_that_the_file_system_itself_protects(ground):
    ground.begin(4)
    ground.end()
    file = next(ground.spool.rglob("scan.pdf"))
    if os.system(f"chattr +i {file} 2>/dev/null"):
        pytest.skip("this file system protects no file")
    try:
        with pytest.raises(NotWiped):
            ground.wiper.wipe()
        assert ground.wiper.standing().failures == ((Part.SPOOL, Cause.NOT_DELETABLE),)
        assert file.exists()
    finally:
        os.system(f"chattr -i {file}")
    ground.wiper.wipe()
    assert not file.exists()


def test_a_print_service_that_does_not_answer(ground):
    ground.begin(4)
    ground.end()
    (ground.printer.printed.parent / "faults").write_text("print_service_down\n")
    with pytest.raises(NotWiped):
        ground.wiper.wipe()
    assert ground.wiper.standing().failures == ((Part.PRINT, Cause.SILENT),)

    (ground.printer.printed.parent / "faults").unlink()
    ground.wiper.wipe()
    assert ground.wiper.standing().state is WipeState.CLEAN


def test_who_printed_nothing_needs_no_print_service(ground):
    (ground.printer.printed.parent / "faults").write_text("print_service_down\n")
    ground.current = 4
    ground.wiper.owe(4)
    ground.end()
    ground.wiper.wipe()
    assert ground.wiper.standing().state is WipeState.CLEAN


def test_a_file_that_the_print_service_kept_is_found(ground, monkeypatch):
    ground.begin(4)
    ground.end()
    spooled = ground.printer.printed.parent / "spool-1.pdf"
    content = spooled.read_bytes()
    unlink = Path.unlink

    def keep(path, missing_ok=False):
        unlink(path, missing_ok)
        if path == spooled:
            spooled.write_bytes(content)

    monkeypatch.setattr(Path, "unlink", keep)
    for _ in range(2):
        # The service has forgotten the job by then; its file is looked for all the same.
        with pytest.raises(NotWiped):
            ground.wiper.wipe()
    assert ground.wiper.standing().failures == ((Part.PRINT, Cause.STILL_THERE),)

    monkeypatch.undo()
    spooled.unlink()
    ground.wiper.wipe()
    assert ground.wiper.standing().state is WipeState.CLEAN


def test_a_proof_that_the_disk_does_not_take_is_no_proof(ground, monkeypatch):
    ground.begin(4)
    ground.end()

    def refuse(*_):
        raise StoreError("database or disk is full")

    monkeypatch.setattr(Store, "add_wipe", refuse)
    with pytest.raises(NotWiped):
        ground.wiper.wipe()
    assert ground.wiper.standing().failures == ((Part.LEDGER, Cause.DISK_FULL),)

    monkeypatch.undo()
    ground.wiper.wipe()
    assert ground.wiper.standing().state is WipeState.CLEAN
    assert len(ground.looked_at()) == 1


def test_a_call_that_the_disk_does_not_take_down_owes_its_wipe_all_the_same(
    ground, monkeypatch
):
    def refuse(*_):
        raise StoreError("database or disk is full")

    monkeypatch.setattr(Store, "owe_wipe", refuse)
    ground.current = 4
    with pytest.raises(StoreError):
        ground.wiper.owe(4)
    monkeypatch.undo()
    ground.end()
    assert ground.wiper.standing().held_for == 4
    ground.wiper.wipe()
    assert len(ground.looked_at()) == 1
