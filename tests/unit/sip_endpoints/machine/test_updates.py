# SPDX-License-Identifier: AGPL-3.0-or-later
"""An update is prepared without changing anything, and judged by what worked before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sip_endpoints.machine.checks.check import Check, CheckName, absent, failed, passed
from sip_endpoints.machine.packages.apt import Apt, NotPrepared
from sip_endpoints.machine.packages.outcome import (
    Outcome,
    UpdateState,
    read_outcome,
    write_failure,
)
from sip_endpoints.machine.packages.repository import Repository, keep_repository
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.units import AGENT, PHONE
from sip_endpoints.machine.updates.judging import (
    Before,
    is_line_down,
    read_before,
    worse,
)
from sip_endpoints.machine.updates.preparing import Looks, prepare
from sip_endpoints.machine.updates.standing import Standing

KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
GREEN = (passed(CheckName.CAMERA), passed(CheckName.PHONE), absent(CheckName.SCANNER))
RUNNING = frozenset({AGENT, PHONE})
BEFORE = Before.of(GREEN, RUNNING)


@pytest.mark.parametrize(
    ("checks", "running", "cause"),
    [
        (GREEN, RUNNING, ""),
        ((*GREEN, failed(CheckName.PRINTER, "no_paper")), RUNNING, ""),
        (
            (GREEN[0], failed(CheckName.PHONE, "phone_stopped")),
            RUNNING,
            "phone_stopped",
        ),
        ((GREEN[0],), RUNNING, "phone"),
        ((), RUNNING, "camera"),
        (GREEN, {PHONE}, "unit_stopped"),
        (GREEN, {*RUNNING, "another"}, ""),
    ],
)
def test_worse_is_what_worked_before_and_does_not_now(
    checks: Sequence[Check], running: set[str], cause: str
) -> None:
    assert worse(BEFORE, checks, running) == cause


def test_what_was_red_before_is_no_fault_of_the_new_version() -> None:
    dark = failed(CheckName.CAMERA, "black_picture")
    before = Before.of([dark, GREEN[1]], RUNNING)
    assert worse(before, [dark, GREEN[1]], RUNNING) == ""


def test_a_line_that_went_down_meanwhile_is_told_apart() -> None:
    before = Before.of([passed(CheckName.NETWORK)], RUNNING)
    assert is_line_down(before, [failed(CheckName.NETWORK, "no_answer")])
    assert not is_line_down(before, [passed(CheckName.NETWORK)])
    assert not is_line_down(BEFORE, [failed(CheckName.NETWORK, "no_answer")])


def test_what_was_seen_before_is_read_again() -> None:
    assert read_before(BEFORE.to_text()) == BEFORE


@pytest.mark.parametrize("text", ["", "[]", "{", '{"green": 3}'])
def test_where_nothing_was_seen_nothing_gets_worse(text: str) -> None:
    assert worse(read_before(text), [failed(CheckName.PHONE, "x")], []) == ""


@dataclass
class ThisApt(Apt):
    """An apt that offers what the test says."""

    offers: str = "1.1"
    has: str = "1.0"
    refuses: str = ""
    did: list[str] = field(default_factory=list)

    def refresh(self) -> None:
        if self.refuses.startswith(("no_list", "list_")):
            raise NotPrepared(self.refuses, "no")
        self.did.append("refresh")

    def refresh_debian(self) -> None:
        self.did.append("debian")

    def offered(self) -> str:
        return self.offers

    def installed(self) -> str:
        return self.has

    def download(self, version: str) -> None:
        if self.refuses:
            raise NotPrepared(self.refuses, "no")
        self.did.append(f"download {version}")

    def keep_installed(self) -> None:
        self.did.append("keep")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path)
    keep_repository(Repository("https://guichet.example.fr/", "stable", KEY), made)
    return made


LOOKS = Looks(lambda: False, lambda: GREEN, lambda: RUNNING)


def test_a_new_version_is_made_ready_with_the_one_before_kept(places: Places) -> None:
    apt = ThisApt()
    assert prepare(apt, places, LOOKS) == "1.1"
    assert apt.did == ["refresh", "debian", "download 1.1", "keep"]
    assert places.update_step.read_text() == "installing 1.0 1.1 0 -\n"
    assert read_before(places.before_update.read_text()) == BEFORE
    assert read_outcome(places) is None


@pytest.mark.parametrize("apt", [ThisApt(offers=""), ThisApt(offers="1.2")])
def test_nothing_new_and_what_was_put_back_before_begin_nothing(
    places: Places, apt: ThisApt
) -> None:
    places.updates.mkdir(parents=True)
    places.refused_versions.write_text("1.2\n")
    assert prepare(apt, places, LOOKS) == ""
    assert apt.did == ["refresh"]
    assert not places.update_step.exists()


def test_a_server_without_packages_is_not_asked(tmp_path: Path) -> None:
    apt = ThisApt()
    assert prepare(apt, Places(tmp_path), LOOKS) == ""
    assert apt.did == []


def test_an_update_that_is_under_way_is_left_alone(places: Places) -> None:
    places.updates.mkdir(parents=True)
    places.update_step.write_text("judging 1.0 1.1 1 -\n")
    assert prepare(ThisApt(), places, LOOKS) == ""
    assert places.update_step.read_text() == "judging 1.0 1.1 1 -\n"


@pytest.mark.parametrize(
    ("apt", "cause"),
    [(ThisApt(refuses="disk_full"), "disk_full"), (ThisApt(has=""), "not_whole")],
)
def test_what_cannot_begin_is_told_and_changes_nothing(
    places: Places, apt: ThisApt, cause: str
) -> None:
    with pytest.raises(NotPrepared):
        prepare(apt, places, LOOKS)
    told = read_outcome(places)
    assert told is not None
    assert (told.state, told.cause) == (UpdateState.FAILED, cause)
    assert not places.update_step.exists()


@pytest.mark.parametrize("cause", ["no_list", "list_old"])
def test_lists_that_are_not_read_are_told_until_they_are(
    places: Places, cause: str
) -> None:
    """Nobody heard of it: the server's page told of the update before."""
    with pytest.raises(NotPrepared):
        prepare(ThisApt(refuses=cause), places, LOOKS)
    told = read_outcome(places)
    assert told is not None
    assert (told.state, told.before, told.after) == (UpdateState.FAILED, "1.0", "")
    assert told.cause == cause
    assert prepare(ThisApt(offers=""), places, LOOKS) == ""
    assert read_outcome(places) is None
    # What was tried with a version is told on.
    write_failure(places, "1.0", "1.1", "disk_full")
    assert prepare(ThisApt(offers=""), places, LOOKS) == ""
    assert read_outcome(places) is not None


def test_a_call_is_waited_for(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sip_endpoints.machine.updates.preparing._EVERY_SECONDS", 0.001)
    calls = iter([True, True, False])
    tested: list[str] = []

    def self_test() -> tuple[Check, ...]:
        tested.append("tested")
        assert next(calls, None) is None
        return GREEN

    prepare(ThisApt(), places, Looks(lambda: next(calls), self_test, lambda: RUNNING))
    assert tested == ["tested"]


def test_a_self_test_that_a_call_came_into_is_made_again_after_it(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sip_endpoints.machine.updates.preparing._EVERY_SECONDS", 0.001)
    # Before the first; after it, and twice while the call lasts.
    calls = iter([False, True, True, False])
    found = iter([(), GREEN])
    looks = Looks(lambda: next(calls), lambda: next(found), lambda: RUNNING)
    prepare(ThisApt(), places, looks)
    before = read_before(places.before_update.read_text(encoding="utf-8"))
    assert before == BEFORE


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (Standing("1.0", "", False, "w", None), "Aucune version plus récente"),
        (Standing("1.0", "1.1", False, "02:00-05:00", None), "02:00-05:00"),
        (Standing("1.0", "1.1", True, "w", None), "update --now la retente"),
        (
            Standing(
                *("1.0", "", False, "w"),
                Outcome(UpdateState.ROLLED_BACK, "1.0", "1.1", "hier", "no_tone"),
            ),
            "1.1 marchait moins bien (no_tone), 1.0 a été remise",
        ),
    ],
)
def test_who_stands_there_is_told_how_it_stands(standing: Standing, said: str) -> None:
    assert said in "\n".join(standing.lines())
