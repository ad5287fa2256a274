# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whole running systems: a secretary at the page of one, counsellors at the desks of another."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stage.asterisk_alone import forget_wrap_up
from stage.browser_account import with_browser_telephones
from stage.browser_desk import BrowserDesks
from stage.colleagues import with_colleague
from stage.device_story import QUICK_RESIDENT
from stage.secretary import Secretary
from stage.stack import Stage, StageOptions
from stage.story import KIOSK, SECRETARY
from tests.end_to_end.desk_ground import PARTS, TELEPHONES, leave_no_call


@pytest.fixture
def secretary(whole_stage: Stage) -> Iterator[Secretary]:
    """Give the signed-in secretary of Wassigny; every part of the system runs."""
    whole_stage.start()
    with Secretary(whole_stage.url) as secretary:
        secretary.sign_in(SECRETARY, whole_stage.passwords()[SECRETARY])
        yield secretary


@pytest.fixture(scope="session")
def _calls_in_browsers() -> Iterator[Stage]:
    """Start the one system of all tests with calls in a browser."""
    directory = Path(tempfile.mkdtemp(prefix="guichet-test-"))
    inventory = with_colleague(
        directory, with_browser_telephones(directory, TELEPHONES), in_browser=True
    )
    options = StageOptions(
        browsers=True,
        provisions_in_process=True,
        inventory=inventory,
        devices=True,
        bridge_settings=QUICK_RESIDENT,
    )
    try:
        with Stage(directory, options) as stage:
            stage.prepare()
            forget_wrap_up(stage)
            yield stage
    finally:
        shutil.rmtree(directory)


@pytest.fixture(scope="module")
def browser_stage(_calls_in_browsers: Stage) -> Iterator[Stage]:
    """Give a system in which counsellors telephone in a browser: those of `TELEPHONES`."""
    _calls_in_browsers.start(*PARTS)
    yield _calls_in_browsers
    others = set(_calls_in_browsers.parts) - {*PARTS, KIOSK}
    _calls_in_browsers.stop(*others)


@pytest.fixture(scope="module")
def _chromium(browser_stage: Stage) -> Iterator[BrowserDesks]:
    """Start Chromium: while it runs nothing else of Playwright's may be started here."""
    with BrowserDesks(browser_stage.url) as desks:
        yield desks


@pytest.fixture
def desks(browser_stage: Stage, _chromium: BrowserDesks) -> Iterator[BrowserDesks]:
    """Give Chromium; afterwards no page is open, no call is left, and all parts are there."""
    yield _chromium
    # What a test that failed did not bring back would fail all that come after it.
    for part in set(browser_stage.dead_parts()) & {*PARTS}:
        browser_stage.start(part)
    leave_no_call(browser_stage, _chromium)
