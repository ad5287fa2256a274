# SPDX-License-Identifier: AGPL-3.0-or-later
"""What helps a person to place fields on a page: its lines, and fields to begin with."""

from dataclasses import asdict, dataclass
from typing import Any

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.guides import Comb, Guides, Line
from booking_web.domain.forms.proposed import Proposal


@dataclass(frozen=True)
class PageLayout:
    """A page, numbered from 1."""

    number: int
    guides: Guides
    proposed: tuple[Proposal, ...]

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "PageLayout":
        """Give back what `to_json` gave."""
        drawn = told["guides"]
        guides = Guides(
            lying=tuple(Line(**each) for each in drawn["lying"]),
            standing=tuple(Line(**each) for each in drawn["standing"]),
            frames=tuple(Rectangle(**each) for each in drawn["frames"]),
            combs=tuple(
                Comb(Rectangle(**each["rectangle"]), each["cells"])
                for each in drawn["combs"]
            ),
        )
        proposed = tuple(Proposal.from_json(each) for each in told["proposed"])
        return cls(told["number"], guides, proposed)
