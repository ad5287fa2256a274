# SPDX-License-Identifier: AGPL-3.0-or-later
"""What each check of the self-test makes of what it finds."""

import io
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sip_endpoints.machine.checks.again import PAUSES_SECONDS, look_again
from sip_endpoints.machine.checks.camera import check_camera
from sip_endpoints.machine.checks.check import (
    Check,
    CheckName,
    CheckState,
    absent,
    failed,
    is_ready,
    passed,
)
from sip_endpoints.machine.checks.devices import check_printer, check_scanner
from sip_endpoints.machine.checks.here import check_disk, check_phone
from sip_endpoints.machine.checks.line import Line
from sip_endpoints.machine.checks.network import (
    check_certificate,
    check_clock,
    check_network,
)
from sip_endpoints.machine.checks.picture import light_of
from sip_endpoints.machine.checks.sentences import CAUSES, lines, missing
from sip_endpoints.machine.checks.sound import check_sound
from sip_endpoints.machine.checks.tone import RATE_HZ, listen, tone_file
from sip_endpoints.machine.devices.found import Found, Kind
from sip_endpoints.machine.server.faults import Cause, SiteUnreachable
from sip_endpoints.machine.system.choices import Devices
from sip_endpoints.machine.system.errors import ProgramFailed
from sip_endpoints.machine.system.programs import Ran
from tests.unit.sip_endpoints.machine.running import Programs, refused, said

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
WEBCAM = Found(Kind.CAMERA, "HD Webcam", "HD Webcam", "/dev/video0")


def jpeg(light: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (64, 48), light).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("frames", "pixel_format", "size", "light"),
    [
        (b"\x10\x80" * 100 + b"\x90\x80" * 100, "YUYV", 200, 0x90),
        (jpeg(10) + jpeg(120), "MJPG", 0, 120),
        (b"\x10\x80", "YUYV", 200, None),
        (b"nothing", "MJPG", 0, None),
        (b"\xff\xd8\xff cut off", "MJPG", 0, None),
        (b"\x10" * 200, "NV12", 200, None),
    ],
)
def test_the_last_frame_says_how_light_it_is(
    frames: bytes, pixel_format: str, size: int, light: int | None
) -> None:
    found = light_of(frames, pixel_format, size)
    assert (None if found is None else found.mean) == pytest.approx(light, abs=2)


class Camera(Programs):
    """A v4l2-ctl that writes these frames."""

    def __init__(self, frames: bytes | None) -> None:
        told = "\tPixel Format      : 'YUYV' (YUYV 4:2:2)\n\tSize Image        : 200\n"
        super().__init__({"v4l2-ctl --device /dev/video0 --get-fmt-video": said(told)})
        self.frames = frames

    def __call__(self, arguments: Any, **options: Any) -> Any:
        """Answer, and write the frames where they are asked for."""
        for word in arguments:
            if word.startswith("--stream-to=") and self.frames is not None:
                Path(word.removeprefix("--stream-to=")).write_bytes(self.frames)
        return super().__call__(arguments, **options)


@pytest.mark.parametrize(
    ("choice", "bundled", "found", "frames", "expected"),
    [
        ("auto", "auto", [WEBCAM], b"\x90\x80" * 100, "ok"),
        ("auto", "auto", [WEBCAM], b"\x05\x80" * 100, "black_picture"),
        ("auto", "auto", [WEBCAM], None, "camera_unreadable"),
        ("auto", "auto", [], None, "no_camera"),
        ("Another", "Another", [WEBCAM], None, "no_camera"),
        ("auto", "auto", [WEBCAM, WEBCAM], None, "choice_needed"),
        ("virtual", "colorbar", [], None, "ok"),
        ("none", "colorbar", [], None, "absent"),
    ],
)
def test_the_camera_s_picture_is_looked_at(
    choice: str, bundled: str, found: list[Found], frames: bytes | None, expected: str
) -> None:
    check = check_camera(choice, bundled, lambda: found, Camera(frames))
    assert (check.cause or check.state.value) == expected


def samples(file: bytes) -> bytes:
    return file[44:]


def test_our_tone_is_heard_and_nothing_else_is() -> None:
    silence = bytes(RATE_HZ * 2)
    tone = samples(tone_file())
    assert listen(silence + tone + silence).is_tone
    quiet = bytearray()
    for index in range(0, len(tone), 2):
        value = int.from_bytes(tone[index : index + 2], "little", signed=True) // 200
        quiet += value.to_bytes(2, "little", signed=True)
    assert listen(bytes(quiet)).is_tone
    assert not listen(silence).is_tone
    assert not listen(b"").is_tone
    noise = random.Random(1).randbytes(RATE_HZ * 2)
    assert not listen(noise).is_tone
    # A cough of a quarter of a second at the same pitch.
    assert not listen(tone[: RATE_HZ // 2]).is_tone


@pytest.mark.parametrize(
    ("devices", "bundled", "programs", "cause"),
    [
        (Devices(microphone="none"), "auto", Programs(), "absent"),
        (Devices(), "null", Programs(), "absent"),
        (Devices(), "auto", Programs({"pw-cli": refused()}), "sound_stopped"),
        (Devices(), "auto", Programs({"pw-dump": said("[]")}), "no_sound_card"),
        (
            Devices(),
            "auto",
            Programs(
                {
                    "pw-dump": said(
                        '[{"info": {"props": {"media.class": "Audio/Sink",'
                        ' "node.name": "a"}}}]'
                    )
                }
            ),
            "no_microphone",
        ),
    ],
)
def test_what_is_missing_of_the_sound_is_named(
    devices: Devices, bundled: str, programs: Programs, cause: str, tmp_path: Path
) -> None:
    check = check_sound(devices, bundled, tmp_path, programs)
    assert (check.cause or check.state.value) == cause


@pytest.mark.parametrize(
    ("measured", "cause"),
    [
        (Line(20.0, 3.0, 0.0, NOW), ""),
        (Line(20.0, 3.0, 0.2, NOW), "loss"),
        (Line(20.0, 90.0, 0.0, NOW), "jitter"),
        (Line(900.0, 3.0, 0.0, NOW), "slow"),
        (SiteUnreachable(Cause.NO_ANSWER, "x"), "no_answer"),
        (SiteUnreachable(Cause.NO_NETWORK, "x"), "no_network"),
        (SiteUnreachable(Cause.NAME_UNKNOWN, "x"), "name_unknown"),
        # Told by their own checks.
        (SiteUnreachable(Cause.CLOCK_OFF, "x"), ""),
        (SiteUnreachable(Cause.CERTIFICATE_ENDED, "x"), ""),
    ],
)
def test_the_line_is_judged_by_what_a_call_bears(
    measured: Line | SiteUnreachable, cause: str
) -> None:
    assert check_network(measured).cause == cause


@pytest.mark.parametrize(
    ("server_says", "cause"),
    [
        (NOW + timedelta(seconds=40), ""),
        (NOW + timedelta(days=365), "clock_off"),
        (NOW - timedelta(minutes=5), "clock_off"),
        (None, "no_answer"),
        (SiteUnreachable(Cause.CLOCK_OFF, "x"), "clock_off"),
        (SiteUnreachable(Cause.NO_NETWORK, "x"), "no_answer"),
    ],
)
def test_the_clock_is_compared_with_the_servers(
    server_says: datetime | SiteUnreachable | None, cause: str
) -> None:
    assert check_clock(server_says, lambda: NOW).cause == cause


@pytest.mark.parametrize(
    ("ends", "cause"),
    [
        ([NOW + timedelta(days=90), NOW + timedelta(days=8)], ""),
        ([NOW + timedelta(days=90), NOW + timedelta(days=3)], "ends_soon"),
        (
            [NOW + timedelta(days=90), SiteUnreachable(Cause.CERTIFICATE_ENDED, "x")],
            "ended",
        ),
        ([SiteUnreachable(Cause.NO_NETWORK, "x")] * 2, "no_answer"),
        ([SiteUnreachable(Cause.CLOCK_OFF, "x")] * 2, "clock_off"),
    ],
)
def test_the_certificate_that_ends_first_counts(ends: list[Any], cause: str) -> None:
    assert check_certificate(ends, lambda: NOW).cause == cause


ADDRESS = "ipp://HP7000.local:631/ipp/print"
QUEUE = said(f"device for guichet: {ADDRESS}\n")


def printer(state: str, reasons: str) -> Ran:
    """Tell as ipptool does; its exit code says nothing of the printer."""
    told = f"""
        printer-name (nameWithoutLanguage) = HP
        printer-state (enum) = {state}
        printer-state-reasons (1setOf keyword) = {reasons}
    """
    return Ran(1, told, "")


@pytest.mark.parametrize(
    ("choice", "answers", "cause"),
    [
        ("none", {}, "absent"),
        ("virtual", {}, "ok"),
        ("auto", {"lpstat -r": refused()}, "print_service_down"),
        ("auto", {"lpstat -v": refused()}, "no_printer"),
        (
            "auto",
            {"lpstat -v": QUEUE, "ipptool": refused("Host is down")},
            "printer_away",
        ),
        (
            "auto",
            {"lpstat -v": QUEUE, "ipptool": ProgramFailed("not in 20 s")},
            "printer_away",
        ),
        ("auto", {"lpstat -v": QUEUE, "ipptool": printer("idle", "none")}, "ok"),
        (
            "auto",
            {
                "lpstat -v": QUEUE,
                "ipptool": printer("stopped", "paused,media-empty-error"),
            },
            "no_paper",
        ),
        (
            "auto",
            {"lpstat -v": QUEUE, "ipptool": printer("idle", "toner-low-warning")},
            "ok",
        ),
        (
            "auto",
            {"lpstat -v": QUEUE, "ipptool": printer("idle", "media-empty-report")},
            "ok",
        ),
        (
            "auto",
            {"lpstat -v": QUEUE, "ipptool": printer("stopped", "none")},
            "printer_fault",
        ),
    ],
)
def test_the_printer_is_asked_itself(
    choice: str, answers: dict[str, Any], cause: str
) -> None:
    programs = Programs(answers)
    check = check_printer(choice, programs)
    assert (check.cause or check.state.value) == cause
    asked = [line for line in programs.ran if line.startswith("ipptool")]
    assert all(ADDRESS in line for line in asked)


LISTED = said("airscan:e0:HP\tHP Tank\n")


@pytest.mark.parametrize(
    ("choice", "answers", "cause"),
    [
        ("none", {}, "absent"),
        ("virtual", {}, "ok"),
        ("auto", {}, "no_scanner"),
        ("auto", {"scanimage --f": LISTED}, "ok"),
        (
            "auto",
            {"scanimage --f": LISTED, "scanimage --dont-scan": refused()},
            "scanner_away",
        ),
        (
            "auto",
            {
                "scanimage --f": LISTED,
                "scanimage --dont-scan": ProgramFailed("not in 40 s"),
            },
            "scanner_away",
        ),
        ("another", {"scanimage --f": LISTED}, "no_scanner"),
        ("auto", {"scanimage --f": said("a\tA\nb\tB\n")}, "choice_needed"),
    ],
)
def test_the_scanner_is_opened(
    choice: str, answers: dict[str, Any], cause: str
) -> None:
    check = check_scanner(choice, "/etc/sane.d", Programs(answers))
    assert (check.cause or check.state.value) == cause


AWAY = failed(CheckName.PRINTER, "printer_away")
WELL = passed(CheckName.PRINTER)
EMPTY = failed(CheckName.PRINTER, "no_paper")
OPENING = failed(CheckName.SCREENS, "no_browser")
SHOWN = passed(CheckName.SCREENS)


@pytest.mark.parametrize(
    ("answers", "found", "paused"),
    [
        ([WELL], WELL, 0),
        ([AWAY, WELL], WELL, 1),
        ([AWAY, AWAY, EMPTY], EMPTY, 2),
        ([AWAY, AWAY, AWAY, WELL], AWAY, 2),
        ([OPENING, SHOWN], SHOWN, 1),
        # Nobody fills it by being asked.
        ([EMPTY, WELL], EMPTY, 0),
    ],
)
def test_what_is_away_is_looked_for_again(
    answers: list[Check], found: Check, paused: int
) -> None:
    pauses: list[float] = []
    left = iter(answers)
    assert look_again(lambda: next(left), pauses.append) == found
    assert pauses == list(PAUSES_SECONDS[:paused])


def test_the_telephone_says_itself_whether_it_is_registered() -> None:
    assert check_phone(None).cause == "phone_stopped"
    away = {"registered": False, "registration": {"code": 403, "reason": "Forbidden"}}
    check = check_phone(away)
    assert (check.cause, check.details["code"]) == ("not_registered", 403)
    assert check_phone({"registered": True}).state is CheckState.OK


def test_room_on_the_disk_is_told(tmp_path: Path) -> None:
    check = check_disk(tmp_path)
    assert check.details["total_bytes"] >= check.details["free_bytes"] > 0


def test_what_failed_is_said_in_words_and_what_is_done_without_is_not() -> None:
    checks = [
        passed(CheckName.CAMERA),
        failed(CheckName.SCREENS, "one_screen"),
        absent(CheckName.SCANNER),
        failed(CheckName.DISK, "of_tomorrow"),
    ]
    assert not is_ready(checks) and is_ready([checks[0], checks[2]])
    assert lines(checks) == [
        "ok  Caméra",
        "NON Écrans : un seul écran. Branchez et allumez le second.",
        "--  Scanner : sans",
        "NON Disque : ne marche pas (of_tomorrow).",
    ]
    assert len(missing(checks)) == 2


def test_a_check_is_told_as_the_server_takes_it() -> None:
    assert Check(CheckName.SOUND, CheckState.OK, "", {"level": 7}).to_json() == {
        "name": "sound",
        "state": "ok",
        "cause": None,
        "details": {"level": 7},
    }


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_each_sentence_says_what_it_is_or_what_to_do(cause: str) -> None:
    assert CAUSES[cause].endswith(".")
