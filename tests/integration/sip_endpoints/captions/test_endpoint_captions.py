# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real call: what the counsellor says is written at the kiosk, and never harms the call."""

import re
import signal
import sys
from collections.abc import Iterator
from itertools import pairwise

import psutil
import pytest

from sip_endpoints.captions.link import PIPE
from sip_endpoints.device_link import PROMPTS
from stage.ami import BareAmi
from stage.captions import Captions, Page, prompts
from stage.endpoint import Endpoint
from stage.processes import Program
from stage.stack import REPOSITORY, Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK, COUNSELLOR = "kiosk-guise", "counsellor-msa-1"
SENTENCES = ("place_document", "scan_good", "printing", "take_print")


@pytest.fixture
def kiosk(asterisk_stage: Stage, captions: Captions) -> Iterator[Endpoint]:
    """Give a registered kiosk whose site has brought a model."""
    known = asterisk_stage.kiosk(KIOSK)
    ca_file = re.search(r'(?m)^ca_file = "(.*)"$', known.bundle.read_text())
    assert ca_file is not None
    bundle = captions.folder / "kiosk-guise.toml"
    text = known.bundle.read_text().replace(
        ca_file[1], str(known.bundle.parent / ca_file[1])
    )
    text = re.sub(r'(?m)^socket = ".*\.sock"$', 'socket = "kiosk-guise.sock"', text)
    bundle.write_text(f'{text}\n[captions]\nsocket = "{captions.socket}"\n')
    kiosk = Endpoint(KIOSK, bundle, directory=captions.folder)
    kiosk.program.start()
    kiosk.wait_registered()
    yield kiosk
    kiosk.program.stop()


@pytest.fixture
def speaker(asterisk_stage: Stage, captions: Captions) -> Iterator[Program]:
    """Give a counsellor who speaks English, over and over: what is late is left out."""
    bundle = str(asterisk_stage.bundle_for_another(COUNSELLOR))
    words = [str(PROMPTS / "en" / f"{name}.wav") for name in SENTENCES]
    program = Program(
        "speaker",
        [sys.executable, "-m", "stage.speaking_counsellor", bundle, *words],
        directory=captions.folder,
        log=captions.folder / "speaker.txt",
        environment={"PYTHONPATH": f"{REPOSITORY / 'script'}:{REPOSITORY}"},
    )
    program.start()
    yield program
    program.stop()


def packets(kiosk: Endpoint) -> int:
    call = kiosk.call()
    assert call is not None and call["audio"] is not None
    return int(call["audio"]["packets_received"])


def goes_on(kiosk: Endpoint) -> None:
    """Wait until another two seconds of sound have come: no packet waits for captions.

    A stream that is agreed on anew meanwhile counts from zero.
    """
    seen = [packets(kiosk)]

    def came() -> int:
        seen.append(packets(kiosk))
        return sum(now - then if now >= then else now for then, now in pairwise(seen))

    wait_for(lambda: came() > 95, "sound of two seconds", 10, 0.05)


def test_what_the_counsellor_says_is_read_at_the_kiosk_and_the_queue_is_not(
    ami: BareAmi, captions: Captions, page: Page, kiosk: Endpoint, speaker: Program
) -> None:
    # Who waits hears music: no engine runs for that.
    ami.place_call(
        KIOSK, "mission-locale-thierache", "gv-401-1", appointment="401", language="en"
    )
    wait_for(
        lambda: (kiosk.call() or {}).get("audio"), "the music plays", poll_seconds=0.1
    )
    wait_for(lambda: packets(kiosk) > 100, "music of two seconds", poll_seconds=0.1)
    assert kiosk.status()["captions"] == {"wanted": False, "heard": False}
    assert captions.engine() is None
    ami.action("Hangup", Channel="gv-401-1")
    wait_for(lambda: kiosk.call() is None, "the resident left", poll_seconds=0.05)

    ami.place_call(KIOSK, "msa", "gv-402-1", appointment="402", language="en")
    page.wait_said(prompts()["place_document"], 120)
    assert kiosk.status()["captions"] == {"wanted": True, "heard": True}
    # The pipe has had a name for a moment alone.
    assert not (captions.folder / PIPE).exists()
    page.wait_said(prompts()["scan_good"], 120)
    ami.action("Hangup", Channel="gv-402-1")
    page.wait_state("off")
    assert page.now["lines"] == []
    wait_for(lambda: captions.engine() is None, "the engine is gone")
    said = kiosk.program.log_text() + captions.program.log_text()
    assert "glass" not in said and "paper" not in said


def test_the_call_goes_on_whatever_becomes_of_its_captions(
    ami: BareAmi, captions: Captions, page: Page, kiosk: Endpoint, speaker: Program
) -> None:
    ami.place_call(KIOSK, "msa", "gv-411-1", appointment="411", language="en")
    page.wait_state("on", 40)
    captions.wait_engine().kill()
    page.wait_state("stopped")
    goes_on(kiosk)
    # The service hangs: its socket fills, and the telephone's own pipe does.
    service = captions.program.pid
    psutil.Process(service).send_signal(signal.SIGSTOP)
    for _ in range(4):
        goes_on(kiosk)
    psutil.Process(service).send_signal(signal.SIGCONT)
    captions.program.kill()
    goes_on(kiosk)
    wait_for(
        lambda: kiosk.status()["captions"] == {"wanted": True, "heard": False},
        "the telephone knows",
        poll_seconds=0.05,
    )
    captions.start()
    again = Page(captions)
    again.wait_state("on", 20)
    again.close()
    goes_on(kiosk)
    call = kiosk.call()
    assert call is not None and call["audio"]["loss_fraction"] < 0.01
