# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each act is of one kind, and has its words; what was only read is known as such."""

from booking_web.domain.journal.kinds import KIND_OF, ActKind, acts_of
from booking_web.tables.journal_acts import READINGS, Act
from booking_web.words.journal import KINDS
from booking_web.words.journal_acts import ACTS


def test_every_act_is_of_one_kind_and_has_words() -> None:
    assert set(ACTS) == set(KIND_OF) == set(Act)
    assert set(KINDS) == set(ActKind)
    assert sum(len(acts_of(kind)) for kind in ActKind) == len(Act)
    assert all(acts_of(kind) for kind in ActKind)


def test_what_was_seen_is_forgotten_with_the_other_readings() -> None:
    assert acts_of(ActKind.SEEN) <= READINGS
