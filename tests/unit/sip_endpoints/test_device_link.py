# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the kiosk and its device bridge tell each other, and whom the kiosk believes."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from device_bridge.call.cues import Cue
from device_bridge.call.link import Audience, LinkClient
from device_bridge.call.link_server import LinkServer
from sip_endpoints.call.camera_keeper import CameraKeeper, NoFirstScreen
from sip_endpoints.call.keeper import CallKeeper
from sip_endpoints.call.line_quality import LineQuality
from sip_endpoints.call.phone import CallConfirmed, CallEnded, DigitReceived
from sip_endpoints.device_link import DeviceLink
from sip_endpoints.interpreter import Interpreter
from sip_endpoints.kiosk import Kiosk
from stage.waiting import PATIENCE, wait_for
from tests.unit.sip_endpoints.fake_phone import received

CONFIRMED = {
    "event": "call_confirmed",
    "call": "abc",
    "appointment": 42,
    "peer": "guichet",
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bridge.sock"


@pytest.fixture
def bridge(path):
    server = LinkServer(path)
    yield server
    server.close()


class Loud:
    """Stands for the sound server; tells what the test says."""

    def __init__(self):
        self.level = None
        self.orders = []
        self._has_answer = False

    def set(self, level):
        self.orders.append(level)

    def restore(self):
        self.orders.append("restore")

    def answer(self, level):
        self.level, self._has_answer = level, True

    def poll(self):
        has_answer, self._has_answer = self._has_answer, False
        return has_answer

    def poll_link(self, link):
        """Turn the loop once."""
        link.poll()
        return True

    def close(self):
        pass


@pytest.fixture
def loud():
    return Loud()


@pytest.fixture
def link(phone, path, loud):
    link = DeviceLink(LinkClient(path), phone, loud)
    yield link
    link.close()


@pytest.fixture
def kiosk(phone, clock, link):
    keeper = CallKeeper(phone, 8.0, 4.0, clock)
    camera = CameraKeeper(phone, NoFirstScreen(), Path("notice.wav"), clock)
    interpreter = Interpreter(phone, CallKeeper(phone, 8.0, 4.0, clock), camera)
    return Kiosk(phone, "kiosk-wassigny", keeper, camera, interpreter, link)


def heard(bridge):
    """Give what the bridge was told so far."""
    # Three rounds: one takes the connection, one what was sent, one finds nothing more.
    rounds = [bridge.poll(0.05) for _ in range(3)]
    return [message for found in rounds for _, message in found]


def key(kiosk, code, call=1):
    for digit in code:
        kiosk.handle(DigitReceived(call, digit))


def say(bridge, link, text, to="counsellor", call="abc"):
    bridge.broadcast({"say": text, "to": to, "call": call})
    link.poll()


def sentences(phone):
    return [order[2] for order in phone.orders if order[0] == "send_message"]


def test_the_bridge_hears_the_call_its_keys_and_its_end(kiosk, link, bridge):
    link.poll()
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    key(kiosk, "*1#")
    kiosk.handle(CallEnded(1, 200, "OK"))
    digits = [{"event": "digit", "call": "abc", "digit": digit} for digit in "*1#"]
    ended = {"event": "call_ended", "call": "abc", "kept": 0}
    assert heard(bridge) == [{"event": "idle"}, CONFIRMED, *digits, ended]


def test_the_bridge_hears_of_the_line_where_it_changed(kiosk, link, bridge):
    link.poll()
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    for received_quality in LineQuality.GOOD, LineQuality.GOOD, LineQuality.COARSE:
        link.tell_line(LineQuality.GOOD, received_quality)
    kiosk.handle(CallEnded(1, 200, "OK"))
    link.tell_line(LineQuality.GOOD, LineQuality.GOOD)
    told = [message for message in heard(bridge) if message["event"] == "line"]
    assert [(each["from_kiosk"], each["to_kiosk"]) for each in told] == [
        ("good", "good"),
        ("good", "coarse"),
    ]


def test_a_call_lost_without_a_bye_is_told_as_over(kiosk, link, bridge, clock):
    link.poll()
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    clock.now += 9
    kiosk.tick()
    assert heard(bridge)[-1] == {"event": "call_ended", "call": "abc", "kept": 0}


@pytest.mark.parametrize("number", [None, "", "abc", "-1", "4²", "9" * 30])
def test_a_call_without_a_number_of_an_appointment_reaches_no_device(
    kiosk, link, bridge, number
):
    link.poll()
    kiosk.handle(received(1, appointment_id=number))
    kiosk.handle(CallConfirmed(1))
    key(kiosk, "*11#")
    assert heard(bridge) == [{"event": "idle"}]


def test_keys_before_the_call_is_up_and_of_a_refused_call_reach_no_device(
    kiosk, link, bridge
):
    link.poll()
    kiosk.handle(received(1))
    key(kiosk, "*11#")
    kiosk.handle(CallConfirmed(1))
    kiosk.handle(received(2, appointment_id="43"))
    key(kiosk, "*12#", call=2)
    assert heard(bridge) == [{"event": "idle"}, CONFIRMED]


def test_sentences_go_to_whom_they_are_for(kiosk, link, bridge, phone):
    link.poll()
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    heard(bridge)
    say(bridge, link, "Impression terminée, 2 pages.")
    say(bridge, link, "Posez votre document sur la vitre.", "resident")
    assert sentences(phone) == ["Impression terminée, 2 pages."]
    assert kiosk.status()["bridge"] == {
        "connected": True,
        "told_resident": "Posez votre document sur la vitre.",
        "document_shown": None,
        "spoken": None,
        "spoken_in": None,
        "volume": None,
        "held_for": None,
    }
    say(bridge, link, "Bourrage.", Audience.BOTH)
    bridge.broadcast({"show": 3, "call": "abc"})
    link.poll()
    assert sentences(phone)[-1] == "Bourrage."
    assert kiosk.status()["bridge"]["told_resident"] == "Bourrage."
    assert kiosk.status()["bridge"]["document_shown"] == 3


@pytest.fixture
def in_call(kiosk, link, bridge):
    link.poll()
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    heard(bridge)


def cue(bridge, link, code, call="abc", **more):
    told = {"say": "x", "to": "resident", "call": call, "cue": code}
    bridge.broadcast(told | more)
    link.poll()


@pytest.mark.parametrize("code", sorted(set(Cue) - {Cue.NONE}))
def test_each_cue_has_a_recording_that_the_kiosk_plays(
    kiosk, in_call, link, bridge, phone, code
):
    cue(bridge, link, code)
    assert ("play", f"{code}.wav") in phone.orders
    assert kiosk.status()["bridge"]["spoken"] == code


def test_a_cue_is_spoken_in_the_language_of_the_call(kiosk, link, bridge, phone):
    link.poll()
    kiosk.handle(received(1, language="en"))
    kiosk.handle(CallConfirmed(1))
    heard(bridge)
    cue(bridge, link, Cue.PRINTING)
    assert phone.folders == ["en"]
    assert kiosk.status()["call"]["language"] == "en"


@pytest.mark.parametrize(
    ("called_in", "chosen", "spoken_in"),
    [
        ("", "en", "en"),
        ("en", "fr", "fr"),
        ("en", "", "en"),
        ("en", None, "en"),
        ("en", ["fr"], "en"),
        ("en", "xx", "fr"),
        ("en", "../en", "fr"),
    ],
)
def test_a_cue_is_spoken_in_the_language_that_was_chosen_in_the_call(
    kiosk, link, bridge, phone, called_in, chosen, spoken_in
):
    link.poll()
    kiosk.handle(received(1, language=called_in))
    kiosk.handle(CallConfirmed(1))
    heard(bridge)
    cue(bridge, link, Cue.PRINTING, language=chosen)
    assert phone.folders == [spoken_in]
    assert kiosk.status()["bridge"]["spoken_in"] == spoken_in


def test_a_volume_is_set_in_the_call_told_and_put_back_after_it(
    kiosk, in_call, link, bridge, loud
):
    heard(bridge)
    for level in (4, 0, 6, True, "5", None):
        bridge.broadcast({"call": "abc", "volume": level})
    bridge.broadcast({"call": "old", "volume": 1})
    wait_for(lambda: loud.poll_link(link) and loud.orders, "it is set")
    assert loud.orders == [4]
    loud.answer(4)
    link.poll()
    assert {"event": "volume", "level": 4} in heard(bridge)
    assert kiosk.status()["bridge"]["volume"] == 4
    kiosk.handle(CallEnded(1, 200, "OK"))
    assert loud.orders == [4, "restore"]


@pytest.mark.parametrize("code", ["", "unknown", "../../etc/passwd", 5, None, ["x"]])
def test_a_cue_that_nobody_knows_is_shown_in_words_and_not_spoken(
    kiosk, in_call, link, bridge, phone, code
):
    cue(bridge, link, code)
    assert [order for order in phone.orders if order[0] == "play"] == []
    assert kiosk.status()["bridge"]["told_resident"] == "x"


def test_a_recording_that_is_missing_disturbs_nothing(
    kiosk, in_call, link, bridge, phone, monkeypatch, tmp_path
):
    monkeypatch.setattr("sip_endpoints.device_link.PROMPTS", tmp_path)
    cue(bridge, link, Cue.PRINTING)
    assert kiosk.status()["bridge"]["told_resident"] == "x"
    assert kiosk.status()["bridge"]["spoken"] is None


def test_nothing_is_spoken_in_another_call(kiosk, in_call, link, bridge, phone):
    cue(bridge, link, Cue.PRINTING, call="old")
    assert [order for order in phone.orders if order[0] == "play"] == []


def test_nothing_is_said_in_another_call_or_after_the_end(kiosk, link, bridge, phone):
    link.poll()
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    heard(bridge)
    say(bridge, link, "of yesterday", "both", call="old")
    kiosk.handle(CallEnded(1, 200, "OK"))
    say(bridge, link, "too late", "both")
    assert sentences(phone) == []
    assert kiosk.status()["bridge"]["told_resident"] is None


def test_a_peer_that_left_meanwhile_does_not_disturb(kiosk, link, bridge, phone):
    link.poll()
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    heard(bridge)
    phone.gone.add(1)
    say(bridge, link, "trop tard")
    assert sentences(phone) == []


def test_a_bridge_that_comes_back_is_told_the_call_but_no_old_keys(kiosk, link, path):
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    key(kiosk, "*11#")
    link.poll()
    server = LinkServer(path)
    wait_for(lambda: link.poll() or link.status()["connected"], "connected")
    assert heard(server) == [CONFIRMED]
    server.close()
    link.poll()
    assert not link.status()["connected"]
    server = LinkServer(path)
    wait_for(lambda: link.poll() or link.status()["connected"], "connected")
    assert heard(server) == [CONFIRMED]
    server.close()


@pytest.fixture
def frozen_bridge(path):
    """Give a bridge that listens and never reads."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen(8)
        yield listener


def test_a_bridge_that_hangs_never_holds_up_the_telephone(kiosk, link, frozen_bridge):
    link.poll()
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    began = time.monotonic()
    for _ in range(500):
        key(kiosk, "*11#" * 5)
        link.poll()
    assert time.monotonic() - began < 10.0 * PATIENCE
    assert kiosk.status()["call"]["stage"] == "confirmed"


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\xff\xfe\n",
        b"[]\n",
        b"[" * 8000 + b"\n",
        json.dumps({"say": "x", "to": "everybody", "call": "abc"}).encode() + b"\n",
        json.dumps({"say": 5, "to": "both", "call": "abc"}).encode() + b"\n",
        json.dumps({"say": "x", "to": ["both"], "call": "abc"}).encode() + b"\n",
        json.dumps({"say": "x", "to": "both", "call": None}).encode() + b"\n",
        json.dumps({"show": "three", "call": "abc"}).encode() + b"\n",
        json.dumps({"show": True, "call": "abc"}).encode() + b"\n",
        b"x" * 100_000,
    ],
    ids=lambda data: repr(data[:24]),
)
def test_a_bridge_gone_mad_is_passed_over(kiosk, link, frozen_bridge, phone, nonsense):
    link.poll()
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    client, _ = frozen_bridge.accept()
    with client:
        client.sendall(nonsense)
        for _ in range(10):
            link.poll()
    assert sentences(phone) == []
    assert kiosk.status()["bridge"]["document_shown"] is None


def test_the_kiosk_carries_nothing_heavy_for_its_bridge():
    program = "import sys, device_bridge.call.link; print(*sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    heavy = {"asyncio", "structlog", "pydantic", "requests", "cups", "sane", "PIL"}
    assert not heavy & set(printed.stdout.split())


def test_until_the_last_one_is_wiped_another_one_is_refused(kiosk, link, bridge, phone):
    link.poll()
    heard(bridge)
    bridge.broadcast({"held_for": 41})
    link.poll()
    kiosk.handle(received(1))
    assert phone.orders == [("hang_up", 1, 486)]
    # Whose things are left there may come back.
    kiosk.handle(received(2, appointment_id="41"))
    assert phone.orders[-1] == ("answer", 2)
    kiosk.handle(CallEnded(2, 200, "OK"))

    bridge.broadcast({"held_for": None})
    link.poll()
    kiosk.handle(received(3))
    assert phone.orders[-1] == ("answer", 3)


def test_after_the_call_the_telephone_remembers_no_person(kiosk, link, bridge):
    link.poll()
    kiosk.handle(received(1))
    kiosk.handle(CallConfirmed(1))
    key(kiosk, "*1#")
    kiosk.handle(CallEnded(1, 200, "OK"))
    last = kiosk.status()["last_call"]
    assert (last["remote_name"], last["digits_received"]) == ("", "")
    assert last["end_code"] == 200
    assert heard(bridge)[-1]["kept"] == 0
