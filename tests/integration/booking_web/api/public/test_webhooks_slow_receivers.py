# SPDX-License-Identifier: AGPL-3.0-or-later
"""Receivers that take their time: each message has a deadline, and nobody else waits."""

import socket
import threading

import pytest

from booking_web.telling.webhooks.delivery import Delivered, Delivery
from booking_web.telling.webhooks.sealing import webhook_seal
from booking_web.telling.webhooks.sender import Sender
from stage.waiting import wait_for
from tests.integration.booking_web.api.public.receiver import Receiver

DEADLINE_SECONDS = 1.5
# Whoever is held for so long is held until the test lets go.
FOR_EVER_SECONDS = 3600.0


class SlowReceiver:
    """Takes connections and answers each with these pieces, one every 0.2 s, for ever."""

    def __init__(self, *pieces: bytes, scheme: str = "http") -> None:
        self._pieces = pieces
        self.ends = threading.Event()
        self.is_held = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"{scheme}://127.0.0.1:{self._server.getsockname()[1]}/"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.is_held.set()
            self._threads.append(threading.Thread(target=self._drip, args=[connection]))
            self._threads[-1].start()

    def _drip(self, connection: socket.socket) -> None:
        number = 0
        with connection:
            while not self.ends.wait(0.2):
                piece = (
                    self._pieces[number % len(self._pieces)] if self._pieces else b""
                )
                number += 1
                try:
                    connection.sendall(piece)
                except OSError:
                    return

    def lets_nobody_go(self) -> bool:
        """Tell whether it drips on: whoever is gone has left by themselves."""
        return self.is_held.is_set() and not self.ends.is_set()

    def close(self) -> None:
        """Let go of everybody."""
        self.ends.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for each in self._threads:
            each.join()


def post(url: str) -> str:
    """Send a message and give the error."""
    sender = Sender(allows_private=True, deadline_seconds=DEADLINE_SECONDS)
    return sender.post(url, b"{}", {}).error


@pytest.mark.parametrize(
    ("scheme", "pieces"),
    [
        ("http", [bytes([each]) for each in b"HTTP/1.1 " + b" " * 400]),
        ("http", [b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"]),
        ("https", []),
    ],
    ids=["a byte at a time", "interim answers for ever", "no handshake"],
)
def test_a_receiver_that_drips_is_left_at_the_deadline(scheme, pieces) -> None:
    receiver = SlowReceiver(*pieces, scheme=scheme)
    try:
        assert post(receiver.url) == "timeout"
        assert receiver.lets_nobody_go()
    finally:
        receiver.close()


def test_a_name_server_that_never_answers_holds_nobody_longer(monkeypatch) -> None:
    answers = threading.Event()

    def never(*_arguments: object, **_named: object) -> None:
        answers.wait(FOR_EVER_SECONDS)
        raise OSError("nothing")

    monkeypatch.setattr("booking_web.telling.webhooks.lookup.socket.getaddrinfo", never)
    try:
        # The name server answers afterwards.
        assert post("https://nowhere.example/") == "timeout"
    finally:
        answers.set()


@pytest.fixture
def delivery(database, clock) -> Delivery:
    """Give a delivery that waits for a slow receiver longer than the test lasts."""
    sender = Sender(allows_private=True, deadline_seconds=FOR_EVER_SECONDS)
    return Delivery(database, sender, webhook_seal("x"), clock)


def test_one_slow_client_never_holds_up_another(
    msa, secret, receiver: Receiver, new_client, command, delivery, monkeypatch
) -> None:
    slow = SlowReceiver()
    try:
        new_client("town", "--relay", "wassigny")
        added = command("webhooks", "add", "town", slow.url)
        assert added.exit_code == 0, added.output
        first = msa.book().json["id"]
        delivery.begin_due()
        wait_for(slow.is_held.is_set, "the slow one holds its message")
        wait_for(lambda: len(receiver.told) == 1, "the prompt one has all")
        # What comes while the slow one is still held leaves at once, too.
        assert msa.post(f"/appointments/{first}/cancel", {}).status_code == 200
        told = Delivered()

        def has_all() -> bool:
            nonlocal told
            told += delivery.ended()
            delivery.begin_due()
            return len(receiver.told) == 2

        wait_for(has_all, "the prompt one has all")
        assert told.failed == 0, "the slow one is still held"
        assert slow.lets_nobody_go()
    finally:
        slow.close()
        delivery.stop()
    assert receiver.told == [
        ("booked", first, "booked"),
        ("state", first, "cancelled"),
    ]
