# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk with all its programs beside a whole site, in a call or not."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from stage.counsellor_desk import CounsellorDesk
from stage.kiosk_session import missing_programs
from stage.secretary import Secretary
from stage.stack import ASTERISK_FILE, Stage, StageOptions
from stage.story import COUNSELLOR, KIOSK, ORGANISATION, SECRETARY
from stage.waiting import wait_for
from stage.whole_kiosk import Call, WholeKiosk
from tests.noted_failures import HAS_FAILED

COUNSELLOR_ACCOUNT = "conseiller@msa.example"
OPTIONS = StageOptions(
    devices=True,
    drawing_kiosks=(KIOSK,),
    bridge_settings=(("has_screen", True), ("heartbeat_seconds", 5)),
    provisions_in_process=True,
)


class Room:
    """The kiosk and its site: they stay for a file's tests, and begin anew where one failed."""

    def __init__(self) -> None:
        """Need the programs; begin with the first test."""
        self._open = ExitStack()
        self._both: tuple[Stage, WholeKiosk] | None = None

    def both(self) -> tuple[Stage, WholeKiosk]:
        """Give them, all of it running and the kiosk free."""
        if self._both is None:
            with ExitStack() as opening:
                # Short: the path of a socket below it has its limit.
                directory = Path(tempfile.mkdtemp(prefix="gk-"))
                opening.callback(shutil.rmtree, directory)
                stage = opening.enter_context(Stage(directory, OPTIONS))
                stage.prepare()
                stage.start("asterisk", "web", "dispatcher", COUNSELLOR)
                whole = opening.enter_context(WholeKiosk(stage, KIOSK))
                # From then on a browser that is killed is let in again by itself.
                whole.wait(whole.is_let_in, "the screen is let in", 60)
                whole.kill_browser()
                whole.wait(lambda: whole.scene() == "free", "the free scene", 60)
                self._both = stage, whole
                self._open = opening.pop_all()
        return self._both

    def close(self) -> None:
        """End all of it; whoever asks next has another one."""
        self._both = None
        self._open.close()


@pytest.fixture(scope="module")
def kiosk_room() -> Iterator[Room]:
    """Give where the kiosk stands, as long as this file's tests last."""
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    chromium = [] if shutil.which("chromium") else ["chromium"]
    if missing := [*missing_programs(), *chromium]:
        pytest.skip(f"not here: {missing}")
    room = Room()
    yield room
    room.close()


@pytest.fixture
def whole(request: pytest.FixtureRequest, kiosk_room: Room) -> Iterator[WholeKiosk]:
    """Give the kiosk; a test that fails takes nobody with it."""
    yield kiosk_room.both()[1]
    if request.node.stash.get(HAS_FAILED, False):
        kiosk_room.close()


@pytest.fixture
def kiosk_stage(kiosk_room: Room) -> Stage:
    """Give a site whose kiosk draws, prints and scans."""
    return kiosk_room.both()[0]


@pytest.fixture
def secretary(kiosk_stage: Stage) -> Iterator[Secretary]:
    """Give the signed-in secretary of Wassigny."""
    with Secretary(kiosk_stage.url) as secretary:
        secretary.sign_in(SECRETARY, kiosk_stage.passwords()[SECRETARY])
        yield secretary


@pytest.fixture
def desk(kiosk_stage: Stage) -> Iterator[CounsellorDesk]:
    """Give the counsellor's browser."""
    with CounsellorDesk(kiosk_stage.url) as desk:
        desk.sign_in(COUNSELLOR_ACCOUNT, kiosk_stage.passwords()[COUNSELLOR_ACCOUNT])
        yield desk


@pytest.fixture
def call(kiosk_stage: Stage, whole: WholeKiosk, secretary: Secretary) -> Iterator[Call]:
    """Give a call in which each sees and hears the other; it is over afterwards, and wiped."""
    whole.wait(whole.is_settled, "the telephone is there")
    appointment = secretary.book("Mme Zoé Lefèvre", ORGANISATION)
    call = Call(whole, kiosk_stage.counsellor(COUNSELLOR), appointment)
    call.wait_both_ways()
    whole.wait(lambda: whole.scene() == "in_call", "the scene of the call")
    yield call
    if kiosk_stage.counsellor(COUNSELLOR).call():
        kiosk_stage.counsellor(COUNSELLOR).order("hangup")
    wait_for(lambda: whole.is_proven(appointment), "proven to be wiped", 60, 0.2)
