# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the bench prints of its figures."""

import json

import pytest

from measure.result import Result, table
from measure.rows import ROWS, Figures, Network, Row

ROW = Row("call.some", "ms", "ratio <= 1.0", "a row", "no_module", Network.HOST, 10)


def test_a_row_is_the_median_of_its_runs_and_their_ratio() -> None:
    """One slow run in many changes neither side."""
    result = Result(ROW, Figures((10, 12, 900), (4, 5, 6, 7)))
    assert (result.ours, result.peer) == (12, 5.5)
    assert result.ratio == pytest.approx(12 / 5.5)


def test_the_json_of_a_row_has_the_six_keys_and_rounded_numbers() -> None:
    """Scripts read these very keys."""
    shape = Result(ROW, Figures((1.23456,), (2.0,))).as_json()
    assert json.loads(json.dumps(shape)) == {
        "name": "call.some",
        "ours": 1.235,
        "peer": 2.0,
        "unit": "ms",
        "ratio": 0.617,
        "aim": "ratio <= 1.0",
    }


def test_a_row_without_a_peer_has_no_ratio() -> None:
    """Seconds of a start are compared with nothing."""
    shape = Result(ROW, Figures((9.5, 10.5))).as_json()
    assert (shape["ours"], shape["peer"], shape["ratio"]) == (10.0, None, None)


def test_a_peer_that_measured_nothing_gives_no_ratio() -> None:
    """A median of zero cannot be divided by."""
    assert Result(ROW, Figures((1.0,), (0.0,))).ratio is None


def test_a_failed_row_says_why_in_the_json_and_in_the_table() -> None:
    """The reason must not be lost in a log."""
    failed = Result(ROW, None, "baresip is missing: apt-get install baresip-core")
    assert failed.as_json()["error"] == failed.error
    assert failed.as_json()["ours"] is None
    line, reason = table([failed]).splitlines()[-2:]
    assert "FAILED" in line
    assert reason == f"call.some: {failed.error}"


def test_the_table_lines_up_and_shows_runs_spread_and_notes() -> None:
    """Each cell begins where its title does."""
    result = Result(ROW, Figures((10, 12, 14), (5, 5, 6), ("over TLS",)))
    title, _, line, note = table([result]).splitlines()
    for name, cell in (
        ("n", "3+3"),
        ("ours", "12"),
        ("peer", "5"),
        ("unit", "ms"),
        ("ratio", "2.4"),
        ("aim", "ratio <= 1.0"),
        ("ours min..max", "10..14"),
    ):
        start = title.index(f"  {name}") + 2
        assert line[start:].startswith(cell)
    assert note == "call.some: over TLS"


def test_a_row_that_nobody_asked_for_is_not_a_failed_one() -> None:
    """start.cold takes minutes and waits to be asked."""
    text = table([Result(ROW, None, "not run: --only call.some", skipped=True)])
    assert "FAILED" not in text
    assert "not run: --only call.some" in text


def test_the_rows_are_those_that_were_asked_for() -> None:
    """Each name of the issue is there once."""
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names))
    assert set(names) >= {
        "call.answer",
        "call.dispatch",
        "endpoint.cpu",
        "endpoint.memory",
        "call.rate",
        "start.cold",
        "start.warm",
    }
