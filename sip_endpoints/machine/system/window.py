# SPDX-License-Identifier: AGPL-3.0-or-later
"""The hours of the night in which a kiosk may be updated, as systemd's timers take them. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_DAY_MINUTES = 24 * 60
_TIMER = """# Written by guichet-kiosk: the window of kiosk.toml.
[Timer]
OnCalendar=
OnCalendar=*-*-* {hour:02d}:{minute:02d}
RandomizedDelaySec={spread}min
FixedRandomDelay=yes
# A kiosk that was off by night is not updated while somebody sits at it: the agent sees to it.
Persistent=no
"""


@dataclass(frozen=True, slots=True)
class Window:
    """From when on, in minutes after midnight, and for how many minutes."""

    start: int
    minutes: int

    def timer_text(self, *, is_second_half: bool = False) -> str:
        """Give a timer's lines that let it begin in one half of the window, spread over it."""
        half = self.minutes // 2
        start = (self.start + (half if is_second_half else 0)) % _DAY_MINUTES
        hour, minute = divmod(start, 60)
        return _TIMER.format(hour=hour, minute=minute, spread=half // 2)

    def last_began(self, now: datetime) -> datetime:
        """Give when the last of these nights began that is over; `now` is the clock's own."""
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        began = today + timedelta(minutes=self.start)
        while began + timedelta(minutes=self.minutes) > now:
            began -= timedelta(days=1)
        return began


def read_window(text: object) -> Window:
    """Read `02:00-05:00`, which may pass midnight; raise ValueError saying what it takes."""
    found = _WINDOW.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError('deux heures, comme "02:00-05:00".')
    hour, minute, end_hour, end_minute = map(int, found.groups())
    start = hour * 60 + minute
    minutes = (end_hour * 60 + end_minute - start) % _DAY_MINUTES
    if minutes < 60:
        raise ValueError("au moins une heure.")
    return Window(start, minutes)
