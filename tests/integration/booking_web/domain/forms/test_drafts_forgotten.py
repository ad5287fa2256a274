# SPDX-License-Identifier: AGPL-3.0-or-later
"""Drafts are erased by retention: nothing that a resident answered stays."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.forms.errors import DraftGone
from booking_web.domain.retention.pruning import prune
from booking_web.tables.appointment import Resident
from booking_web.tables.forms import Draft
from tests.factories.drafts import ANNE, SECRET, acts_on_drafts


@pytest.mark.parametrize("is_set_aside", [False, True], ids=["open", "waiting"])
def test_retention_erases_values_after_ninety_days(
    drafts, begun, either_database, is_set_aside
) -> None:
    drafts.save_field(begun, 0, "nom", SECRET, ANNE)
    if is_set_aside:
        drafts.set_aside(begun, ANNE)
    now = datetime.now(UTC)
    with either_database.write() as session:
        kept = prune(session, 3650, now + timedelta(days=89))
    assert kept.drafts_erased == 0
    assert drafts.read(begun).values == {"nom": SECRET}
    later = now + timedelta(days=91)
    with either_database.write() as session:
        dry = prune(session, 3650, later, dry_run=True)
    assert drafts.read(begun).values == {"nom": SECRET}
    with either_database.write() as session:
        assert prune(session, 3650, later).drafts_erased == dry.drafts_erased == 1
    with pytest.raises(DraftGone):
        drafts.read(begun)
    assert acts_on_drafts(either_database)[-1] == ("draft_erased", "prune")
    with either_database.write() as session:
        assert prune(session, 3650, later).drafts_erased == 0


def test_a_resident_is_forgotten_with_their_drafts(
    drafts, begun, either_database
) -> None:
    drafts.save_field(begun, 0, "nom", SECRET, ANNE)
    drafts.set_aside(begun, ANNE)
    with either_database.write() as session:
        pruned = prune(session, 30, datetime.now(UTC) + timedelta(days=40))
    assert (pruned.drafts_erased, pruned.residents_forgotten) == (1, 1)
    with either_database.read() as session:
        row = session.get_one(Draft, begun)
        assert (row.sealed_values, row.resident_id) == (None, None)
        assert session.scalars(select(Resident.id)).all() == []
