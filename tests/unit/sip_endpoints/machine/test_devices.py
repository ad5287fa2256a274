# SPDX-License-Identifier: AGPL-3.0-or-later
"""Devices as the system's programs tell of them, and which one is meant."""

from pathlib import Path

import pytest

from sip_endpoints.machine.devices.cameras import find_cameras
from sip_endpoints.machine.devices.found import ChoiceNeeded, Found, Kind, meant
from sip_endpoints.machine.devices.printers import (
    find_printers,
    make_queue,
    read_printers,
)
from sip_endpoints.machine.devices.scanners import find_scanners
from sip_endpoints.machine.devices.sound import echo_settings, read_sound
from tests.unit.sip_endpoints.machine.running import Programs, said

FOUND = """\
HP Smart Tank 7000\tipps://HP7000.local:443/ipp/print
HP Smart Tank 7000\tipp://HP7000.local:631/ipp/print
Brother\tipps://BRN1.local:443/ipp/print
broken line
Old\tlpd://old.local/
"""


def test_a_printer_with_and_without_tls_is_one_and_one_with_a_driver_is_none() -> None:
    found = read_printers(FOUND)
    assert [(each.name, each.address) for each in found] == [
        ("Brother", "ipps://BRN1.local:443/ipp/print"),
        ("HP Smart Tank 7000", "ipp://HP7000.local:631/ipp/print"),
    ]


def test_the_queue_is_always_called_the_same() -> None:
    programs = Programs({"ippfind": said(FOUND)})
    make_queue(find_printers(programs)[1], programs)
    made = next(line for line in programs.ran if line.startswith("lpadmin"))
    assert made.startswith("lpadmin -p guichet -E -v ipp://HP7000.local:631/")
    assert "-m everywhere" in made and "retry-current-job" in made


def test_scanners_are_those_that_sane_lists() -> None:
    listed = (
        "airscan:e0:HP Smart Tank\tHP Smart Tank 7000\n\nNo scanners were identified.\n"
    )
    programs = Programs({"scanimage": said(listed)})
    assert find_scanners("/etc/sane.d", programs) == [
        Found(Kind.SCANNER, "airscan:e0:HP Smart Tank", "HP Smart Tank 7000")
    ]


def test_of_a_camera_with_two_nodes_the_first_is_the_camera(tmp_path: Path) -> None:
    for node, name, index in (
        ("video0", "HD Webcam", "0"),
        ("video1", "HD Webcam", "1"),
        ("video10", "Second", "0"),
        ("video2", "Third", "0"),
    ):
        folder = tmp_path / "sys/class/video4linux" / node
        folder.mkdir(parents=True)
        (folder / "name").write_text(f"{name}\n")
        (folder / "index").write_text(f"{index}\n")
    assert [(each.name, each.address) for each in find_cameras(tmp_path)] == [
        ("HD Webcam", "/dev/video0"),
        ("Third", "/dev/video2"),
        ("Second", "/dev/video10"),
    ]


def test_a_machine_without_cameras_has_none(tmp_path: Path) -> None:
    assert find_cameras(tmp_path) == []


def test_our_own_nodes_that_cancel_the_echo_are_no_devices() -> None:
    def node(kind: str, name: str) -> dict[str, object]:
        return {"info": {"props": {"media.class": kind, "node.name": name}}}

    found = read_sound(
        [
            node("Audio/Sink", "alsa_output.usb"),
            node("Audio/Sink", "guichet-loudspeaker"),
            node("Audio/Source", "alsa_input.usb"),
            node("Stream/Input/Audio", "guichet-capture"),
            {"info": None},
            {},
        ]
    )
    assert [(each.kind, each.name) for each in found] == [
        (Kind.MICROPHONE, "alsa_input.usb"),
        (Kind.LOUDSPEAKER, "alsa_output.usb"),
    ]


def test_the_echo_is_cancelled_between_the_chosen_devices() -> None:
    assert "target.object" not in echo_settings("", "")
    settings = echo_settings("alsa_input.usb", "alsa_output.usb")
    assert '"target.object": "alsa_input.usb"' in settings
    assert '"target.object": "alsa_output.usb"' in settings


ONE = [Found(Kind.CAMERA, "A", "A")]
TWO = [*ONE, Found(Kind.CAMERA, "B", "B")]


@pytest.mark.parametrize(
    ("choice", "found", "expected"),
    [
        ("auto", [], None),
        ("auto", ONE, "A"),
        ("B", TWO, "B"),
        ("C", TWO, None),
        ("none", ONE, None),
        ("virtual", ONE, None),
    ],
)
def test_the_only_one_or_the_chosen_one_is_meant(
    choice: str, found: list[Found], expected: str | None
) -> None:
    device = meant(Kind.CAMERA, choice, found)
    assert (device.name if device else None) == expected


def test_where_there_are_several_somebody_chooses() -> None:
    with pytest.raises(ChoiceNeeded, match="guichet-kiosk devices camera 'A'"):
        meant(Kind.CAMERA, "auto", TWO)
