# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's recorded sentences on a real sound bridge: heard, one at a time, harmless.

The stack runs in a process of its own. What would reach the loudspeaker is measured
there: the level at the sound device's port, of which silence has none.
"""

import json
import subprocess
import sys
import wave

import pytest

from device_bridge.call.cues import Cue
from sip_endpoints.device_link import PROMPTS
from stage.waiting import PATIENCE

pytestmark = pytest.mark.real

PROGRAM = """
import json, sys, time
from pathlib import Path
import pjsua2 as pj
from sip_endpoints.call.phone import PromptError
from sip_endpoints.pjsua.phone import PjsuaPhone
from sip_endpoints.settings import load_settings

phone = PjsuaPhone(
    load_settings(Path(sys.argv[1]), "kiosk", {}, {
        "media.camera": "colorbar", "media.audio": "null", "media.display": "none"}),
    windowed=False, user_agent="test")
phone.start()
speaker = pj.Endpoint.instance().audDevManager().getPlaybackDevMedia()

def listen(seconds):
    levels, ends = [], time.monotonic() + seconds
    while time.monotonic() < ends:
        phone.pump(0.02)
        levels.append(speaker.getRxLevel())
    return max(levels)

def ports():
    return len(pj.Endpoint.instance().mediaEnumPorts2())

def refused(name):
    try:
        phone.play(Path(name))
    except PromptError:
        return True
    return False

told = {"before": listen(0.4), "ports": [ports()]}
phone.play(Path(sys.argv[2]))
told["first"] = listen(1.0)
phone.play(Path(sys.argv[3]))
told["ports"].append(ports())
told["second"] = listen(1.0)
told["ports"].append(ports())
told["refused"] = [refused(name) for name in sys.argv[4:]]
told["after_refusal"] = listen(0.6)
phone.play(Path(sys.argv[2]))
listen(3.0)
told["after"] = listen(0.4)
told["ports"].append(ports())
phone.play(Path(sys.argv[3]))
phone.close()
print(json.dumps(told))
"""


def test_a_recording_is_heard_alone_and_a_missing_or_broken_one_harms_nothing(tmp_path):
    (tmp_path / "ca.pem").write_text("")
    bundle = tmp_path / "kiosk.toml"
    bundle.write_text(
        '[sip]\nuser = "k"\nsecret = "s"\nserver = "nowhere.invalid"\n'
        'ca_file = "ca.pem"\n[control]\nsocket = "k.sock"\n[kiosk]\nslug = "k"\n'
    )
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF nonsense")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, bundle]
        + [PROMPTS / "fr/printing.wav", PROMPTS / "fr/scanning.wav"]
        + [tmp_path / "missing.wav", broken, tmp_path],
        capture_output=True,
        text=True,
        timeout=60 * PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["before"] == told["after"] == told["after_refusal"] == 0
    assert min(told["first"], told["second"]) > 10
    assert told["refused"] == [True, True, True]
    # One player at most, none once it has played. One that was broken off is still there for a
    # moment: that it came to its end may be told to it by another thread.
    silent, broken_off, speaking, silent_again = told["ports"]
    assert (broken_off, speaking, silent_again) == (silent + 2, silent + 1, silent)


@pytest.mark.parametrize("cue", sorted(set(Cue) - {Cue.NONE}))
def test_each_recording_holds_a_sentence_and_not_silence(cue):
    with wave.open(str(PROMPTS / "fr" / f"{cue}.wav")) as recording:
        assert (recording.getnchannels(), recording.getsampwidth()) == (1, 2)
        seconds = recording.getnframes() / recording.getframerate()
        data = memoryview(recording.readframes(recording.getnframes())).cast("h")
    assert 1 < seconds < 6
    assert max(map(abs, data)) > 15000
