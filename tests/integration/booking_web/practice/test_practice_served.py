# SPDX-License-Identifier: AGPL-3.0-or-later
"""The practice as it is served: one for all workers, and gone with the server."""

from pathlib import Path

import pytest
import requests

from stage.html_forms import forms_of
from tests.integration.booking_web.conftest import SECRETARY

pytestmark = pytest.mark.real

PATIENCE_SECONDS = 60
EXERCISES = "/exercice/consignes"


def test_all_workers_have_one_world_and_nothing_is_left_when_the_server_stops(
    ground, serve, tmp_path: Path, monkeypatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    server = serve("--workers", "2")
    browser = requests.Session()

    def get(address: str) -> str:
        answer = browser.get(f"{server.url}{address}", timeout=PATIENCE_SECONDS)
        assert answer.status_code == 200
        return answer.text

    def send(page: str, action: str, **values: str) -> None:
        [form] = [each for each in forms_of(get(page)) if each.action == action]
        data = form.values | values
        address = f"{server.url}{action}"
        answer = browser.post(address, data=data, timeout=PATIENCE_SECONDS)
        assert answer.status_code == 200

    password = ground.passwords[SECRETARY]
    send("/connexion", "/connexion", email=SECRETARY, password=password)
    assert list(temporary.glob("guichet-practice-*")) == []
    send(EXERCISES, f"{EXERCISES}/evenement/kiosk-off")
    # Whichever worker answers.
    pages = [get(EXERCISES) for _ in range(12)]
    assert all("La borne d'exercice est éteinte." in each for each in pages)
    [folder] = temporary.glob("guichet-practice-*")
    assert folder.stat().st_mode & 0o077 == 0
    [_world] = folder.glob("of-*")

    assert server.program.stop()
    assert list(temporary.glob("guichet-practice-*")) == []
