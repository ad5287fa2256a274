# SPDX-License-Identifier: AGPL-3.0-or-later
"""Three in a call at a real Asterisk: resident, counsellor and interpreter, on a kiosk's screen."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from measure.tones import write_beat
from stage.ami import BareAmi
from stage.endpoint import Endpoint
from stage.interpreter_call import call_interpreter
from stage.kiosk_session import CALL_WORKSPACE, KioskSession
from stage.processes import Program
from stage.stack import REPOSITORY, Stage
from stage.waiting import wait_for
from tests.integration.sip_endpoints.first_screen.conftest import KIOSK
from tests.integration.sip_endpoints.first_screen.seen_bars import NoBars, bars_in

pytestmark = pytest.mark.real

SERVICE = "mission-locale-thierache"
INTERPRETER = "counsellor-mission-locale-thierache-1"
COUNSELLOR = "counsellor-msa-1"
# The frame of who speaks, and that of who does not.
BRIGHT, DARK = (0xFF, 0xD2, 0x7D), (0x10, 0x20, 0x2A)
# Longer than the test.
TALK_SECONDS = 150
ALONE = ((0, 0, 1920, 1080),)
# Each is 16:9 and whole in its half, within a frame; above and below stays a dark margin.
BESIDE = ((10, 276, 940, 528), (970, 276, 940, 528))


@pytest.fixture
def interpreter(asterisk_stage: Stage) -> Iterator[Endpoint]:
    """Give an interpreter's telephone, which is a counsellor's and rings until it is answered."""
    interpreter = Endpoint(
        INTERPRETER,
        asterisk_stage.bundle_for_another(INTERPRETER),
        directory=asterisk_stage.directory,
        environment={"GUICHET_COUNSELLOR_AUTO_ANSWER": "false"},
    )
    interpreter.program.start()
    interpreter.wait_registered()
    yield interpreter
    interpreter.program.stop()


class Three:
    """The three of one appointment, and what they see of each other."""

    def __init__(
        self,
        ami: BareAmi,
        session: KioskSession,
        kiosk: Endpoint,
        counsellor: Endpoint,
        interpreter: Endpoint,
    ) -> None:
        self.ami, self.session = ami, session
        self.kiosk, self.counsellor, self.interpreter = kiosk, counsellor, interpreter

    def begin(self, appointment: int) -> None:
        """Connect resident and counsellor, and have an interpreter's telephone ring."""
        call = f"gv-{appointment}-1"
        self.ami.place_call(KIOSK, "msa", call, appointment=str(appointment))
        self.wait_seen(ALONE)
        call_interpreter(self.ami, KIOSK, SERVICE, appointment)
        wait_for(
            self.interpreter.call,
            "the interpreter's telephone rings",
            poll_seconds=0.05,
        )

    def join(self, appointment: int) -> None:
        """The same, and the interpreter answers."""
        self.begin(appointment)
        self.interpreter.order("answer")
        self.wait_seen(BESIDE)

    def joined(self) -> dict[str, object] | None:
        """Give the kiosk's second call."""
        found: dict[str, object] | None = self.kiosk.status()["interpreter"]
        return found

    def frames(self) -> list[int]:
        """Count the pictures that came: of both at the kiosk, of the resident at both."""
        calls = (self.kiosk.call(), self.joined())
        others = (self.counsellor.call(), self.interpreter.call())
        found = [((call or {}).get("video") or {}) for call in (*calls, *others)]
        return [int(video.get("frames_decoded", 0)) for video in found]

    def is_seen(self, places: tuple[tuple[int, int, int, int], ...]) -> bool:
        picture = self.session.picture()
        try:
            return all(
                bars_in(picture, left, width).is_near(left, top, width, height)
                for left, top, width, height in places
            )
        except NoBars:
            return False

    def wait_seen(self, places: tuple[tuple[int, int, int, int], ...]) -> None:
        wait_for(lambda: self.is_seen(places), f"pictures at {places}", 30, 0.2)

    def wait_moving(self) -> None:
        """Return once pictures came everywhere, since now."""
        before = self.frames()

        def is_moving() -> bool:
            now = self.frames()
            return all(b - a >= 20 for a, b in zip(before, now, strict=True))

        wait_for(is_moving, f"pictures come at each of them since {before}", 30, 0.2)

    def wait_alone(self) -> None:
        """Return once the counsellor has the whole screen again and nobody else is there."""
        wait_for(lambda: self.joined() is None, "the interpreter is gone", 30, 0.1)
        self.wait_seen(ALONE)
        [window] = self.session.windows()
        assert window["rect"]["width"] == 1920

    def wait_over(self) -> None:
        wait_for(
            lambda: self.kiosk.call() is None, "the call is over", poll_seconds=0.1
        )
        wait_for(
            lambda: self.session.windows() == [], "nobody is seen", poll_seconds=0.1
        )
        assert self.joined() is None
        assert self.kiosk.status()["camera"] == {"stage": "off", "open": False}


@pytest.fixture
def three(
    ami: BareAmi,
    session: KioskSession,
    kiosk: Endpoint,
    counsellor: Endpoint,
    interpreter: Endpoint,
) -> Iterator[Three]:
    three = Three(ami, session, kiosk, counsellor, interpreter)
    yield three
    if kiosk.program.is_running and kiosk.call():
        counsellor.order("hangup")
        three.wait_over()


def test_an_interpreter_is_seen_once_they_answer_and_the_call_goes_on_without(
    three: Three,
) -> None:
    three.begin(321)
    wait_for(
        lambda: (three.joined() or {}).get("call"), "the queue waits", poll_seconds=0.05
    )
    # Somebody may let it ring for a while: nothing of that is on the screen.
    assert (three.joined() or {})["confirmed_at"] is None
    assert three.is_seen(ALONE)
    assert len(three.session.windows()) == 1

    three.interpreter.order("answer")
    three.wait_seen(BESIDE)
    three.wait_moving()
    # A key of the interpreter's is nobody's order; one of the counsellor's is.
    three.interpreter.order("digits", "*1")
    three.counsellor.order("digits", "*9")
    wait_for(
        lambda: (three.kiosk.call() or {})["digits_received"] == "*9",
        "the counsellor's keys come, and no others",
        poll_seconds=0.1,
    )
    assert (three.joined() or {})["digits_received"] == ""

    # The screen is switched off and on again.
    output = three.session.output_of(CALL_WORKSPACE)
    three.session.order(f"output {output} disable")
    wait_for(
        lambda: len(_on(three.session)) == 1,
        "one screen is switched off",
        poll_seconds=0.1,
    )
    three.session.order(f"output {output} enable")
    wait_for(lambda: len(_on(three.session)) == 2, "it is on again", poll_seconds=0.1)
    three.wait_seen(BESIDE)
    three.wait_moving()

    three.interpreter.order("hangup")
    three.wait_alone()
    assert three.kiosk.status()["camera"] == {"stage": "on", "open": True}
    three.counsellor.order("hangup")
    three.wait_over()


def _on(session: KioskSession) -> list[object]:
    return [each for each in session.ask("get_outputs") if each["active"]]


def test_an_interpreter_whose_telephone_is_cut_leaves_the_screen_to_the_counsellor(
    three: Three,
) -> None:
    three.join(322)
    three.interpreter.program.kill()
    three.wait_alone()
    assert three.counsellor.call() is not None


def test_the_end_of_the_first_call_ends_the_second(three: Three) -> None:
    three.join(323)
    three.counsellor.order("hangup")
    three.wait_over()
    wait_for(
        lambda: three.interpreter.call() is None,
        "the interpreter is free",
        poll_seconds=0.1,
    )


def test_a_second_call_for_somebody_else_or_without_a_role_is_refused(
    three: Three,
) -> None:
    three.ami.place_call(KIOSK, "msa", "gv-324-1", appointment="324")
    three.wait_seen(ALONE)
    for appointment, role in ((325, "interpreter"), (324, "listener")):
        refused = three.kiosk.status()["calls_refused"]
        call_interpreter(three.ami, KIOSK, SERVICE, appointment, role=role)
        wait_for(
            lambda: three.kiosk.status()["calls_refused"] == refused + 1,
            f"{role} of {appointment} is refused",
            poll_seconds=0.1,
        )
        assert three.joined() is None
    assert three.interpreter.call() is None
    assert three.counsellor.call() is not None


def test_a_telephone_that_is_killed_leaves_nobodys_picture(
    three: Three, kiosk: Endpoint
) -> None:
    three.join(326)
    kiosk.program.kill()
    wait_for(lambda: three.session.windows() == [], "nobody is seen", poll_seconds=0.1)
    for telephone in (three.counsellor, three.interpreter):
        telephone.order("hangup")
        wait_for(lambda: telephone.call() is None, "their call is over", 40, 0.2)
    kiosk.program.start()
    kiosk.wait_registered()
    assert three.joined() is None


def talking(stage: Stage, slug: str, *words: str) -> Program:
    """Give a bare telephone that answers by itself, and may say something."""
    bundle = str(stage.bundle_for_another(slug))
    return Program(
        f"talking-{slug}",
        [
            *(sys.executable, "-m", "measure.bare_telephone", bundle),
            *("--role", "counsellor", *words),
        ],
        directory=stage.directory,
        log=stage.directory / "log" / f"talking-{slug}.log",
        environment={"PYTHONPATH": f"{REPOSITORY / 'script'}:{REPOSITORY}"},
    )


def wait_framed(session: KioskSession, left: object, right: object) -> None:
    """Return once the frames of both pictures have these colours."""
    for x, colour, side in ((1, left, "left"), (962, right, "right")):
        watch = session.colour_watch(x, 500, 6)
        wait_for(lambda: watch.look()[1] == colour, f"{side} is {colour}", 40, 0.2)


def windows(session: KioskSession) -> list[int]:
    """Give the pictures' windows, from the left."""
    seen = sorted(session.windows(), key=lambda each: each["rect"]["x"])
    return [int(each["id"]) for each in seen]


def test_who_speaks_is_framed_and_both_pictures_keep_their_places(
    ami: BareAmi,
    asterisk_stage: Stage,
    session: KioskSession,
    kiosk: Endpoint,
    tmp_path: Path,
) -> None:
    voice = tmp_path / "voice.wav"
    write_beat(voice, TALK_SECONDS)
    sizes = ("--size", "640x360", "--size", "640x480")
    counsellor = talking(asterisk_stage, COUNSELLOR, *sizes)
    interpreter = talking(asterisk_stage, INTERPRETER, "--play", str(voice))
    try:
        for each, slug in ((counsellor, COUNSELLOR), (interpreter, INTERPRETER)):
            each.start()
            each.wait_until(lambda: asterisk_stage.asterisk.is_registered(slug))
        ami.place_call(KIOSK, "msa", "gv-341-1", appointment="341")
        wait_for(lambda: len(windows(session)) == 1, "the counsellor is seen", 60, 0.1)
        call_interpreter(ami, KIOSK, SERVICE, 341)
        wait_for(lambda: len(windows(session)) == 2, "both are seen", 60, 0.1)
        wait_framed(session, DARK, BRIGHT)
        # The counsellor's streams are agreed on anew, as where a telephone is turned.
        first, second = windows(session)
        os.kill(counsellor.pid, signal.SIGUSR1)

        def are_both_back() -> bool:
            seen = windows(session)
            return len(seen) == 2 and seen[0] != first and seen[1] == second

        wait_for(are_both_back, "the counsellor is seen anew, on the left", 60, 0.1)
        wait_framed(session, DARK, BRIGHT)
        left = windows(session)[0]
        interpreter.stop()
        wait_for(lambda: windows(session) == [left], "the counsellor is left", 60, 0.1)

        def has_no_frame() -> bool:
            return [each["border"] for each in session.windows()] == ["none"]

        wait_for(has_no_frame, "the counsellor has the whole screen", 30, 0.2)
    finally:
        for each in (counsellor, interpreter):
            each.stop()
    wait_for(lambda: kiosk.call() is None, "the call is over", 40, 0.1)
