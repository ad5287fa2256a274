# SPDX-License-Identifier: AGPL-3.0-or-later
"""Alerts reach other software by a signed webhook, in order, again after a failure."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from booking_web.tables.alerts import NoticeChannel
from booking_web.telling.alerts.alert_hooks import AlertHook
from booking_web.telling.alerts.notices import PAUSES
from booking_web.telling.webhooks.sender import Sender
from tests.integration.booking_web.telling.alerts.alerts_ground import (
    NOW,
    K,
    end_all,
    notices,
    raise_all,
)

SECRET = "a secret of the tests"


class Receiver:
    """A web server that takes what is posted, and answers what it is set to."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.taken.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/alerts"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def hook(database, receiver, clock) -> AlertHook:
    sender = Sender(allows_private=True)
    return AlertHook(database, sender, url=receiver.url, secret=SECRET, now=clock)


def test_the_webhook_is_signed_and_says_what_and_since_when(
    database, hook, receiver
) -> None:
    raise_all(database, K.SELF_TEST_FAILED)
    end_all(database)
    assert hook.send_due() == 2
    (headers, body), (_, second) = receiver.taken
    at = int(NOW.timestamp())
    signed = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256)
    assert f"t={at},v1={signed.hexdigest()}" in headers.values()
    assert headers["Guichet-Event"] == "alert"
    told = json.loads(body)
    assert told["id"] == headers["Guichet-Delivery"]
    assert told["alert"] == {
        "number": 1,
        "kind": "self_test_failed",
        "subject": "kiosk-guise",
        "state": "raised",
        "since": "2026-11-24T10:00:00+00:00",
        "until": None,
        "detail": "screens:one_screen fan:- camera:lens_cracked",
    }
    assert json.loads(second)["alert"]["state"] == "over"
    assert json.loads(second)["alert"]["until"] == "2026-11-24T10:00:00+00:00"


def test_fault_a_receiver_that_fails_gets_all_of_it_later_in_order(
    database, hook, receiver, clock
) -> None:
    raise_all(database, K.SELF_TEST_FAILED)
    end_all(database)
    receiver.status = 500
    assert hook.send_due() == 0
    assert len(receiver.taken) == 1
    reasons = [each.reason for each in notices(database, NoticeChannel.WEBHOOK)]
    assert reasons == ["http_500", "http_500"]
    receiver.status = 204
    assert hook.send_due() == 0
    clock.now += PAUSES[0]
    assert hook.send_due() == 2
    states = [json.loads(body)["alert"]["state"] for _, body in receiver.taken[1:]]
    assert states == ["raised", "over"]
