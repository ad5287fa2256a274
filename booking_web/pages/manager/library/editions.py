# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a new edition of a form changes; pure."""

from dataclasses import dataclass

from booking_web.domain.forms.library_reading import Edition


@dataclass(frozen=True)
class Compared:
    """The labels of the fields that stay, are new, and are gone since another edition."""

    since: int
    stay: tuple[str, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]


def compared(before: Edition, now: Edition) -> Compared:
    """Say what becomes of each field of the edition before, and which are new."""
    was = {each.key: each.label for each in before.asked}
    are = {each.key: each.label for each in now.asked}
    return Compared(
        since=before.number,
        stay=tuple(label for key, label in are.items() if key in was),
        new=tuple(label for key, label in are.items() if key not in was),
        gone=tuple(label for key, label in was.items() if key not in are),
    )
