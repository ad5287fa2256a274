# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one rule of all tests: where everything must be there, nothing is skipped."""

import os
from collections.abc import Generator

import pytest

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
