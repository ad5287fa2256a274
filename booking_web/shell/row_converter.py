# SPDX-License-Identifier: AGPL-3.0-or-later
"""A whole number in an address is a row's: one that no row can have is a page that is not there."""

from werkzeug.routing import IntegerConverter, Map

from booking_web.base.row_numbers import MOST


class RowConverter(IntegerConverter):
    """Takes the place of `int` in all addresses."""

    regex = r"[0-9]{1,10}"

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=MOST)
