# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk that is off: the secretary sees why within 15 s and calls again in one click."""

import html
import time

import pytest

from stage.secretary import Secretary
from stage.stack import Stage
from stage.story import COUNSELLOR, KIOSK, ORGANISATION
from stage.waiting import wait_for

pytestmark = pytest.mark.real

WITHIN_SECONDS = 15


def wait_shown(
    secretary: Secretary, words: str, seconds: float = WITHIN_SECONDS
) -> None:
    """Return once the desk says it."""
    wait_for(lambda: words in html.unescape(secretary.day_text()), words, seconds, 0.3)


@pytest.mark.parametrize("how", ["stopped", "power cut"])
def test_the_secretary_sees_why_and_calls_again(
    whole_stage: Stage, secretary: Secretary, how: str
) -> None:
    watch = secretary.watch()
    if how == "stopped":
        whole_stage.stop(KIOSK)
        wait_shown(secretary, "éteinte depuis")
        appointment = secretary.book("Mme Noire", ORGANISATION)
        booked_at = time.monotonic()
        # The desk said that it is off; the secretary wants the call all the same.
        secretary.press(appointment, "appeler")
    else:
        # It says no good-bye: Asterisk may still believe that it is there.
        whole_stage.kill(KIOSK)
        appointment = secretary.book("Mme Noire", ORGANISATION)
        booked_at = time.monotonic()
        if "La borne est éteinte" in html.unescape(secretary.day_text()):
            secretary.press(appointment, "appeler")
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


def test_who_comes_while_the_kiosk_is_off_is_called_once_it_is_on(
    whole_stage: Stage, secretary: Secretary
) -> None:
    whole_stage.stop(KIOSK)
    wait_shown(secretary, "éteinte depuis")
    watch = secretary.watch()
    appointment = secretary.book("Mme Noire", ORGANISATION)
    wait_shown(secretary, "La borne est éteinte, l'appel partira")
    whole_stage.start(KIOSK)
    watch.wait_state(appointment, "in_call")
    # Its place in the line is told as well, in the state that it has.
    told = list(dict.fromkeys(seen.state for seen in watch.states(appointment)))
    assert told == ["booked", "arrived", "calling", "queued", "in_call"]


def test_the_desk_shows_it_without_a_call_and_a_counsellor_who_pauses(
    whole_stage: Stage, secretary: Secretary
) -> None:
    # The organisation is shown while it has an appointment to come.
    secretary.book("Mme Brune", ORGANISATION)
    wait_shown(secretary, "en communication")
    member = f"PJSIP/{COUNSELLOR}"
    whole_stage.asterisk.cli("channel request hangup all")
    whole_stage.stop(KIOSK)
    wait_shown(secretary, "éteinte depuis")
    secretary.book("M. Blanc", ORGANISATION)
    whole_stage.asterisk.cli(f"queue pause member {member}")
    wait_shown(secretary, "conseillers en pause")
    whole_stage.asterisk.cli(f"queue unpause member {member}")
    wait_shown(secretary, "1 conseiller disponible")
    whole_stage.kill("dispatcher")
    wait_shown(secretary, "état inconnu", 2 * WITHIN_SECONDS)
