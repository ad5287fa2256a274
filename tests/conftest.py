# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one rule of all tests: where everything must be there, nothing is skipped.

And the real Asterisk that many tests share.
"""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from stage.ami import BareAmi
from stage.asterisk_alone import asterisk_alone
from stage.endpoint import Endpoint
from stage.stack import ASTERISK_FILE, Stage

REQUIRE_ALL = os.environ.get("GUICHET_REQUIRE_ALL") == "1"


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        report.outcome = "failed"
        report.longrepr = f"GUICHET_REQUIRE_ALL=1, and yet: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> (
    Generator[None, pytest.TestReport, pytest.TestReport]
):
    """Turn a skipped test into a failed one where GUICHET_REQUIRE_ALL=1."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> (
    Generator[None, pytest.CollectReport, pytest.CollectReport]
):
    """Turn a module skipped as a whole into an error where GUICHET_REQUIRE_ALL=1."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.fixture(scope="session")
def asterisk_stage() -> Iterator[Stage]:
    """Give a provisioned system of which only Asterisk runs; tests start what they need.

    One Asterisk serves the whole session.
    """
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    with asterisk_alone() as stage:
        yield stage


@pytest.fixture(scope="module")
def whole_stage() -> Iterator[Stage]:
    """Give the whole system, running; a test may stop, kill and start its parts."""
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    directory = Path(tempfile.mkdtemp(prefix="guichet-test-"))
    try:
        with Stage(directory) as stage:
            stage.prepare()
            stage.start()
            yield stage
    finally:
        shutil.rmtree(directory)


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
