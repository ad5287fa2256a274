# SPDX-License-Identifier: AGPL-3.0-or-later
"""Devices as the system's programs tell of them, and which one is meant."""

import json
import re
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
from sip_endpoints.machine.devices.sound import (
    NAMED_LOUDSPEAKER,
    NAMED_MICROPHONE,
    echo_settings,
    is_at_the_ear,
    read_sound,
)
from tests.unit.sip_endpoints.machine.running import Programs, said

KIOSK = Path(__file__).parents[4] / "debian" / "kiosk"
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
    assert "node.rules" not in echo_settings("", "")
    settings = echo_settings("alsa_input.usb", "alsa_output.usb")
    assert rules_of(settings) == {
        "alsa_input.usb": NAMED_MICROPHONE,
        "alsa_output.usb": NAMED_LOUDSPEAKER,
    }
    assert rules_of(echo_settings("", "o")) == {"o": NAMED_LOUDSPEAKER}


def rules_of(settings: str) -> dict[str, int]:
    """Give the priority of each device that has one."""
    rules = json.loads(settings.partition("node.rules = ")[2])
    return {
        each["matches"][0]["node.name"]: each["actions"]["update-props"][
            "priority.session"
        ]
        for each in rules
    }


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("alsa_output.usb-Acme_Handset-00.analog-stereo", NAMED_LOUDSPEAKER),
        ("alsa_output.usb-Acme_USB_headphones", NAMED_LOUDSPEAKER),
        ("alsa_input.usb-Acme_Headset-00.mono", NAMED_MICROPHONE),
        ("alsa_output.usb-Acme_Speaker", None),
        ("alsa_input.pci-0000_00_1f.3.analog-stereo", None),
    ],
)
def test_what_is_held_to_the_ear_comes_before_what_was_named(
    name: str, named: int | None
) -> None:
    text = (
        KIOSK / "session/wireplumber/wireplumber.conf.d/guichet-kiosk.conf"
    ).read_text()
    rules = re.findall(
        r'node\.name = "~([^"]+)".*?priority\.session = (\d+)', text, re.S
    )
    given = [int(priority) for rule, priority in rules if re.match(rule, name)]
    assert is_at_the_ear(name) == bool(given) == (named is not None)
    assert all(priority > (named or 0) for priority in given)


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
