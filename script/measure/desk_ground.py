# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's desk in Chromium on the whole system, and beside it a bare JsSIP page.

Both are called from the same kiosk through the same Asterisk: the desk as an appointment is, by
the dispatcher and the organisation's queue; the bare page by one Originate and a `Dial`.
"""

import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from booking_web.tables.states import AppointmentState
from measure.bare_ami import AmiAccount, BareAmi
from measure.bare_call import BareCall
from measure.bench_system import PICTURE
from measure.browser_kiosk import BrowserKiosk
from stage.appointments import AppointmentBook
from stage.browser_account import open_desk, with_browser_telephone
from stage.browser_desk import BrowserDesks, expect_state, take_calls
from stage.browser_phone import BrowserPhone
from stage.device_story import QUICK_RESIDENT
from stage.endpoint import Endpoint
from stage.stack import Stage, StageOptions
from stage.story import COUNSELLOR, COUNSELLORS_ACCOUNT, KIOSK
from stage.waiting import wait_for

ORGANISATION = "msa"
# Of another organisation, and nobody's page: its telephone is the bare one.
BARE = "counsellor-mission-locale-thierache-1"
ANSWER_SECONDS = 30.0
# A kiosk gives a notice of a second before it shows anybody; it begins as the telephone rings.
RING_SECONDS = 2.0
# What the queue has for the telephone that it rings, and for the one that answered.
DIAL = "PJSIP/{},30,b(guichet-member-leg^start^1)U(guichet-connected)"
PARTS = ("asterisk", "web", "live", "front", "dispatcher")

Far = BrowserPhone | BrowserKiosk


class DeskGround:
    """A context manager: inside it the desk takes calls, and the bare page is registered."""

    # Where SIP and its media are offered.
    bind = "127.0.0.1"
    # The command that leads into the network of the desk's browser.
    behind: Sequence[str] = ()

    def __init__(self, *, devices: bool = False, bare: bool = False) -> None:
        self._has_devices, self._has_bare = devices, bare
        self._stack = ExitStack()
        self._calls = 0

    def __enter__(self) -> Self:
        try:
            self._enter()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _enter(self) -> None:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="gb-"))
        options = StageOptions(
            bind=self.bind,
            browsers=True,
            inventory=with_browser_telephone(
                Path(folder), COUNSELLOR, COUNSELLORS_ACCOUNT
            ),
            devices=self._has_devices,
            bridge_settings=QUICK_RESIDENT,
        )
        self.stage = self._stack.enter_context(Stage(Path(folder) / "site", options))
        self.stage.prepare()
        bridge = (self.stage.devices_of(KIOSK).name,) if self._has_devices else ()
        self.stage.start(*PARTS, *bridge)
        self.kiosk = self._start_kiosk()
        database = self.stage.database()
        self._stack.callback(database.dispose)
        self._book = AppointmentBook(database)
        desks = self._stack.enter_context(self._browser())
        self.page = open_desk(self.stage, desks, COUNSELLORS_ACCOUNT)
        take_calls(self.page)
        self.phone = BrowserPhone(COUNSELLOR, self.page, answers=False)
        if self._has_bare:
            self._open_bare(desks)

    def _start_kiosk(self) -> Endpoint:
        self.stage.start(KIOSK)
        return self.stage.kiosk(KIOSK)

    def _browser(self) -> BrowserDesks:
        return BrowserDesks(self.stage.url)

    def _bare_port(self) -> int:
        """Give the port of `bind` at which Asterisk takes SIP over WebSocket."""
        return self.stage.ports.ws

    def _open_bare(self, desks: BrowserDesks) -> None:
        self.bare = BrowserKiosk(
            self.stage.bundles / f"{BARE}.toml",
            self.stage.directory / "guichet.db",
            self._bare_port(),
            PICTURE,
            behind=self.behind,
            address=self.bind,
            ring_seconds=RING_SECONDS,
            playwright=desks.playwright,
        )
        self._stack.callback(self.bare.stop)
        settings = tomllib.loads(self.stage.settings_file.read_text())
        names = ("ami_host", "ami_port", "ami_username", "ami_secret")
        account = AmiAccount(*(settings[name] for name in names))
        self._ami = self._stack.enter_context(BareAmi(account, events=True))
        wait_for(
            lambda: self.stage.asterisk.contacts(BARE),
            "the bare page is registered",
            ANSWER_SECONDS,
        )

    @contextmanager
    def ringing(self) -> Iterator[int]:
        """Have the desk rung for an appointment; give that. It is over afterwards."""
        appointment = self._book.put(KIOSK, ORGANISATION, call_is_requested=True)
        expect_state(self.page, "ringing")
        yield appointment
        self.phone.order("hangup")
        wait_for(
            lambda: self._book.told(appointment)[0] == AppointmentState.DONE,
            "the call is over",
            ANSWER_SECONDS,
        )
        self._wait_over()

    @contextmanager
    def desk_call(self) -> Iterator[Far]:
        """Have the desk answer after RING_SECONDS."""
        with self.ringing():
            time.sleep(RING_SECONDS)
            self.page.locator("[data-act=answer]").click()
            yield self.phone

    @contextmanager
    def bare_call(self) -> Iterator[Far]:
        """Have the bare page answer after RING_SECONDS."""
        self._calls += 1
        call = BareCall(self._calls, KIOSK, ORGANISATION)
        call.originate(self._ami, application="Dial", data=DIAL.format(BARE))
        wait_for(
            lambda: self.kiosk.call() is not None, "the kiosk is called", ANSWER_SECONDS
        )
        yield self.bare
        call.hang_up(self._ami)
        self._wait_over()

    def _wait_over(self) -> None:
        self.stage.asterisk.wait_idle()
        wait_for(lambda: self.kiosk.call() is None, "the kiosk is idle", ANSWER_SECONDS)
        expect_state(self.page, "waiting")

    def first_pictures_ms(self, far: Far) -> tuple[float, float]:
        """Give the times from the answer to the first picture, there and at the kiosk."""
        wait_for(
            lambda: _pictures(self.kiosk.call()), "a picture at the kiosk", 30, 0.01
        )
        there = 1000 * time.time()
        told = wait_for(lambda: _first_picture(far), "a picture in the page", 30, 0.05)
        return (
            told["first_picture_at"] - told["answered_at"],
            there - told["answered_at"],
        )

    def kiosk_pictures(self) -> int:
        """Count the pictures that the kiosk drew in its call."""
        return _pictures(self.kiosk.call())

    def pictures_a_second(self, far: Far, seconds: float) -> tuple[float, float]:
        """Give the pictures a second over a window, there and at the kiosk."""
        before, began = self._counted(far), time.monotonic()
        time.sleep(seconds)
        after, took = self._counted(far), time.monotonic() - began
        return (after[0] - before[0]) / took, (after[1] - before[1]) / took

    def _counted(self, far: Far) -> tuple[int, int]:
        return _pictures(far.call()), self.kiosk_pictures()


def _pictures(call: dict[str, object] | None) -> int:
    video = (call or {}).get("video")
    return int(video.get("frames_decoded", 0)) if isinstance(video, dict) else 0


def _first_picture(far: Far) -> dict[str, float] | None:
    told = far.call()
    return told if told and told["first_picture_at"] else None
