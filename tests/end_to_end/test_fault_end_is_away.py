# SPDX-License-Identifier: AGPL-3.0-or-later
"""One end of a call to come is away.

No counsellor is there: the resident hears and sees that it goes on, then it is abandoned after
the organisation's limit. The kiosk is off: the secretary sees why within 15 s. One click calls
again.
"""

import html
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from provisioning.database.models import Organisation
from stage.kiosk_screen import open_screen
from stage.secretary import Secretary
from stage.stack import Stage
from stage.story import COUNSELLOR, KIOSK, ORGANISATION
from stage.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.real

# What secretaries are promised, on a machine that has nothing else to do.
WITHIN_SECONDS = 15
LIMIT_SECONDS = 4


def wait_shown(
    secretary: Secretary, words: str, seconds: float = WITHIN_SECONDS
) -> None:
    """Return once the desk says it."""
    wait_for(lambda: words in html.unescape(secretary.day_text()), words, seconds, 0.3)


@pytest.fixture
def impatient(whole_stage: Stage) -> Iterator[None]:
    """Let the MSA's residents wait for LIMIT_SECONDS only."""
    msa = Organisation.slug == "msa"
    limit = update(Organisation).where(msa)
    database = whole_stage.database()
    with database.write() as session:
        usual = session.scalars(
            select(Organisation.abandon_after_seconds).where(msa)
        ).one()
        session.execute(limit.values(abandon_after_seconds=LIMIT_SECONDS))
    yield
    with database.write() as session:
        session.execute(limit.values(abandon_after_seconds=usual))
    database.dispose()


def screen_of(stage: Stage) -> str:
    """Give what the kiosk's second screen shows."""
    answer = open_screen(stage, KIOSK).get(f"{stage.url}/borne", timeout=10 * PATIENCE)
    assert answer.status_code == 200
    return answer.text


def hears(stage: Stage) -> bool:
    audio = (stage.kiosk(KIOSK).call() or {}).get("audio")
    return bool(audio) and audio["packets_received"] > 0


def test_the_resident_is_kept_company_then_told_and_called_again(
    whole_stage: Stage, secretary: Secretary, impatient: None
) -> None:
    whole_stage.stop(COUNSELLOR)
    watch = secretary.watch()
    appointment = secretary.book("M. Patient", ORGANISATION)
    watch.wait_state(appointment, "queued")
    assert "Un conseiller va vous répondre" in screen_of(whole_stage)
    wait_for(lambda: hears(whole_stage), "music and voice reach the kiosk", 20)
    watch.wait_state(appointment, "abandoned", LIMIT_SECONDS + 20)
    assert "Personne n" in secretary.day_text()
    whole_stage.start(COUNSELLOR)
    secretary.press(appointment, "appeler")
    watch.wait_state(appointment, "in_call")
    secretary.press(appointment, "raccrocher")
    watch.wait_state(appointment, "done")


@pytest.mark.parametrize("how", ["stopped", "power cut"])
def test_the_secretary_sees_why_and_calls_again(
    whole_stage: Stage, secretary: Secretary, how: str
) -> None:
    watch = secretary.watch()
    if how == "stopped":
        whole_stage.stop(KIOSK)
        wait_shown(secretary, "éteinte depuis")
        appointment = secretary.book("Mme Noire", ORGANISATION)
        # The desk said that it is off; the secretary wants the call all the same.
        secretary.press(appointment, "appeler")
    else:
        # It says no good-bye: Asterisk still believes that it is there, and calls.
        whole_stage.program(KIOSK).freeze()
        appointment = secretary.book("Mme Noire", ORGANISATION)
    watch.wait_state(appointment, "unreachable", WITHIN_SECONDS)
    page = secretary.day_text()
    assert "Borne injoignable" in page
    assert "éteinte" in page or "ne répond pas" in page
    assert "0 active channels" in whole_stage.asterisk.cli("core show channels")
    whole_stage.restart(KIOSK)
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
