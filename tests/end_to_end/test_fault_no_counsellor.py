# SPDX-License-Identifier: AGPL-3.0-or-later
"""No counsellor is there: the resident hears and sees that it goes on, then it is abandoned
after the organisation's limit, and one click calls again.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from provisioning.database.models import Organisation
from stage.kiosk_screen import open_screen
from stage.secretary import Secretary
from stage.stack import Stage
from stage.story import COUNSELLOR, KIOSK, ORGANISATION
from stage.waiting import wait_for

pytestmark = pytest.mark.real

LIMIT_SECONDS = 4


@pytest.fixture
def impatient(whole_stage: Stage) -> Iterator[None]:
    """Let the MSA's residents wait for LIMIT_SECONDS only."""
    database = whole_stage.database()
    with database.write() as session:
        session.execute(
            update(Organisation)
            .where(Organisation.slug == "msa")
            .values(abandon_after_seconds=LIMIT_SECONDS)
        )
    yield
    database.dispose()


def screen_of(stage: Stage) -> str:
    """Give what the kiosk's second screen shows."""
    answer = open_screen(stage, KIOSK).get(f"{stage.url}/borne", timeout=10)
    assert answer.status_code == 200
    return answer.text


def _hears(stage: Stage) -> bool:
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
    wait_for(lambda: _hears(whole_stage), "music and voice reach the kiosk", 20)
    watch.wait_state(appointment, "abandoned", LIMIT_SECONDS + 10)
    assert "Personne n" in secretary.day_text()
    whole_stage.start(COUNSELLOR)
    secretary.press(appointment, "appeler")
    watch.wait_state(appointment, "in_call")
    secretary.press(appointment, "raccrocher")
    watch.wait_state(appointment, "done")
