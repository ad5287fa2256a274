# SPDX-License-Identifier: AGPL-3.0-or-later
"""An interpreter joins as a third picture: chosen by the secretary, called by the system, seen
by the resident and seeing them, told of on the counsellor's page, called again by one button.
"""

import html
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import update

from provisioning.database.models import Organisation
from stage.counsellor_desk import CounsellorDesk
from stage.secretary import Secretary
from stage.stack import Stage
from stage.story import COUNSELLOR, KIOSK, ORGANISATION
from stage.waiting import wait_for

pytestmark = pytest.mark.real

INTERPRETERS = "mission-locale-thierache"
INTERPRETER = "counsellor-mission-locale-thierache-1"
COUNSELLORS_PAGE = "conseiller@msa.example"
MIN_PICTURES = 10


@pytest.fixture
def interpreting(whole_stage: Stage) -> Iterator[None]:
    """Have an organisation of the stage interpret in sign language."""
    database = whole_stage.database()
    change = update(Organisation).where(Organisation.slug == INTERPRETERS)
    with database.write() as session:
        session.execute(change.values(interprets="sign"))
    yield
    with database.write() as session:
        session.execute(change.values(interprets=""))
    database.dispose()


def pictures(call: dict[str, Any] | None) -> int:
    """Count the pictures that a call has brought."""
    video = (call or {}).get("video")
    return video["frames_decoded"] if video else 0


def joined(stage: Stage) -> dict[str, Any] | None:
    """Give the kiosk's call with an interpreter who was let in, if there is one."""
    second: dict[str, Any] | None = stage.kiosk(KIOSK).status()["interpreter"]
    return second if second is not None and second["stage"] == "confirmed" else None


def wait_three_pictures(stage: Stage) -> None:
    """Return once the resident sees both others, and both see the resident."""
    kiosk, counsellor = stage.kiosk(KIOSK), stage.counsellor(COUNSELLOR)
    interpreter = stage.counsellor(INTERPRETER)
    for what, seen in (
        ("the resident sees the counsellor", lambda: pictures(kiosk.call())),
        ("the resident sees the interpreter", lambda: pictures(joined(stage))),
        ("the counsellor sees the resident", lambda: pictures(counsellor.call())),
        ("the interpreter sees the resident", lambda: pictures(interpreter.call())),
    ):
        wait_for(lambda: seen() >= MIN_PICTURES, what, 40)


def test_an_interpreter_joins_as_a_third_picture_and_is_called_again(
    whole_stage: Stage, secretary: Secretary, interpreting: None
) -> None:
    watch = secretary.watch()
    appointment = secretary.book("Mme Roy", ORGANISATION, interpreter=INTERPRETERS)
    watch.wait_state(appointment, "in_call")
    wait_three_pictures(whole_stage)
    with CounsellorDesk(whole_stage.url) as desk:
        desk.sign_in(COUNSELLORS_PAGE, whole_stage.passwords()[COUNSELLORS_PAGE])

        def wait_said(words: str) -> None:
            wait_for(
                lambda: words in html.unescape(desk.console(appointment)), words, 30
            )

        wait_said("L'interprète est là :")
        whole_stage.counsellor(INTERPRETER).order("hangup")
        wait_said("L'interprète n'est plus là. L'appel continue.")
        desk.call_interpreter_again(appointment)
        wait_said("L'interprète est là :")
        wait_three_pictures(whole_stage)
    whole_stage.counsellor(COUNSELLOR).order("hangup")
    watch.wait_state(appointment, "done")
    interpreter = whole_stage.counsellor(INTERPRETER)
    wait_for(lambda: interpreter.call() is None, "the interpreter's call is over", 20)
    assert whole_stage.kiosk(KIOSK).status()["interpreter"] is None
