# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes proposed fields beside those that are placed already; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from booking_web.domain.forms.guides import share
from booking_web.domain.forms.layout import PageLayout
from booking_web.domain.forms.placed import PlacedField

# So much of a proposal may lie on a field that is there.
OVERLAP = 0.3


def with_proposals(
    placed: Sequence[PlacedField], layouts: Iterable[PageLayout]
) -> list[PlacedField]:
    """Give the fields and, behind them, the proposals that lie on none, by free names."""
    together = list(placed)
    taken = {each.key for each in placed}
    for layout in layouts:
        for each in layout.proposed:
            if _lies_on_one(each, placed):
                continue
            key = free_name(each.key, taken)
            taken.add(key)
            together.append(replace(each, key=key))
    return together


def free_name(wanted: str, taken: set[str]) -> str:
    """Give the name, with a number behind it where it is taken."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _lies_on_one(proposed: PlacedField, placed: Sequence[PlacedField]) -> bool:
    return any(
        each.page == proposed.page
        and (
            share(proposed.rectangle, each.rectangle) > OVERLAP
            or share(each.rectangle, proposed.rectangle) > OVERLAP
        )
        for each in placed
    )
