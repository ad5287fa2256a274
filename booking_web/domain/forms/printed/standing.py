# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a printed form stands: which of its pages came back, and are they signed; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from booking_web.tables.printed_forms import ZoneState

# The better copy first: what is signed counts, whenever it came.
_WORTH = {
    ZoneState.ACCEPTED: 0,
    ZoneState.SIGNED: 0,
    ZoneState.UNCERTAIN: 1,
    ZoneState.EMPTY: 2,
}


@dataclass(frozen=True)
class Copy:
    """A page as it came back once: where it lies, and what is seen in its zones."""

    id: int
    appointment: int
    document: int
    scanned: int
    zones: tuple[tuple[str, ZoneState], ...]

    @property
    def worth(self) -> int:
        """Give 0 where all is signed, more where something is in doubt or empty."""
        return max((_WORTH[state] for _, state in self.zones), default=0)


@dataclass(frozen=True)
class PageStanding:
    """One printed page, from 1: the copy that counts, and the others that came."""

    page: int
    counted: Copy | None
    others: tuple[Copy, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether a zone of the copy that counts is not signed."""
        return self._has(ZoneState.EMPTY)

    @property
    def is_doubtful(self) -> bool:
        """Tell whether a person must look at a zone of the copy that counts."""
        return self._has(ZoneState.UNCERTAIN)

    @property
    def is_good(self) -> bool:
        """Tell whether nothing more is wanted of it."""
        return self.counted is not None and self.counted.worth == 0

    def _has(self, wanted: ZoneState) -> bool:
        zones = self.counted.zones if self.counted else ()
        return any(state is wanted for _, state in zones)


@dataclass(frozen=True)
class Standing:
    """All pages of a printed form, in order."""

    pages: tuple[PageStanding, ...]

    @property
    def came_back(self) -> int:
        """Count the pages that came back."""
        return sum(each.counted is not None for each in self.pages)

    @property
    def missing(self) -> tuple[int, ...]:
        """Give the pages that did not come back."""
        return tuple(each.page for each in self.pages if each.counted is None)

    @property
    def empty(self) -> tuple[int, ...]:
        """Give the pages on which a signature is missing."""
        return tuple(each.page for each in self.pages if each.is_empty)

    @property
    def doubtful(self) -> tuple[int, ...]:
        """Give the pages on which a person must look at a signature."""
        return tuple(
            each.page for each in self.pages if each.is_doubtful and not each.is_empty
        )

    @property
    def twice(self) -> tuple[int, ...]:
        """Give the pages that came more than once."""
        return tuple(each.page for each in self.pages if each.others)

    @property
    def wanted(self) -> tuple[int, ...]:
        """Give the pages that are asked for again."""
        return tuple(sorted({*self.missing, *self.empty}))

    @property
    def is_complete(self) -> bool:
        """Tell whether each page is there and nothing of it is in doubt."""
        return all(each.is_good for each in self.pages)


def standing(pages: int, copies: Iterable[tuple[int, Copy]]) -> Standing:
    """Tell how a form of so many pages stands, given its copies with their pages.

    Copies come the oldest first. Of two that are equally good the newer one counts.
    """
    came: dict[int, list[Copy]] = {}
    for page, copy in copies:
        came.setdefault(page, []).append(copy)
    return Standing(
        tuple(_page(number, came.get(number, [])) for number in range(1, pages + 1))
    )


def zones_of(told: Mapping[str, str]) -> tuple[tuple[str, ZoneState], ...]:
    """Give what a row says of the zones of its page."""
    return tuple((place, ZoneState(state)) for place, state in sorted(told.items()))


def _page(number: int, copies: list[Copy]) -> PageStanding:
    if not copies:
        return PageStanding(number, None)
    counted = min(reversed(copies), key=lambda each: each.worth)
    others = tuple(each for each in copies if each is not counted)
    return PageStanding(number, counted, others)
