# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asterisk killed mid-call: both endpoints notice and come back, and the secretary calls
again the appointment that was cut.
"""

import time

import pytest

from stage.secretary import Secretary
from stage.stack import Stage
from stage.story import COUNSELLOR, KIOSK, ORGANISATION
from stage.waiting import wait_for

pytestmark = pytest.mark.real

NOTICED_SECONDS = 20
REGISTERED_AGAIN_SECONDS = 10


def test_both_ends_notice_register_again_and_the_call_is_made_anew(
    whole_stage: Stage, secretary: Secretary
) -> None:
    watch = secretary.watch()
    appointment = secretary.book("Mme Coupée", ORGANISATION)
    watch.wait_state(appointment, "in_call")
    ends = (whole_stage.kiosk(KIOSK), whole_stage.counsellor(COUNSELLOR))
    whole_stage.kill("asterisk")
    watch.wait_state(appointment, "interrupted")
    for end in ends:
        wait_for(lambda: end.call() is None, f"{end.slug} has noticed", NOTICED_SECONDS)
    whole_stage.start("asterisk")
    returned_at = time.monotonic()
    for end in ends:
        wait_for(
            lambda: whole_stage.asterisk.is_registered(end.slug),
            f"{end.slug} is registered again",
            REGISTERED_AGAIN_SECONDS,
        )
    assert time.monotonic() - returned_at < REGISTERED_AGAIN_SECONDS
    assert "Rappeler" in secretary.day_text()
    seen_before = len(watch.states(appointment))
    secretary.press(appointment, "appeler")
    wait_for(
        lambda: "in_call"
        in [seen.state for seen in watch.states(appointment)[seen_before:]],
        "the second call is up",
        30,
    )
    secretary.press(appointment, "raccrocher")
    watch.wait_state(appointment, "done")
