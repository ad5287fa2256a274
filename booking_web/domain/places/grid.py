# SPDX-License-Identifier: AGPL-3.0-or-later
"""The grid of slots on which kiosks and counters are held; pure.

All instants are aware. A slot lasts SLOT_MINUTES and starts at a round multiple of it.
"""

from collections.abc import Iterator, Set
from datetime import UTC, datetime, time, timedelta, tzinfo

SLOT_MINUTES = 5
SLOT = timedelta(minutes=SLOT_MINUTES)
# Free hours are proposed within these local hours, Sunday excepted; booking outside them is
# the secretary's choice.
DAY_OPENS = time(8, 0)
DAY_CLOSES = time(18, 0)
PROPOSAL_DAYS = 14
_SUNDAY = 6


def slot_of(instant: datetime) -> datetime:
    """Give the start, in UTC, of the slot that `instant` lies in."""
    utc = instant.astimezone(UTC)
    return utc.replace(
        minute=utc.minute - utc.minute % SLOT_MINUTES, second=0, microsecond=0
    )


def slots_touched(starts_at: datetime, ends_at: datetime) -> list[datetime]:
    """List the slots that the stretch from `starts_at` to before `ends_at` touches."""
    slots = []
    slot = slot_of(starts_at)
    while slot < ends_at:
        slots.append(slot)
        slot += SLOT
    return slots


def proposed_starts(
    after: datetime, length: timedelta, zone: tzinfo
) -> Iterator[datetime]:
    """Give the starts, from `after` on, of appointments that end within a day's hours."""
    start = slot_of(after)
    if start < after:
        start += SLOT
    limit = start + timedelta(days=PROPOSAL_DAYS)
    while start < limit:
        local = start.astimezone(zone)
        if not _is_open(local):
            # A night or a Sunday at one go: somebody waits for the answer.
            start = _next_opening(local)
            continue
        local_end = (start + length).astimezone(zone)
        if local_end.date() == local.date() and local_end.time() <= DAY_CLOSES:
            yield start
        start += SLOT


def _is_open(local: datetime) -> bool:
    return local.weekday() != _SUNDAY and DAY_OPENS <= local.time() < DAY_CLOSES


def _next_opening(local: datetime) -> datetime:
    """Give, in UTC, when the hours begin next; that day may be a Sunday."""
    is_today = local.time() < DAY_OPENS
    day = local.date() + timedelta(days=0 if is_today else 1)
    return datetime.combine(day, DAY_OPENS, local.tzinfo).astimezone(UTC)


def free_run(
    starts_at: datetime, longest: timedelta, held: Set[datetime]
) -> list[datetime]:
    """List the free slots from that of `starts_at` on, up to the first held one."""
    run = []
    slot = slot_of(starts_at)
    while slot < starts_at + longest and slot not in held:
        run.append(slot)
        slot += SLOT
    return run
