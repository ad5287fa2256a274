# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands on the receipt of something that a resident has stopped: an agreement, a mandate."""

from dataclasses import dataclass

# On one sheet, from the largest down to what is still read at arm's length.
SIZES = (20.0, 18.0, 16.0, 14.0, 12.0)


@dataclass(frozen=True, kw_only=True)
class StoppedPaper:
    """What stopped, when and for whom, in short sentences."""

    title: str
    resident: str
    organisation: str
    relay: str
    # What was stopped, with its day and hour.
    said: tuple[str, ...]
    # What that means from now on.
    follows: tuple[str, ...]
    # Whom to write to about one's data; empty where the site does not tell.
    officer: str
