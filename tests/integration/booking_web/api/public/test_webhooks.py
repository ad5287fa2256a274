# SPDX-License-Identifier: AGPL-3.0-or-later
"""Webhooks: what a receiver is told, in which order, and where nothing is ever sent."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.tables.webhooks import WebhookEvent
from booking_web.telling.webhooks.delivery import PAUSES, Delivered
from booking_web.telling.webhooks.sender import Sender

NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)


def checked(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Check the signature as docs/api.md tells a receiver to."""
    parts = dict(part.split("=", 1) for part in headers["Guichet-Signature"].split(","))
    signed = parts["t"].encode() + b"." + body
    wanted = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, parts["v1"])


def events_in(database) -> list[WebhookEvent]:
    with database.read() as session:
        return list(session.scalars(select(WebhookEvent).order_by(WebhookEvent.id)))


def test_each_change_is_told_once_in_order_and_signed(
    msa, secret, receiver, delivery, database
) -> None:
    made = msa.book().json
    moved = {"starts_at": "2026-11-26T09:00:00+01:00"}
    msa.post(f"/appointments/{made['id']}/reschedule", moved)
    msa.post(f"/appointments/{made['id']}/cancel", {"reason": "illness"})
    assert delivery.send_due() == Delivered(delivered=3)
    assert delivery.send_due() == Delivered()
    assert receiver.told == [
        ("booked", made["id"], "booked"),
        ("changed", made["id"], "booked"),
        ("state", made["id"], "cancelled"),
    ]
    bodies = [json.loads(body) for _, body in receiver.got]
    assert [each["appointment"]["sequence"] for each in bodies] == [0, 1, 2]
    assert bodies[0]["appointment"] == made
    assert bodies[0]["at"] == NOW.isoformat()
    for headers, body in receiver.got:
        assert checked(secret, headers, body)
        assert not checked(secret, headers, body + b" ")
        assert headers["Guichet-Delivery"] == json.loads(body)["id"]
        assert f"t={int(NOW.timestamp())}," in headers["Guichet-Signature"]
    assert "Lefèvre" not in json.dumps([each.content for each in events_in(database)])


def test_a_failing_receiver_is_asked_again_after_growing_pauses_then_given_up(
    msa, secret, receiver, delivery, clock, command
) -> None:
    msa.book()
    receiver.statuses = [500] * (len(PAUSES) + 1)
    for pause in PAUSES:
        assert delivery.send_due() == Delivered(failed=1)
        clock.now += pause - timedelta(seconds=1)
        assert delivery.send_due() == Delivered()
        clock.now += timedelta(seconds=1)
    assert list(PAUSES) == sorted(set(PAUSES))
    assert delivery.send_due() == Delivered(given_up=1)
    assert "1 given up, last error http_500" in command("webhooks", "list").stdout
    assert command("webhooks", "retry", "1").stdout == "1 events wait again\n"
    assert delivery.send_due() == Delivered(delivered=1)
    assert len({json.loads(body)["id"] for _, body in receiver.got}) == 1


def test_a_later_event_of_an_appointment_waits_for_the_earlier_one(
    msa, secret, receiver, delivery, clock
) -> None:
    first = msa.book().json["id"]
    receiver.statuses = [503]
    assert delivery.send_due() == Delivered(failed=1)
    msa.post(f"/appointments/{first}/cancel", {})
    second = msa.book("second").json["id"]
    # The second appointment's news do not wait for the first one's.
    assert delivery.send_due() == Delivered(delivered=1)
    clock.now += PAUSES[0]
    assert delivery.send_due() == Delivered(delivered=2)
    assert receiver.told == [
        ("booked", first, "booked"),
        ("booked", second, "booked"),
        ("booked", first, "booked"),
        ("state", first, "cancelled"),
    ]


def test_a_redirect_is_not_followed_and_410_ends_it(
    msa, secret, receiver, delivery, clock, database
) -> None:
    msa.book()
    receiver.statuses = [302, 410]
    assert delivery.send_due() == Delivered(failed=1)
    clock.now += PAUSES[0]
    assert delivery.send_due() == Delivered(given_up=1)
    assert len(receiver.got) == 2
    [event] = events_in(database)
    assert (event.state, event.last_error) == ("given_up", "http_410")


def test_a_client_that_may_not_see_residents_is_told_no_name(
    msa, new_client, command, receiver, delivery, monkeypatch
) -> None:
    monkeypatch.setenv("GUICHET_WEBHOOKS_ALLOW_PRIVATE", "true")
    new_client("town", "--relay", "wassigny")
    new_client("other-town", "--relay", "guise")
    for client in ("town", "other-town"):
        result = command("webhooks", "add", client, receiver.url, "--event", "booked")
        assert result.exit_code == 0
    made = msa.book().json["id"]
    msa.post(f"/appointments/{made}/cancel", {})
    assert delivery.send_due() == Delivered(delivered=1)
    assert receiver.told == [("booked", made, "booked")]
    [(_, body)] = receiver.got
    assert "resident_name" not in json.loads(body)["appointment"]


def test_a_removed_client_is_told_nothing_more(
    msa, secret, receiver, delivery, command
) -> None:
    msa.book()
    assert command("api-client", "remove", "msa-agenda").exit_code == 0
    assert delivery.send_due() == Delivered()
    assert receiver.got == []


def test_the_command_sends_what_is_due_and_says_so(
    msa, secret, receiver, command
) -> None:
    msa.book()
    assert command("webhooks", "send", "--dry-run").stdout == "1 events wait\n"
    result = command("webhooks", "send", "--json")
    assert json.loads(result.stdout) == {"delivered": 1, "failed": 0, "given_up": 0}
    [(headers, body)] = receiver.got
    assert checked(secret, headers, body)
    assert command("webhooks", "remove", "1").exit_code == 0
    assert command("webhooks", "list").stdout.startswith("no webhook")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://127.0.0.1/x", "private_address"),
        ("https://10.1.2.3/x", "private_address"),
        ("https://[::1]/x", "private_address"),
        ("https://[::ffff:10.0.0.1]/x", "private_address"),
        ("https://[64:ff9b::a00:1]/x", "private_address"),
        ("https://169.254.169.254/latest/meta-data", "private_address"),
        ("https://0.0.0.0/", "private_address"),
        ("https://2130706433/", "private_address"),
        ("https://localhost/", "private_address"),
        ("http://93.184.215.14/", "https_only"),
        ("ftp://93.184.215.14/", "bad_address"),
        ("https://user:word@93.184.215.14/", "bad_address"),
        ("https://93.184.215.14:99999/", "bad_address"),
        ("https://93.184.215.14/\r\nX: y", "bad_address"),
        ("nonsense", "bad_address"),
    ],
)
def test_nothing_is_sent_into_the_sites_own_network(msa, command, url, why) -> None:
    result = command("webhooks", "add", "msa-agenda", url)
    assert result.exit_code == 1
    assert why in result.output
    answer = Sender(allows_private=False).post(url, b"{}", {})
    assert (answer.status, answer.error) == (None, why)


def test_link_local_is_refused_even_where_private_addresses_are_allowed() -> None:
    answer = Sender(allows_private=True).post("https://169.254.169.254/", b"{}", {})
    assert answer.error == "private_address"


def test_a_receiver_that_is_away_is_an_error_and_no_exception(receiver) -> None:
    url = receiver.url
    receiver.close()
    answer = Sender(allows_private=True).post(url, b"{}", {})
    assert (answer.status, answer.error) == (None, "unreachable")


def test_of_a_discreet_appointment_no_webhook_tells_who_comes_or_why(
    msa, secret, receiver, delivery
) -> None:
    made = msa.book(discreet=True, reason="msa-retraite", details="seule").json
    assert (made["discreet"], made["reason"], made["details"]) == (
        True,
        "msa-retraite",
        "seule",
    )
    assert delivery.send_due() == Delivered(delivered=1)
    [(_, body)] = receiver.got
    told = json.loads(body)["appointment"]
    assert told["discreet"] is True and told["reason"] is None
    assert "resident_name" not in told and "details" not in told
    opened = msa.post(f"/appointments/{made['id']}/discretion", {"discreet": False})
    assert opened.json["discreet"] is False
