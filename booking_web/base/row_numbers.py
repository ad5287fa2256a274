# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which whole numbers may be those of a row: what is larger fits neither database's column."""

# Of PostgreSQL's `integer`, which our rows are numbered by.
MOST = 2**31 - 1


def row_number(told: str) -> int:
    """Read a number as somebody's browser sends it.

    Raises ValueError, for digits of other scripts and numbers without a row too.
    """
    if not (told.isascii() and told.isdigit() and len(told) <= len(str(MOST))):
        raise ValueError("not a row's number")
    number = int(told)
    if number > MOST:
        raise ValueError("larger than any row's number")
    return number


def whole_or_none(told: str) -> int | None:
    """Read such a number; give None where it is none."""
    try:
        return row_number(told)
    except ValueError:
        return None
