# SPDX-License-Identifier: AGPL-3.0-or-later
"""A run that says what fails when it fails, and what was running when it is ended."""

import time

import pytest


class ToldAtOnce:
    """Prints each failure at its moment, for a run that is killed prints no summary."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._begun: dict[str, float] = {}
        self._workers: dict[str, str] = {}

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note when a test began."""
        self._begun[nodeid] = time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Forget a test that ended."""
        self._begun.pop(nodeid, None)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print a failed test with its text."""
        # Of pytest-xdist; without workers there is none.
        worker = getattr(report, "worker_id", "")
        self._workers[report.nodeid.partition("::")[0]] = worker
        if report.failed:
            words = f"failed in {report.when}, {report.duration:.1f} s {worker}".strip()
            said = [f"-- {title}\n{text}" for title, text in report.sections]
            told = [f"{report.nodeid} {words}", report.longreprtext, *said]
            self._say("\n".join(told))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Print a file that cannot be read."""
        if report.failed:
            self._say(f"{report.nodeid} cannot be read\n{report.longreprtext}")

    def pytest_keyboard_interrupt(self) -> None:
        """Say which tests were running, where, and for how long."""
        now = time.monotonic()
        for nodeid, begun in self._begun.items():
            worker = self._workers.get(nodeid.partition("::")[0], "")
            self._say(f"{nodeid} was running for {now - begun:.0f} s {worker}".strip())

    def _say(self, text: str) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(text)
            reporter.flush()
