# SPDX-License-Identifier: AGPL-3.0-or-later
"""What may be the number of a row, whatever is sent."""

import pytest

from booking_web.base.row_numbers import MOST, row_number, whole_or_none


@pytest.mark.parametrize("told", ["0", "7", "007", str(MOST)])
def test_a_number_of_a_row_is_read(told: str) -> None:
    assert row_number(told) == whole_or_none(told) == int(told)


# The last: Python itself reads no number so long.
@pytest.mark.parametrize(
    "told", ["", "-1", "+1", " 1", "1.0", "\u00b2", "\u0663", str(MOST + 1), "9" * 5000]
)
def test_anything_else_is_none(told: str) -> None:
    assert whole_or_none(told) is None
    with pytest.raises(ValueError, match="row's number"):
        row_number(told)
