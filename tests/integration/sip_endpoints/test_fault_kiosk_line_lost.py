# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: a kiosk's line is cut, or what stands on it changes its address.

Each village has a network of its own. The faults happen side by side, in threads; each test
tells of one. Whatever changed, the kiosk is registered again ten seconds after its line is
back.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from stage.endpoint import Endpoint
from stage.stack import ASTERISK_FILE, Stage, StageOptions
from stage.village_network import SERVER_ADDRESS, ServerNetwork, Village
from stage.waiting import PATIENCE, wait_for
from tests.factories.villages import place_call_in, server_network
from tests.folders import Folders

pytestmark = pytest.mark.real

# What towns are promised, on a machine that has nothing else to do.
BACK_SECONDS = 10.0 * PATIENCE
# The kiosk's own new address is told by its kernel. Otherwise it would ask the registrar over
# the dead connection, and say this once it has given that up.
GIVEN_UP = "registration failed"
# In seconds; ten minutes only at night.
LONG_CUTS = (60, 600) if os.environ.get("GUICHET_NIGHTLY") == "1" else (60,)
# Asking Asterisk costs a process each time, on a machine that is busy.
ASK_SECONDS = 0.25

Happening = dict[str, Future[dict[str, float]]]


class Line:
    """A kiosk in its village, and what its Asterisk knows of it."""

    def __init__(self, stage: Stage, kiosk: str, village: Village) -> None:
        self._asterisk = stage.asterisk
        self.kiosk: Endpoint = stage.kiosk(kiosk)
        self.village = village
        self.kiosk.program.run_behind(village.enter)

    def registered_since(self) -> str:
        """Give since when the kiosk has been registered, or nothing."""
        status = self.kiosk.status()
        return status["registration"]["since"] if status["registered"] else ""

    def given_up(self) -> int:
        """Count the attempts to register that it gave up."""
        return self.kiosk.program.log_text().count(GIVEN_UP)

    def is_known_at(self, address: str) -> bool:
        """Tell whether Asterisk would call it there."""
        shown = self._asterisk.cli(f"pjsip show aor {self.kiosk.slug}")
        return bool(self.registered_since()) and f"@{address}:" in shown

    def seconds_until(self, is_back: Callable[[], bool]) -> float:
        """Give how long it takes until it is back."""
        began_at = time.monotonic()
        wait_for(is_back, f"{self.kiosk.slug} is back", 60, ASK_SECONDS)
        return time.monotonic() - began_at

    def mended_at(self, at: float) -> float:
        """Mend its line then; give the seconds from there to the registration."""
        wait_for(lambda: time.monotonic() >= at, "the cut is over", 700, ASK_SECONDS)
        self.village.mend()
        return self.seconds_until(self.kiosk.is_registered)


class Faults:
    """What happens in the villages; each fault gives the seconds until its end.

    `given up` is how many attempts to register failed after the kiosk's own address was new.
    """

    def __init__(self, stage: Stage, server: ServerNetwork, lines: list[Line]) -> None:
        self._stage, self._server = stage, server
        self._long, self._short, self._translated = lines

    def long_cuts(self) -> dict[str, float]:
        """Cut a line until the kiosk says so and longer, told as `noticed` and `back`."""
        line, seconds = self._long, dict[str, float]()
        for length in LONG_CUTS:
            line.village.cut()
            mended_at = time.monotonic() + length
            seconds[f"noticed {length}"] = line.seconds_until(
                lambda: not line.kiosk.is_registered()
            )
            seconds[f"back {length}"] = line.mended_at(mended_at)
        return seconds

    def short_cut_then_new_address(self) -> dict[str, float]:
        """Five seconds without a line, then another address from DHCP."""
        line = self._short
        line.village.cut()
        seconds = {"short cut": line.mended_at(time.monotonic() + 5)}
        before = line.given_up()
        line.village.move()
        seconds["new address"] = line.seconds_until(
            lambda: line.is_known_at(line.village.address)
        )
        return seconds | {"given up": line.given_up() - before}

    def new_outer_address_then_call(self) -> dict[str, float]:
        """Another address of the router, then another of the kiosk in a call."""
        line = self._translated
        line.village.move_outside()
        seconds = {
            "new outer address": line.seconds_until(
                lambda: line.is_known_at(line.village.outer_address)
            )
        }
        self._call(line)
        before, given_up = line.registered_since(), line.given_up()
        line.village.move()
        seconds["in a call"] = line.seconds_until(
            lambda: line.registered_since() not in ("", before)
        )
        return seconds | {"given up": line.given_up() - given_up}

    def _call(self, line: Line) -> None:
        """Have the kiosk wait in a queue, as a resident does, until it is connected."""
        place_call_in(self._server, self._stage, line.kiosk.slug, "501")
        wait_for(
            lambda: (line.kiosk.call() or {}).get("stage") == "confirmed",
            "the kiosk is in a call",
        )


@pytest.fixture(scope="module")
def lines(
    tmp_path_factory: Folders,
) -> Iterator[tuple[Stage, ServerNetwork, list[Line]]]:
    """Give an Asterisk, and three villages whose kiosks are registered with it."""
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    directory: Path = tmp_path_factory.mktemp("villages")
    options = StageOptions(bind=SERVER_ADDRESS, provisions_in_process=True)
    with (
        server_network() as server,
        closing(Village(server, 1)) as first,
        closing(Village(server, 2)) as second,
        closing(Village(server, 3, is_translated=True)) as third,
        Stage(directory, options) as stage,
    ):
        villages = [first, second, third]
        stage.prepare()
        kiosks = [endpoint.slug for endpoint in stage.kiosks()]
        found = [Line(stage, *each) for each in zip(kiosks, villages, strict=True)]
        stage.program("asterisk").run_behind(server.enter)
        stage.start("asterisk", *kiosks)
        yield stage, server, found


@pytest.fixture(scope="module")
def faults(
    lines: tuple[Stage, ServerNetwork, list[Line]],
) -> Iterator[Happening]:
    """Let the faults happen, all at once."""
    happening = Faults(*lines)
    with ThreadPoolExecutor(3) as threads:
        yield {
            "long": threads.submit(happening.long_cuts),
            "short": threads.submit(happening.short_cut_then_new_address),
            "translated": threads.submit(happening.new_outer_address_then_call),
        }


def test_after_a_cut_of_five_seconds_nothing_has_to_be_done_again(
    faults: Happening,
) -> None:
    assert faults["short"].result()["short cut"] < BACK_SECONDS


def test_a_kiosk_that_got_another_address_registers_from_there_at_once(
    faults: Happening,
) -> None:
    seconds = faults["short"].result()
    assert seconds["new address"] < BACK_SECONDS
    assert seconds["given up"] == 0


def test_a_router_that_got_another_address_keeps_nobody_away(
    faults: Happening,
) -> None:
    assert faults["translated"].result()["new outer address"] < BACK_SECONDS


def test_in_a_call_too_the_kiosk_registers_from_its_new_address_at_once(
    faults: Happening,
) -> None:
    seconds = faults["translated"].result()
    assert seconds["in a call"] < BACK_SECONDS
    assert seconds["given up"] == 0


@pytest.mark.parametrize("length", LONG_CUTS)
def test_a_long_cut_is_noticed_and_so_is_its_end(
    faults: Happening, length: int
) -> None:
    seconds = faults["long"].result()
    assert seconds[f"noticed {length}"] < BACK_SECONDS
    assert seconds[f"back {length}"] < BACK_SECONDS
