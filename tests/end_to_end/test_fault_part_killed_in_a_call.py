# SPDX-License-Identifier: AGPL-3.0-or-later
"""A part of the system dies in a call (kill -9, power cut): what is left notices, and the
secretary goes on: one click calls again what was cut.
"""

import pytest

from stage.forgetful_kiosk import ForgetfulKiosk
from stage.secretary import Secretary
from stage.stack import Stage
from stage.story import COUNSELLOR, KIOSK, ORGANISATION, SECRETARY
from stage.waiting import wait_for

pytestmark = pytest.mark.real

NOTICED_SECONDS = 20
REGISTERED_AGAIN_SECONDS = 10


@pytest.mark.parametrize("victim, survivor", [(KIOSK, COUNSELLOR), (COUNSELLOR, KIOSK)])
def test_an_end_is_missed_by_its_silence_and_called_again(
    whole_stage: Stage, secretary: Secretary, victim: str, survivor: str
) -> None:
    watch = secretary.watch()
    appointment = secretary.book("Mme Panne", ORGANISATION)
    watch.wait_state(appointment, "in_call")
    wait_for(lambda: whole_stage.endpoints[survivor].call(), "the call is up")
    whole_stage.kill(victim)
    # Interrupted, not done.
    watch.wait_state(appointment, "interrupted", NOTICED_SECONDS)
    assert whole_stage.endpoints[survivor].call() is None
    whole_stage.start(victim)
    secretary.press(appointment, "appeler")

    def is_up() -> bool:
        return all(whole_stage.endpoints[end].call() for end in (victim, survivor))

    wait_for(is_up, "the second call is up", 30)
    secretary.press(appointment, "raccrocher")
    watch.wait_state(appointment, "done")


def test_a_telephone_that_forgot_its_call_has_broken_it(
    whole_stage: Stage, secretary: Secretary
) -> None:
    """It crashed, and began anew before anybody missed it."""
    watch = secretary.watch()
    whole_stage.kill(KIOSK)
    with ForgetfulKiosk(whole_stage, KIOSK) as kiosk:
        appointment = secretary.book("M. Oubli", ORGANISATION)
        watch.wait_state(appointment, "in_call")
        counsellor = whole_stage.counsellor(COUNSELLOR)
        wait_for(counsellor.call, "the call is up")
        kiosk.forget()
        counsellor.order("digits", "*9#")
        watch.wait_state(appointment, "interrupted", NOTICED_SECONDS)
        assert "done" not in [seen.state for seen in watch.states(appointment)]
        assert kiosk.forgotten
    whole_stage.start(KIOSK)
    secretary.press(appointment, "terminer")


def test_both_ends_miss_asterisk_register_again_and_the_call_is_made_anew(
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
    for end in ends:
        wait_for(
            lambda: whole_stage.asterisk.is_registered(end.slug),
            f"{end.slug} is registered again",
            REGISTERED_AGAIN_SECONDS,
        )
    assert "Rappeler" in secretary.day_text()
    seen_before = len(watch.states(appointment))
    secretary.press(appointment, "appeler")
    wait_for(
        lambda: (
            "in_call"
            in [seen.state for seen in watch.states(appointment)[seen_before:]]
        ),
        "the second call is up",
        30,
    )
    secretary.press(appointment, "raccrocher")
    watch.wait_state(appointment, "done")


def test_without_the_pages_the_call_goes_on_and_the_secretary_ends_it_afterwards(
    whole_stage: Stage, secretary: Secretary
) -> None:
    appointment = secretary.book("M. Tenace", ORGANISATION)
    kiosk = whole_stage.kiosk(KIOSK)

    def pictures() -> int:
        video = (kiosk.call() or {}).get("video") or {}
        return int(video.get("frames_decoded", 0))

    wait_for(pictures, "the kiosk sees the counsellor")
    whole_stage.kill("web")
    seen = pictures()
    wait_for(lambda: pictures() > seen + 5, "the picture still moves without the web")
    whole_stage.start("web")
    with Secretary(whole_stage.url) as again:
        again.sign_in(SECRETARY, whole_stage.passwords()[SECRETARY])
        watch = again.watch()
        assert "En communication" in again.day_text()
        again.press(appointment, "raccrocher")
        watch.wait_state(appointment, "done")
