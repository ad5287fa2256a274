# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: a test fails in a call, with a part killed; the next one sees nothing of it."""

import pytest
from sqlalchemy import select

from booking_web.tables.appointment import Appointment
from stage.begun_anew import Beginning
from stage.secretary import Secretary
from stage.stack import Stage
from stage.story import KIOSK, ORGANISATION, SECRETARY

pytestmark = pytest.mark.real


def has_call(stage: Stage, resident: str) -> None:
    """Have a call of that resident, as the secretary sees it."""
    with Secretary(stage.url) as secretary:
        secretary.sign_in(SECRETARY, stage.passwords()[SECRETARY])
        watch = secretary.watch()
        watch.wait_state(secretary.book(resident, ORGANISATION), "in_call")


def test_the_stage_that_it_shares_begins_anew(
    whole_stage: Stage, beginning: Beginning
) -> None:
    has_call(whole_stage, "M. Premier")
    whole_stage.kill("dispatcher")
    beginning.come_back()
    assert whole_stage.dead_parts() == []
    database = whole_stage.database()
    with database.read() as session:
        assert session.scalars(select(Appointment)).all() == []
    database.dispose()
    assert whole_stage.kiosk(KIOSK).call() is None
    has_call(whole_stage, "M. Suivant")
