# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes proposed fields beside those that are placed already; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from booking_web.domain.forms.guides import share
from booking_web.domain.forms.layout import PageLayout
from booking_web.domain.forms.placed import PlacedField

# So much of a proposal may lie on a field that is there.
OVERLAP = 0.3


def free_proposals(
    there: Sequence[PlacedField], layouts: Iterable[PageLayout]
) -> list[PageLayout]:
    """Give the layouts with those proposals alone that lie on no field, by free names."""
    taken = {each.key for each in there}
    found = []
    for layout in layouts:
        free = []
        # The places of one choice keep one name.
        names: dict[str, str] = {}
        for each in layout.proposed:
            if not lies_on_one(each.field, there):
                wanted = each.field.key
                key = names.setdefault(wanted, free_name(wanted, taken))
                taken.add(key)
                free.append(replace(each, field=replace(each.field, key=key)))
        found.append(replace(layout, proposed=tuple(free)))
    return found


def free_name(wanted: str, taken: set[str]) -> str:
    """Give the name, with a number behind it where it is taken."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def lies_on_one(proposed: PlacedField, placed: Sequence[PlacedField]) -> bool:
    """Tell whether a field lies on one of those that are placed."""
    return any(
        each.page == proposed.page
        and (
            share(proposed.rectangle, each.rectangle) > OVERLAP
            or share(each.rectangle, proposed.rectangle) > OVERLAP
        )
        for each in placed
    )
