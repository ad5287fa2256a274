# SPDX-License-Identifier: AGPL-3.0-or-later
"""booking.throughput: bookings a second of fifty secretaries, on SQLite, beside a bare insert."""

from measure.booking_runs import bookings_a_second, measure_bookings
from measure.rows import Figures


def measure() -> Figures:
    """Book at the product and at the peer in turn."""
    return measure_bookings("sqlite", bookings_a_second)
