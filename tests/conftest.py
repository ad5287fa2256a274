# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one rule of all tests: where everything must be there, nothing is skipped.

And the real Asterisk that many tests share.
"""

import gc
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from playwright.sync_api import expect
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from stage.ami import BareAmi
from stage.asterisk_alone import asterisk_alone
from stage.begun_anew import Beginning
from stage.endpoint import Endpoint
from stage.many_applications import (
    CHEAP,
    passwords_hashed_by,
    statements_compiled_once,
)
from stage.processes import Program
from stage.stack import ASTERISK_FILE, REPOSITORY, Stage, StageOptions
from stage.waiting import PATIENCE
from stage.warm_start import WarmStarter
from tests.folders import Folders
from tests.gate import is_at_the_gate
from tests.noted_failures import HAS_FAILED
from tests.run_summary import summary_of
from tests.told_at_once import ToldAtOnce

# What is waited for in a page comes later on a machine that does several things at once.
EXPECT_MS = int(30_000 * PATIENCE)
expect.set_options(timeout=EXPECT_MS)
TESTS = Path(__file__).parent
# Fixtures and folders of tests whose work is done by programs of their own.
SERVER_FIXTURES = frozenset(
    {"serve", "_postgresql", "postgresql", "asterisk_stage", "whole_stage", "browser"}
)
SERVER_FOLDERS = (
    TESTS / "end_to_end",
    TESTS / "integration" / "booking_web" / "browser",
    TESTS / "integration" / "booking_web" / "dispatcher",
    TESTS / "integration" / "device_bridge",
    TESTS / "integration" / "provisioning" / "server" / "backup",
)
# Of those, the databases: they keep no clock, however much else the machine has to do.
DATABASE_FIXTURES = frozenset({"_postgresql", "postgresql"})
# What runs in our own process, in no time.
QUICK_FOLDERS = frozenset({TESTS / "unit", TESTS / "contracts"})
# Many processes or commands, and what looks at the clock.
SLOW_FILES = frozenset(
    {
        "test_booking_crowds.py",
        "test_booking_fault_workers_killed.py",
        "test_booking_races.py",
        "test_examiner.py",
        "test_fault_draft_database_locked.py",
        "test_fault_engine_gone.py",
        "test_fault_hostile_form.py",
        "test_front.py",
        "test_provisioning_console_script.py",
        "test_session.py",
        "test_web_command.py",
        "test_web_live.py",
        "test_webhooks_slow_receivers.py",
    }
)
# Thousands of requests, or forms that are read and drawn: work that is only much.
LABORIOUS_FILES = frozenset(
    {
        "test_booking_api_description.py",
        "test_final_form.py",
        "test_flat_forms.py",
        "test_form_engine.py",
        "test_form_reading.py",
        "test_kiosk_api_description.py",
    }
)
# Whole systems, with pictures and sound that come in their own time: one worker has them all, one
# after the other, so that no two of them want the processors at once. Those that share one
# (`browser_stage`) stand together, and last: it is there from the first of them on.
IN_THEIR_OWN_TIME = TESTS / "end_to_end"
# Those that took longest (see --durations), in the order in which they begin: one that waits
# most of its time beside one that works.
LONG_FILES = (
    "test_fault_kiosk_line_lost.py",
    "test_restore.py",
    "test_fault_thin_line.py",
    "test_fault_thin_line_softphone.py",
    "test_provisioning_databases.py",
    "test_update_steps.py",
    "test_browser_printed_forms.py",
    "test_fault_filling_interrupted.py",
    "test_softphones_handed_out.py",
    "test_browser_desk.py",
    "test_booking_crowds.py",
)
LINES_OF_PROGRAM = 40
REQUIRE_ALL = os.environ.get("GUICHET_REQUIRE_ALL") == "1"

# A loaded machine is no fault of the code, and a run that fails can be repeated: the invented
# examples are the same ones each time. Others are made with --hypothesis-profile=others.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("others", _PATIENT)
settings.register_profile("same", _PATIENT, derandomize=True, database=None)
settings.load_profile("same")


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        report.outcome = "failed"
        report.longrepr = f"GUICHET_REQUIRE_ALL=1, and yet: {reason}"


def _has_programs(item: pytest.Item) -> bool:
    """Tell whether it starts programs that call, print or show, or looks at the clock."""
    if item.get_closest_marker("real") is not None:
        return True
    fixtures = SERVER_FIXTURES - DATABASE_FIXTURES
    if not fixtures.isdisjoint(getattr(item, "fixturenames", ())):
        return True
    return item.path.name in SLOW_FILES or any(
        folder in item.path.parents for folder in SERVER_FOLDERS
    )


def _is_laborious(item: pytest.Item) -> bool:
    if not DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
        return True
    callspec = getattr(item, "callspec", None)
    if callspec is not None and "postgresql" in map(str, callspec.params.values()):
        return True
    return item.path.name in LABORIOUS_FILES


def pytest_configure(config: pytest.Config) -> None:
    """Compile the translations that were edited since, and tell what fails at once.

    The first once, before any worker starts; the second where the workers' news come. There
    SIGTERM ends all in order, as Ctrl-C does.
    """
    if not hasattr(config, "workerinput"):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        subprocess.run([REPOSITORY / "script" / "compile-translations"], check=True)
        config.pluginmanager.register(ToldAtOnce(config))
        if summary := summary_of(config):
            config.pluginmanager.register(summary)
    # Thousands of tests are read, and nothing of that is rubbish.
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for rubbish in what the tests make alone, not in the tests themselves.

    And less often than after each 700 objects: half of that time, a twelfth of all, is saved.
    """
    gc.freeze()
    gc.set_threshold(10_000)
    gc.enable()


def pytest_unconfigure() -> None:
    """Give up the rest, as what was written in C++ asks for."""
    gc.unfreeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, and let begin first what takes long.

    With several workers the run ends when the last file does: a long one that began last
    would be waited for alone.
    """
    for item in items:
        if not QUICK_FOLDERS.isdisjoint(item.path.parents):
            item.add_marker(pytest.mark.quick)
            continue
        has_programs = _has_programs(item)
        if has_programs or _is_laborious(item):
            item.add_marker(pytest.mark.slow)
        item.add_marker(pytest.mark.programs if has_programs else pytest.mark.inside)
        if has_programs and is_at_the_gate(item.nodeid):
            item.add_marker(pytest.mark.gate)
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if IN_THEIR_OWN_TIME in item.path.parents:
        return -1 if "browser_stage" in getattr(item, "fixturenames", ()) else -2
    if item.path.name in LONG_FILES:
        return LONG_FILES.index(item.path.name)
    is_quick = item.get_closest_marker("slow") is None
    return len(LONG_FILES) + is_quick


class OneGroundOneWorker(LoadFileScheduling):
    """Gives each worker whole files, and one of them all whole systems."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return (
            "in their own time"
            if IN_THEIR_OWN_TIME in (TESTS.parent / file).parents
            else file
        )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Producer
) -> OneGroundOneWorker | None:
    """Give out files, where files are to be given out."""
    is_by_file = config.getvalue("dist") == "loadfile"
    return OneGroundOneWorker(config, log) if is_by_file else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one where GUICHET_REQUIRE_ALL=1; note what failed.

    With what its programs said last: their folders are gone soon.
    """
    report = yield
    _refuse_skip(report)
    if report.failed:
        item.stash[HAS_FAILED] = True
        report.sections += [
            (f"{program.name} said last", program.log_tail(LINES_OF_PROGRAM))
            for program in Program.known
            if program.was_started
        ]
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[
    None, pytest.CollectReport, pytest.CollectReport
]:
    """Turn a module skipped as a whole into an error where GUICHET_REQUIRE_ALL=1."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.fixture(scope="session")
def tmp_path_factory(request: pytest.FixtureRequest) -> Iterator[Folders]:
    """Give what makes folders; those that are left of a run that passed are gone with it."""
    folders = Folders()
    yield folders
    if not request.session.testsfailed:
        folders.remove()


@pytest.fixture
def tmp_path(
    request: pytest.FixtureRequest, tmp_path_factory: Folders
) -> Iterator[Path]:
    """Give a folder of the test's own, which is gone with it unless it failed."""
    folder = tmp_path_factory.mktemp("t")
    yield folder
    if not request.node.stash.get(HAS_FAILED, False):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _own_hasher() -> Iterator[PasswordHasher]:
    with passwords_hashed_by(CHEAP) as own:
        yield own


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    with statements_compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def _programs_start_warm() -> Iterator[None]:
    Program.starter = starter = WarmStarter()
    yield
    Program.starter = None
    starter.close()


@pytest.fixture
def passwords_take_their_work(_own_hasher: PasswordHasher) -> Iterator[None]:
    """Have passwords hashed as on a real site; in other tests it takes next to no work."""
    with passwords_hashed_by(_own_hasher):
        yield


@pytest.fixture(scope="session")
def one_asterisk() -> Iterator[Stage]:
    """Give a provisioned system whose one Asterisk serves the whole session."""
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    with asterisk_alone() as stage:
        yield stage


@pytest.fixture(scope="module")
def asterisk_stage(one_asterisk: Stage) -> Iterator[Stage]:
    """Give a system of which only Asterisk runs; the tests of a file start what they need.

    What a file started is stopped at its end: which file comes next, nobody knows.
    """
    yield one_asterisk
    one_asterisk.stop(*(part for part in one_asterisk.parts if part != "asterisk"))


@pytest.fixture(scope="module")
def _whole_stage() -> Iterator[Stage]:
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    directory = Path(tempfile.mkdtemp(prefix="guichet-test-"))
    try:
        with Stage(directory, StageOptions(provisions_in_process=True)) as stage:
            stage.prepare()
            stage.start()
            yield stage
    finally:
        shutil.rmtree(directory)


@pytest.fixture(scope="module")
def beginning(_whole_stage: Stage) -> Beginning:
    """Give what the whole system was before its first test."""
    return Beginning(_whole_stage)


@pytest.fixture
def whole_stage(
    request: pytest.FixtureRequest, _whole_stage: Stage, beginning: Beginning
) -> Iterator[Stage]:
    """Give the whole system, running; a test may stop, kill and start its parts.

    A test that fails takes nobody with it: for the next one the system begins anew.
    """
    yield _whole_stage
    if request.node.stash.get(HAS_FAILED, False):
        beginning.come_back()


@pytest.fixture
def ami(asterisk_stage: Stage) -> Iterator[BareAmi]:
    """Give a manager connection, and no channel left over from before or after."""
    asterisk_stage.asterisk.wait_idle()
    with BareAmi.of_site(asterisk_stage.settings_file) as connection:
        yield connection
    asterisk_stage.asterisk.cli("channel request hangup all")
    asterisk_stage.asterisk.wait_idle()


@pytest.fixture
def kiosk(asterisk_stage: Stage) -> Endpoint:
    """Give the registered kiosk of Wassigny."""
    asterisk_stage.start("kiosk-wassigny")
    return asterisk_stage.kiosk("kiosk-wassigny")


@pytest.fixture
def counsellor(asterisk_stage: Stage) -> Endpoint:
    """Give the registered counsellor of the MSA, who takes calls by themselves."""
    asterisk_stage.start("counsellor-msa-1")
    return asterisk_stage.counsellor("counsellor-msa-1")
