# SPDX-License-Identifier: AGPL-3.0-or-later
"""booking.p99: what 99 of 100 bookings take at most, on SQLite, beside a bare insert."""

from measure.booking_runs import measure_bookings, slowest_in_a_hundred_ms
from measure.rows import Figures


def measure() -> Figures:
    """Book at the product and at the peer in turn."""
    return measure_bookings("sqlite", slowest_in_a_hundred_ms)
