# SPDX-License-Identifier: AGPL-3.0-or-later
"""The disk fills up while pages are written beside the scan: what was told has no gap."""

import errno
import threading

import pytest
from PIL import Image

from device_bridge.scanning import page_writer
from device_bridge.scanning.page_writer import PageWriter, RawPage
from device_bridge.scanning.scanner import Source
from stage.waiting import wait_for


def page(folder, number, width=40, height=60, samples=3):
    return RawPage(
        bytes([number]) * (width * height * samples),
        *(width, height, samples),
        300,
        folder / f"raw-{number:03}.jpg",
        Source.FEEDER,
    )


@pytest.fixture
def told():
    return []


@pytest.fixture
def writer(told):
    return PageWriter(lambda page: told.append(page.file.name))


def fill_disk(monkeypatch, at_name):
    """Let a page of this name, and what comes after it, find no room."""
    save = page_writer.save_page

    def save_or_fail(picture, file, resolution_dpi):
        if file.name >= at_name:
            raise OSError(errno.ENOSPC, "No space left on device")
        save(picture, file, resolution_dpi)

    monkeypatch.setattr(page_writer, "save_page", save_or_fail)


def test_pages_are_told_in_their_order_once_they_are_on_the_disk(
    writer, told, tmp_path
):
    for number in range(1, 5):
        writer.put(page(tmp_path, number))
    writer.end_scan()

    assert told == [f"raw-{number:03}.jpg" for number in range(1, 5)]
    for name in told:
        with Image.open(tmp_path / name) as written:
            assert (written.mode, written.size) == ("RGB", (40, 60))
            assert written.info["dpi"] == (300, 300)


def test_a_page_without_colour_stays_without(writer, tmp_path):
    writer.put(page(tmp_path, 1, samples=1))
    writer.end_scan()

    with Image.open(tmp_path / "raw-001.jpg") as written:
        assert written.mode == "L"


def test_a_full_disk_ends_the_scan_and_keeps_the_pages_before(
    writer, told, tmp_path, monkeypatch
):
    fill_disk(monkeypatch, "raw-003.jpg")

    with pytest.raises(OSError) as raised:
        for number in range(1, 20):
            writer.put(page(tmp_path, number))
    writer.end_scan()

    assert raised.value.errno == errno.ENOSPC
    assert told == ["raw-001.jpg", "raw-002.jpg"]
    whole = sorted(file.name for file in tmp_path.glob("raw-*.jpg"))
    assert whole == told


def test_the_last_page_that_finds_no_room_ends_the_scan_too(
    writer, told, tmp_path, monkeypatch
):
    fill_disk(monkeypatch, "raw-002.jpg")
    writer.put(page(tmp_path, 1))
    writer.put(page(tmp_path, 2))

    with pytest.raises(OSError):
        writer.end_scan()

    assert told == ["raw-001.jpg"]


def test_the_next_scan_is_written_again(writer, told, tmp_path, monkeypatch):
    with monkeypatch.context() as full:
        fill_disk(full, "raw-001.jpg")
        writer.put(page(tmp_path, 1))
        with pytest.raises(OSError):
            writer.end_scan()

    writer.put(page(tmp_path, 2))
    writer.end_scan()

    assert told == ["raw-002.jpg"]


def test_the_scanner_waits_when_pages_come_faster_than_the_disk_takes_them(
    writer, told, tmp_path, monkeypatch
):
    may_go_on = threading.Event()
    save = page_writer.save_page
    happened = []

    def save_slowly(picture, file, resolution_dpi):
        may_go_on.wait()
        happened.append(("written", int(file.stem.removeprefix("raw-"))))
        save(picture, file, resolution_dpi)

    monkeypatch.setattr(page_writer, "save_page", save_slowly)

    def scan():
        for number in range(1, 6):
            happened.append(("brought", number))
            writer.put(page(tmp_path, number))
            happened.append(("taken", number))

    scanning = threading.Thread(target=scan)
    scanning.start()
    wait_for(lambda: ("brought", 3) in happened, "the third page is brought")
    may_go_on.set()
    scanning.join()
    writer.end_scan()

    assert [what for what in happened if what[0] == "written"] == [
        ("written", number) for number in range(1, 6)
    ]
    # Two are held; a third one is taken when one of them is written.
    for number in (3, 4, 5):
        written, taken = ("written", number - 2), ("taken", number)
        assert happened.index(written) < happened.index(taken)
    assert told == [f"raw-{number:03}.jpg" for number in range(1, 6)]


def test_a_huge_page_is_written_before_the_next_is_asked_for(
    writer, told, tmp_path, monkeypatch
):
    monkeypatch.setattr(page_writer, "SIDE_BY_SIDE_BYTES", 1000)

    writer.put(page(tmp_path, 1))

    assert told == ["raw-001.jpg"]
