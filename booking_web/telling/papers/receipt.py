# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands on a receipt, in words; never who takes it home, nor what a paper says."""

from dataclasses import dataclass
from datetime import date

# From the largest down to what a person who sees badly still reads; then a second sheet.
SIZES = (28.0, 26.0, 24.0, 22.0, 20.0)
SHEETS = 2


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """An appointment's outcome for the person who was there."""

    day: date
    organisation: str
    relay: str
    done: tuple[str, ...] = ()
    handed_in: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    # Of the next appointment: its day, hour and place; empty if there is none.
    next_day: str = ""
    next_hour: str = ""
    next_place: str = ""
    whom: str = ""
    telephone: str = ""
