# SPDX-License-Identifier: AGPL-3.0-or-later
"""A clock that stands still unless it is moved, for pages and senders that are told the time."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class Clock:
    """What time it is; `now` may be set."""

    now: datetime

    def __call__(self) -> datetime:
        """Give the time."""
        return self.now
