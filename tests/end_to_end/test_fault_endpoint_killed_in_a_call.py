# SPDX-License-Identifier: AGPL-3.0-or-later
"""One end of a call dies (kill -9, power cut): the other end notices by the silence, and
the appointment is interrupted, not done; one click calls again.
"""

import pytest

from stage.secretary import Secretary
from stage.stack import Stage
from stage.story import COUNSELLOR, KIOSK, ORGANISATION
from stage.waiting import wait_for

pytestmark = pytest.mark.real

NOTICED_SECONDS = 20


@pytest.mark.parametrize("victim, survivor", [(KIOSK, COUNSELLOR), (COUNSELLOR, KIOSK)])
def test_the_appointment_is_interrupted_and_called_again(
    whole_stage: Stage, secretary: Secretary, victim: str, survivor: str
) -> None:
    watch = secretary.watch()
    appointment = secretary.book("Mme Panne", ORGANISATION)
    watch.wait_state(appointment, "in_call")
    wait_for(lambda: whole_stage.endpoints[survivor].call(), "the call is up")
    whole_stage.kill(victim)
    watch.wait_state(appointment, "interrupted", NOTICED_SECONDS)
    assert whole_stage.endpoints[survivor].call() is None
    whole_stage.start(victim)
    secretary.press(appointment, "appeler")

    def is_up() -> bool:
        return all(whole_stage.endpoints[end].call() for end in (victim, survivor))

    wait_for(is_up, "the second call is up", 30)
    secretary.press(appointment, "raccrocher")
    watch.wait_state(appointment, "done")
