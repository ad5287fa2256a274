# SPDX-License-Identifier: AGPL-3.0-or-later
"""The plug is pulled in each scene: all of the kiosk ends at once, and begins anew.

One story in the order of its tests: whoever comes next sits down where the plug was pulled before.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from device_bridge.call.link import ask_bridge
from stage.counsellor_desk import CounsellorDesk
from stage.papers import form_pdf
from stage.secretary import Secretary
from stage.story import COUNSELLOR, ORGANISATION
from stage.waiting import wait_for
from stage.whole_kiosk import CALL_SECONDS, Call, WholeKiosk

pytestmark = pytest.mark.real

# After the start, beside other work: session, browser, wipe, registration.
BACK_SECONDS = 60
PAGES = ("Demande de Mme Zoé Lefèvre", "Seconde page")
CUT, WORDS = "call_cut", "() => document.body.innerText + document.title"


@dataclass
class Room:
    """The kiosk, whoever works with it, and the appointment that is there now."""

    whole: WholeKiosk
    secretary: Secretary
    desk: CounsellorDesk
    appointment: int = 0

    def sit_down(self, resident: str) -> None:
        """Have the next one called, as soon as the telephone is there."""
        self.whole.wait(self.whole.is_settled, "the telephone is there", BACK_SECONDS)
        self.appointment = self.secretary.book(resident, ORGANISATION)

    def is_in_call(self) -> None:
        """Have counsellor and resident see and hear each other."""
        counsellor = self.whole.stage.counsellor(COUNSELLOR)
        Call(self.whole, counsellor, self.appointment).wait_both_ways()
        self.see("in_call")

    def upload(self) -> int:
        """Have the counsellor keep a document of the resident's."""
        pdf = form_pdf(*PAGES)
        return self.desk.upload(self.appointment, "demande.pdf", pdf)

    def see(self, *scenes: str) -> None:
        """Return once the second screen shows one of these."""
        self.whole.wait(lambda: self.whole.scene() in scenes, str(scenes), CALL_SECONDS)

    def files_left(self) -> list[str]:
        return [each.name for each in self.whole.devices.files_left()]


def waiting(room: Room) -> None:
    counsellor = room.whole.stage.counsellor(COUNSELLOR)
    counsellor.order("pause")
    room.sit_down("Mme Zoé Lefèvre")
    room.see("waiting")
    # From then on its wipe is owed, whatever ends.
    socket = room.whole.devices.settings.socket
    wait_for(
        lambda: ask_bridge(socket, "status")["appointment"] == room.appointment,
        "the call is written down",
        20,
        0.1,
    )


def document_shown(room: Room) -> None:
    room.sit_down("M. Karim Benali")
    room.is_in_call()
    room.desk.show(room.appointment, room.upload())
    room.see("document")


def printing(room: Room) -> None:
    room.sit_down("Mme Zoé Lefèvre")
    room.is_in_call()
    room.whole.devices.cups.set_faults("slow")
    room.desk.print(room.appointment, room.upload())
    room.see("printing")
    wait_for(lambda: room.files_left(), "it is on the disk", 20, 0.1)


def scanning(room: Room) -> None:
    room.sit_down("M. Karim Benali")
    room.is_in_call()
    room.whole.devices.scanner.slow_down(at_page=2)
    room.desk.scan(room.appointment, "feeder")
    room.see("scanning")
    wait_for(lambda: room.files_left(), "it is on the disk", 20, 0.1)


def wiping(room: Room) -> None:
    room.sit_down("Mme Zoé Lefèvre")
    room.is_in_call()
    room.whole.stage.counsellor(COUNSELLOR).order("hangup")
    room.see("goodbye")


@pytest.fixture
def room(whole: WholeKiosk, secretary: Secretary, desk: CounsellorDesk) -> Room:
    """Give the room in which the plug was pulled before, unless it is the first time."""
    return Room(whole, secretary, desk)


def test_a_free_kiosk_is_free_again(room: Room) -> None:
    room.see("free")
    room.whole.pull_plug()
    room.whole.plug_in_again()
    room.see("free")


@pytest.mark.parametrize(
    ("scene", "state"),
    [
        (waiting, "interrupted"),
        (document_shown, "interrupted"),
        (printing, "interrupted"),
        (scanning, "interrupted"),
        (wiping, "done"),
    ],
)
def test_nothing_of_the_one_before_is_left_and_each_next_one_is_called(
    room: Room, scene: Callable[[Room], None], state: str
) -> None:
    whole, watch = room.whole, room.secretary.watch()
    scene(room)
    whole.pull_plug()
    pulled_at = time.time()
    whole.plug_in_again()
    whole.stage.counsellor(COUNSELLOR).order("available")
    whole.devices.scanner.set_options()
    whole.devices.cups.set_faults()
    watch.wait_state(room.appointment, state, BACK_SECONDS)
    whole.wait(
        lambda: whole.is_proven(room.appointment),
        "proven to be wiped",
        BACK_SECONDS,
    )
    # Whoever looks at the second screen reads nothing of anybody.
    room.see(*([CUT] if state == "interrupted" else ["free", "goodbye"]))
    words = whole.wait(lambda: whole.look(WORDS), "what stands on it")
    assert not any(name in words for name in ("Lefèvre", "Benali", "Demande"))
    assert room.files_left() == []
    # The browser's profile is the new one's alone.
    assert whole.pages_kept_from_before(pulled_at) == []
    # The sheets came out once, while they were still waited for, or not at all.
    assert whole.devices.cups.is_idle()
    sheets = whole.devices.printed_files()
    assert len(sheets) <= (scene is printing)
    for sheet in sheets:
        sheet.unlink()
    if state == "interrupted":
        assert "Rappeler" in room.secretary.day_text()
        room.secretary.press(room.appointment, "terminer")


def test_after_the_last_time_the_next_one_is_called_and_wiped(room: Room) -> None:
    room.sit_down("M. Karim Benali")
    room.is_in_call()
    room.whole.stage.counsellor(COUNSELLOR).order("hangup")
    room.whole.wait(
        lambda: room.whole.is_proven(room.appointment), "proven", BACK_SECONDS
    )
