# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's session with the real sway and the real PipeWire, without screen and sound card."""

import json
import os
import re
import shutil
import subprocess
import sys
import wave
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from sip_endpoints.loudness import Loudness
from sip_endpoints.machine.checks.check import Check, CheckName, CheckState
from sip_endpoints.machine.checks.here import check_screens
from sip_endpoints.machine.checks.sound import check_sound
from sip_endpoints.machine.devices.found import Kind
from sip_endpoints.machine.devices.sound import echo_settings, find_sound
from sip_endpoints.machine.enrolment.readiness import Readiness
from sip_endpoints.machine.session.outputs import (
    Session,
    chosen,
    notice_order,
    placing_orders,
)
from sip_endpoints.machine.system.choices import Devices, Screens
from stage.kiosk_session import (
    INSTALLED_PICTURES,
    PICTURES,
    words_before_sway,
)
from stage.waiting import wait_for

ALL_CHECKS = tuple(CheckName)
KIOSK = Path(__file__).parents[4] / "debian" / "kiosk"
# What is played to the loudspeaker is what the microphone hears.
ROOM = """
context.objects = [
  { factory = adapter args = {
      factory.name = support.null-audio-sink node.name = room media.class = Audio/Sink
      object.linger = true audio.position = [ MONO ] monitor.channel-volumes = true } }
]
context.modules = [
  { name = libpipewire-module-loopback args = {
      capture.props = { stream.capture.sink = true target.object = room node.name = ear }
      playback.props = { node.name = room-microphone media.class = Audio/Source } } }
]
"""


def need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not here")


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    return folder


def started(words: list[str], runtime: Path, **more: str) -> "subprocess.Popen[bytes]":
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(runtime.parent),
        "XDG_RUNTIME_DIR": str(runtime),
        **more,
    }
    return subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def written(runtime: Path) -> Path:
    """Give where what swaynag is told lies: a program of that name in its place."""
    return runtime / "told"


@pytest.fixture
def session(runtime: Path, written: Path) -> Iterator[Session]:
    need("sway", "swaymsg")
    programs = runtime.parent / "programs"
    programs.mkdir()
    nag = programs / "swaynag"
    nag.write_text(
        f"#!/bin/sh\nprintf '%s\\0' \"$@\" > {written}.new\n"
        f"mv {written}.new {written}\n"
    )
    nag.chmod(0o755)
    settings = runtime.parent / "sway.conf"
    text = (KIOSK / "sway.conf").read_text(encoding="utf-8")
    lines = [
        line.replace(INSTALLED_PICTURES, f"{PICTURES}/")
        for line in text.splitlines()
        if not line.startswith(("include", "exec"))
    ]
    settings.write_text("\n".join(lines), encoding="utf-8")
    words = [*words_before_sway(), "sway", "--config", str(settings)]
    socket = runtime / "sway.sock"
    sway = started(
        words,
        runtime,
        SWAYSOCK=str(socket),
        WLR_BACKENDS="headless",
        WLR_HEADLESS_OUTPUTS="2",
        WLR_RENDERER="pixman",
        WLR_LIBINPUT_NO_DEVICES="1",
        PATH=f"{programs}:{os.environ['PATH']}",
    )
    try:
        wait_for(socket.exists, "sway is there", poll_seconds=0.1)
        yield Session(socket)
    finally:
        stop(sway)


def test_both_screens_are_seen_and_can_be_exchanged(session: Session) -> None:
    outputs = session.outputs()
    assert [each.name for each in outputs] == ["HEADLESS-1", "HEADLESS-2"]
    assert check_screens(session, 2).cause == "no_browser"
    call, pages = chosen(Screens(), outputs)
    for order in placing_orders(pages, call):
        session.order(order)
    assert chosen(Screens(), session.outputs()) == (pages, call)


def test_a_screen_that_is_unplugged_is_missed_until_it_is_back(
    session: Session,
) -> None:
    session.order("output HEADLESS-2 unplug")
    assert check_screens(session, 2).cause == "one_screen"
    session.order("output HEADLESS-1 unplug")
    assert check_screens(session, 2).cause == "no_screen"
    session.order("create_output")
    session.order("create_output")
    assert check_screens(session, 2).cause == "no_browser"


SENTENCES = (
    # Each that is written over the screens, and each mark that somebody may write.
    *(
        Readiness(tuple(Check(name, CheckState.FAILED, "x") for name in names)).sentence
        for names in ((), ALL_CHECKS[:1], ALL_CHECKS)
    ),
    Readiness((Check(CheckName.DISK, CheckState.OK),)).sentence,
    'l\'été ; l’eau, « 5 % » & <b>gras</b> "$HOME" `x` $(y) \\n {0} #1 * ? ! ~ | œ€',
)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_comes_to_the_screen_letter_for_letter(
    session: Session, written: Path, sentence: str
) -> None:
    session.order(notice_order("HEADLESS-1", sentence, 5, is_covered=True))
    told = wait_for(lambda: written.exists() and written.read_bytes(), "it is told")
    arguments = told.decode().split("\0")[:-1]
    # Pango reads it as markup.
    message = arguments[arguments.index("--message") + 1]
    assert unescape(message) == sentence
    assert set(re.findall(r"&\w+;", message)) <= {"&amp;", "&lt;", "&gt;"}
    assert arguments[:2] == ["--output", "HEADLESS-1"]
    assert arguments[-2:] == ["--dismiss-button", ""]


@pytest.fixture
def named() -> tuple[str, str]:
    """Give the microphone and the loudspeaker that the site has named: none."""
    return "", ""


@pytest.fixture
def room(runtime: Path, named: tuple[str, str]) -> Iterator[Path]:
    """Run PipeWire as a kiosk's units do, in a room where the microphone hears."""
    need("pipewire", "wireplumber", "pw-dump", "pw-record", "pw-play", "pw-cli")
    folder = runtime.parent / "config" / "pipewire" / "pipewire.conf.d"
    folder.mkdir(parents=True)
    (folder / "guichet-kiosk.conf").write_text(echo_settings(*named), encoding="utf-8")
    (folder / "room.conf").write_text(ROOM, encoding="utf-8")
    config = str(runtime.parent / "config")
    processes = [started(["pipewire"], runtime, XDG_CONFIG_HOME=config)]
    try:
        wait_for((runtime / "pipewire-0").exists, "PipeWire is there", poll_seconds=0.1)
        policy = str(KIOSK / "session")
        processes.append(started(["wireplumber"], runtime, XDG_CONFIG_HOME=policy))
        wait_for(
            lambda: len(find_sound(runtime)) == 2, "the room is there", poll_seconds=0.2
        )
        yield runtime
    finally:
        for process in reversed(processes):
            stop(process)


def test_a_tone_is_heard_back_past_the_cancelling_of_the_echo(room: Path) -> None:
    found = {each.kind: each.name for each in find_sound(room)}
    assert found == {Kind.MICROPHONE: "room-microphone", Kind.LOUDSPEAKER: "room"}
    check = check_sound(Devices(), "auto", room)
    assert (check.cause, check.details["loudspeaker"]) == ("", "room")


def test_a_microphone_that_hears_nothing_is_told(room: Path) -> None:
    """It is the monitor of another loudspeaker than the one that is played to."""
    script = ["pw-cli", "create-node", "adapter"]
    properties = (
        "{ factory.name=support.null-audio-sink node.name=elsewhere"
        " media.class=Audio/Sink object.linger=true }"
    )
    subprocess.run(
        [*script, properties],
        env={**os.environ, "XDG_RUNTIME_DIR": str(room)},
        stdout=sys.stderr,
        check=True,
    )
    wait_for(lambda: len(find_sound(room)) == 3, "it is plugged in", poll_seconds=0.2)
    assert check_sound(Devices(), "auto", room).cause == "choice_needed"
    devices = replace(Devices(), loudspeaker="elsewhere")
    assert check_sound(devices, "auto", room).cause == "no_tone"


def in_use(runtime: Path) -> tuple[str, str]:
    """Name the microphone and the loudspeaker that all sound comes from and goes to.

    Past the cancelling of the echo; empty: none.
    """
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime)}
    told = subprocess.run(["pw-dump"], env=environment, capture_output=True, check=True)
    found = [each.get("info") or {} for each in json.loads(told.stdout or "[]")]
    names = {
        each["props"]["object.id"]: each["props"].get("node.name", "")
        for each in found
        if "object.id" in (each.get("props") or {})
    }
    links = {
        (names.get(each.get("output-node-id")), names.get(each.get("input-node-id")))
        for each in found
    }
    microphones = [out for out, into in links if into == "guichet-capture"]
    loudspeakers = [into for out, into in links if out == "guichet-playback"]
    return str((microphones or [""])[0]), str((loudspeakers or [""])[0])


def plugged_in(
    runtime: Path, name: str, priority: int
) -> "list[subprocess.Popen[bytes]]":
    """Plug in what has a loudspeaker and a microphone of this name; two programs hold them."""
    away = "node.autoconnect=false"
    sink = f"media.class=Audio/Sink node.name={name} priority.session={priority}"
    source = f"media.class=Audio/Source node.name={name}-mic"
    source += f" priority.session={priority + 1000}"
    return [
        started(
            [
                "pw-loopback",
                f"--capture-props={{ {capture} }}",
                f"--playback-props={{ {playback} }}",
            ],
            runtime,
        )
        for capture, playback in ((sink, away), (away, source))
    ]


NAMED_ROOM = ("room-microphone", "room")


@pytest.mark.parametrize("named", [("", ""), NAMED_ROOM])
def test_a_handset_takes_all_sound_as_it_is_plugged_in_and_gives_it_back(
    room: Path,
    named: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    need("wpctl", "pw-loopback")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(room))
    # Where the room's is named, another loudspeaker is there that PipeWire would prefer.
    other = plugged_in(room, "other", 1500) if any(named) else []
    wait_for(
        lambda: in_use(room) == NAMED_ROOM, "the room's own is used", poll_seconds=0.2
    )
    # As in a call: something plays all the while.
    silence = tmp_path / "silence.wav"
    with wave.open(str(silence), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 8000 * 60))
    call = started(["pw-play", str(silence)], room)
    handset = plugged_in(room, "handset", 3000)
    loud = Loudness(tmp_path / "state/guichet-volume")
    try:
        at_the_ear = ("handset-mic", "handset")
        wait_for(
            lambda: in_use(room) == at_the_ear, "the handset has it", poll_seconds=0.2
        )
        loud.set(1)
        wait_for(lambda: loud.poll() and loud.level == 1, "it is soft")
        for process in handset:
            stop(process)
        wait_for(
            lambda: in_use(room) == NAMED_ROOM,
            "the room has it again",
            poll_seconds=0.2,
        )
        assert call.poll() is None
        loud.restore()
        wait_for(lambda: loud.poll() and loud.level == 5, "it is as it was")
    finally:
        loud.close()
        for process in (call, *handset, *other):
            stop(process)
