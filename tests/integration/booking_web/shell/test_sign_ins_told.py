# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sign-ins and refusals stand in the server's log, by number: no name, password or address."""

from collections.abc import Iterator

import pytest
import structlog
from structlog.testing import capture_logs

SECRETARY = "mairie@wassigny.example"
NEIGHBOUR = "mairie@guise.example"


@pytest.fixture
def every_level() -> Iterator[None]:
    """Have all levels logged, as the pages do; a command of the ground's may be quieter."""
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("every_level")
def test_sign_ins_guesses_and_refusals_are_told_by_number(visitor, ground) -> None:
    with capture_logs() as logs:
        for _ in range(11):
            visitor.sign_in(NEIGHBOUR, "a guess of somebody")
        visitor.sign_in(SECRETARY, ground.passwords[SECRETARY])
        assert visitor.client.get("/organisme/formulaires").status_code == 403
        assert visitor.client.get("/rendez-vous/999").status_code == 404
        assert visitor.client.post("/connexion").status_code == 400
        for path in ("/api/v1/appointments", "/api/kiosk/v1/call"):
            headers = {"Authorization": "Bearer wrong-token"}
            assert visitor.client.get(path, headers=headers).status_code == 401
    told = [each["event"] for each in logs]
    assert told.count("password refused") == 10
    for event in ("too many guesses", "signed in", "not allowed", "not theirs"):
        assert told.count(event) == 1, (event, told)
    assert told.count("form without its token") == 1
    refusals = [each for each in logs if each["event"] == "token refused"]
    assert [each["api"] for each in refusals] == ["booking", "kiosk"]
    [signed_in] = [each for each in logs if each["event"] == "signed in"]
    refused = [each for each in logs if each["event"] == "not allowed"]
    assert refused[0]["user"] == signed_in["user"]
    assert refused[0]["log_level"] == "warning"
    typed = (SECRETARY, NEIGHBOUR, "guess of", "wrong-token")
    for secret in (*typed, ground.passwords[SECRETARY]):
        assert secret not in str(logs)
