# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's two screens in a real graphical session, and the telephone that draws there."""

from collections.abc import Iterator

import pytest

from stage.endpoint import Endpoint
from stage.kiosk_session import KioskSession, missing_programs
from stage.stack import Stage
from tests.folders import Folders

KIOSK = "kiosk-guise"


@pytest.fixture(scope="module")
def session(tmp_path_factory: Folders) -> Iterator[KioskSession]:
    """Give the session, with nobody in it."""
    if missing := missing_programs():
        pytest.skip(f"not here: {missing}")
    with KioskSession(tmp_path_factory.mktemp("session")) as session:
        yield session


@pytest.fixture(scope="module")
def kiosk(asterisk_stage: Stage, session: KioskSession) -> Iterator[Endpoint]:
    """Give a kiosk whose telephone draws."""
    kiosk = Endpoint(
        KIOSK,
        asterisk_stage.kiosk(KIOSK).bundle,
        directory=asterisk_stage.directory,
        options=("--display", "fullscreen"),
        environment=session.environment,
    )
    kiosk.program.start()
    kiosk.wait_registered()
    yield kiosk
    kiosk.program.stop()
