# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk that is off: the secretary sees why within 15 s and calls again in one click."""

import time

import pytest

from stage.secretary import Secretary
from stage.stack import Stage
from stage.story import KIOSK, ORGANISATION

pytestmark = pytest.mark.real

WITHIN_SECONDS = 15


@pytest.mark.parametrize("how", ["stopped", "power cut"])
def test_the_secretary_sees_why_and_calls_again(
    whole_stage: Stage, secretary: Secretary, how: str
) -> None:
    if how == "stopped":
        whole_stage.stop(KIOSK)
    else:
        # It says no good-bye: Asterisk still believes that it is there.
        whole_stage.kill(KIOSK)
    watch = secretary.watch()
    booked_at = time.monotonic()
    appointment = secretary.book("Mme Noire", ORGANISATION)
    seen = watch.wait_state(appointment, "unreachable", WITHIN_SECONDS)
    assert seen.seen_at - booked_at < WITHIN_SECONDS
    page = secretary.day_text()
    assert "Borne injoignable" in page
    assert "éteinte" in page or "ne répond pas" in page
    assert "0 active channels" in whole_stage.asterisk.cli("core show channels")
    whole_stage.start(KIOSK)
    secretary.press(appointment, "appeler")
    watch.wait_state(appointment, "in_call")
    secretary.press(appointment, "raccrocher")
    watch.wait_state(appointment, "done")
