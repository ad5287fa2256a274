# SPDX-License-Identifier: AGPL-3.0-or-later
"""The server carries no more calls: the desk says so, and sends nobody to a kiosk."""

import html
import re

import pytest

from booking_web.tables.states import AppointmentState as S
from stage.appointments import put_appointment


@pytest.fixture
def app(new_app, ground):
    """Give the application of a server that carries one call."""
    return new_app(ground, calls_at_once=1)


def readiness(desk) -> str:
    """Read what the desk says of readiness, in words alone."""
    page = html.unescape(desk.client.get("/bureau").text)
    start = page.index('<div id="readiness"')
    text = re.sub(r"<[^>]*>", " ", page[start : page.index("<section", start)])
    return " ".join(text.split())


def test_a_full_server_is_named_on_the_desk_until_a_call_ends(desk, database) -> None:
    alert = (
        "Serveur : complet Tous les appels que le serveur peut prendre sont en cours."
    )
    assert "Serveur" not in readiness(desk)
    with database.write() as session:
        put_appointment(session, "kiosk-guise", "msa", state=S.IN_CALL)
    assert readiness(desk).startswith(alert)
    assert "les bornes n'y sont pour rien" in readiness(desk)
