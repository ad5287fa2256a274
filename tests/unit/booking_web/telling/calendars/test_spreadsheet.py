# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cells that a spreadsheet would calculate, however they hide it, are made text."""

import csv
import io

import pytest

from booking_web.telling.calendars.spreadsheet import safe_cell, spreadsheet

# What a spreadsheet reads as the beginning of a formula, or a person as one of its signs.
SIGNS = "=+-@|%＝＋－＠\u2212\u2010\u2013\ufe62\ufe63\ufe66\ufe6b\u207a\u208b"
# Invisible, and left out or passed over by one program or another.
HIDDEN = [
    "",
    " ",
    "\u00a0",
    "\t",
    "\ufeff\ufeff",
    "\u200b",
    "\u00ad",
    "\u2060\u3164",
    "\u034f\ufe0f",
]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_what_begins_a_formula_or_looks_so_is_made_text(hidden: str, sign: str) -> None:
    text = f"{hidden}{sign}SUM(1;2)"
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    ["", " ", "\ufeff", "Mme Lefèvre", "Jean-Paul", "’t Hooft", "N=1", "10 h 30", "é"],
    ids=ascii,
)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


def test_the_table_is_read_back_with_every_cell_as_text() -> None:
    written = spreadsheet(["Nom"], [["\u200b=1+1"], ["Mme Roy"]]).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(written), delimiter=";"))
    assert rows == [["Nom"], ["'\u200b=1+1"], ["Mme Roy"]]
