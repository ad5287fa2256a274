# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists as French spreadsheets open them by a double click; pure.

UTF-8 with its mark, semicolons, CRLF. A cell that a spreadsheet would calculate is made
text: a name must not run a formula on the secretary's computer.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"
# What begins a formula (OWASP, "CSV injection"), and minus and division signs that are no
# hyphen; small and full-width forms are compatible with these (NFKC).
_FORMULA_STARTS = frozenset(
    "=+-@|%\N{MINUS SIGN}\N{HEAVY MINUS SIGN}\N{HEAVY PLUS SIGN}"
)
_DASHES = "Pd"
# Spaces, controls, signs without a shape and marks on nothing: what a reader, or a program
# that cleans what it opens, passes over.
_PASSED_OVER = frozenset(
    ("Cc", "Cf", "Cn", "Co", "Cs", "Me", "Mn", "Zl", "Zp", "Zs"),
)
# Letters by their category, and yet blank (Unicode's Default_Ignorable_Code_Point).
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def safe_cell(text: str) -> str:
    """Give the text as a cell that is not calculated."""
    first = next((each for each in text if not _is_passed_over(each)), "")
    begins = unicodedata.normalize("NFKC", first)[:1]
    is_formula = (
        begins in _FORMULA_STARTS or unicodedata.category(first or "x") == _DASHES
    )
    return f"'{text}" if first and is_formula else text


def _is_passed_over(character: str) -> bool:
    return (
        unicodedata.category(character) in _PASSED_OVER or character in _BLANK_LETTERS
    )


def spreadsheet(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write the table."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(safe_cell(title) for title in titles)
    for row in rows:
        writer.writerow(safe_cell(cell) for cell in row)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()
