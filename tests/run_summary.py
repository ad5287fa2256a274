# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a run of the tests came to, in a file, for whoever started it."""

import json
import os
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

# The file's name; without it nothing is written.
SUMMARY = "GUICHET_RUN_SUMMARY"
RINGS = ("quick", "inside", "programs")


@dataclass(frozen=True)
class Failure:
    """A test that failed: its ring ("" if none is known), and the text of its failure."""

    test: str
    ring: str
    text: str


class RunSummary:
    """Counts what passed and keeps what failed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._passed: Counter[str] = Counter()
        self._failures: dict[str, Failure] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a test ended; where call and end both failed, how its call did."""
        ring = next((ring for ring in RINGS if ring in report.keywords), "")
        if report.failed:
            failure = Failure(report.nodeid, ring, report.longreprtext)
            self._failures.setdefault(report.nodeid, failure)
        elif report.when == "call" and report.passed:
            self._passed[ring] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that cannot be read."""
        if report.failed:
            failure = Failure(report.nodeid, "", report.longreprtext)
            self._failures.setdefault(report.nodeid, failure)

    def pytest_sessionfinish(self) -> None:
        """Write it down."""
        failures = [asdict(failure) for failure in self._failures.values()]
        told = {"passed": dict(self._passed), "failed": failures}
        self._file.write_text(json.dumps(told))


def summary_of(config: pytest.Config) -> RunSummary | None:
    """Give who sums this run up, where somebody asked for it."""
    name = os.environ.get(SUMMARY)
    if not name or hasattr(config, "workerinput"):
        return None
    return RunSummary(Path(name))
