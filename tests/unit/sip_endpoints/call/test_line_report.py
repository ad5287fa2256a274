# SPDX-License-Identifier: AGPL-3.0-or-later
"""What our telephones tell each other of the line, and what they take for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip_endpoints.call.line_report import LineReport, read_report


@given(st.floats(-1, 2), st.floats(0, 5000), st.floats(0, 1e9))
def test_what_is_told_is_read(loss: float, pictures: float, kbps: float) -> None:
    read = read_report(LineReport(loss, pictures, kbps).to_text())
    assert read is not None
    assert read.loss == pytest.approx(min(1, max(0, loss)), abs=0.001)
    assert read.kbps == pytest.approx(min(999_999, kbps), abs=0.51)
    assert read.pictures == pytest.approx(min(999, pictures), abs=0.51)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Impression terminée, 2 pages",
        "guichet-line/2 loss=1 pictures=20 kbps=300",
        "guichet-line/1 loss=1001 pictures=20 kbps=300",
        "guichet-line/1 loss=-1 pictures=20 kbps=300",
        "guichet-line/1 loss=1 pictures=20 kbps=300 and more",
        "guichet-line/1 loss=٣ pictures=٢٠ kbps=300",
    ],
)
def test_other_text_is_for_people(text: str) -> None:
    assert read_report(text) is None


@given(st.text())
def test_nothing_that_comes_breaks_it(text: str) -> None:
    read_report(text)
    read_report(f"guichet-line/1 loss={text}")
