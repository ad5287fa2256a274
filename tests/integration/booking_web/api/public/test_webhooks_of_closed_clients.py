# SPDX-License-Identifier: AGPL-3.0-or-later
"""A client that may not act any more is told nothing more, from that very second."""

import json
import socket

import pytest
from sqlalchemy import select

from booking_web.domain.appointments.booking import book
from booking_web.tables.webhooks import WebhookEvent
from booking_web.telling.webhooks.delivery import Delivered
from booking_web.telling.webhooks.sender import NotWanted, Sender
from provisioning.database.models import User
from tests.factories.orders import an_order
from tests.integration.booking_web.api.public.conftest import NOW

MANAGER = "responsable@msa.example"
SECRETARY = "mairie@wassigny.example"


def change_person(database, email: str, **changes: object) -> None:
    """Change a person as an administrator or an inventory would."""
    with database.write() as session:
        user = session.scalars(select(User).where(User.email == email)).one()
        for name, value in changes.items():
            setattr(user, name, value)


def waiting(database) -> list[tuple[str, str]]:
    """Give state and error of what is kept of the events."""
    with database.read() as session:
        events = session.scalars(select(WebhookEvent).order_by(WebhookEvent.id))
        return [(str(each.state), each.last_error) for each in events]


def test_between_two_messages_a_client_is_closed(
    msa, secret, receiver, delivery, database
) -> None:
    msa.book("first")
    msa.book("second", starts_at="2026-11-25T10:00:00+01:00")
    receiver.before_answer = lambda: change_person(database, MANAGER, active=False)
    assert delivery.send_due() == Delivered(delivered=1)
    assert len(receiver.got) == 1
    assert delivery.send_due() == Delivered()
    assert waiting(database) == [("delivered", "")]


def test_nothing_is_kept_for_a_client_that_is_closed(
    msa, secret, receiver, delivery, database
) -> None:
    msa.book()
    change_person(database, MANAGER, active=False)
    assert delivery.send_due() == Delivered()
    assert waiting(database) == []
    assert receiver.got == []


def test_what_happens_while_a_client_is_closed_is_never_told(
    secret, delivery, database
) -> None:
    change_person(database, MANAGER, active=False)
    with database.write() as session:
        request = an_order(token="a page")
        book(session, request, NOW)
    assert waiting(database) == []
    change_person(database, MANAGER, active=True)
    assert delivery.send_due() == Delivered()


@pytest.mark.parametrize(
    ("email", "scope", "changes"),
    [
        (MANAGER, ("--organisation", "msa"), {"organisation_id": 1}),
        (SECRETARY, ("--relay", "wassigny"), {"relay_id": 2}),
    ],
    ids=["manager", "secretary"],
)
def test_a_client_goes_with_the_rights_of_its_person(
    msa, command, receiver, delivery, database, monkeypatch, email, scope, changes
) -> None:
    monkeypatch.setenv("GUICHET_WEBHOOKS_ALLOW_PRIVATE", "true")
    added = command("api-client", "add", "theirs", "--user", email, *scope)
    assert added.exit_code == 0, added.output
    assert command("webhooks", "add", "theirs", receiver.url).exit_code == 0
    msa.book()
    change_person(database, email, **changes)
    assert delivery.send_due() == Delivered()
    assert receiver.got == []
    refused = command("webhooks", "add", "theirs", receiver.url)
    assert "no client theirs" in refused.output


def test_nothing_leaves_on_a_connection_that_was_up_when_the_client_was_closed() -> (
    None
):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(NotWanted):
            Sender(allows_private=True).post(url, b"{}", {}, is_wanted=lambda: False)
        connection, _ = server.accept()
        with connection:
            assert connection.recv(1) == b""


def test_no_name_is_told_of_an_appointment_that_has_left_the_clients_relay(
    msa, new_client, command, receiver, delivery, database, monkeypatch
) -> None:
    monkeypatch.setenv("GUICHET_WEBHOOKS_ALLOW_PRIVATE", "true")
    new_client("town", "--relay", "wassigny", "--residents")
    assert command("webhooks", "add", "town", receiver.url).exit_code == 0
    made = msa.book().json["id"]
    assert delivery.send_due() == Delivered(delivered=1)
    moved = {"starts_at": "2026-11-26T09:00:00+01:00", "relay": "guise"}
    assert msa.post(f"/appointments/{made}/reschedule", moved).status_code == 200
    assert delivery.send_due() == Delivered(delivered=1)
    here, elsewhere = (json.loads(body)["appointment"] for _, body in receiver.got)
    assert here["resident_name"] == "Mme Lefèvre"
    assert elsewhere["relay"] == "guise"
    assert "resident_name" not in elsewhere and "details" not in elsewhere


def test_a_webhook_that_is_removed_while_its_receiver_answers_stops_nobody(
    msa, secret, receiver, delivery, command
) -> None:
    msa.book()
    receiver.before_answer = lambda: command("webhooks", "remove", "1")
    assert delivery.send_due() == Delivered()
    assert len(receiver.got) == 1
