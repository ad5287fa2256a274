# SPDX-License-Identifier: AGPL-3.0-or-later
"""A courier brings several wishes at once, and none too late."""

import threading

from device_bridge.ledger.delivery import Courier
from stage.waiting import wait_for


def test_wishes_that_come_together_are_one_delivery():
    delivered: list[int] = []
    wishes: list[int] = []
    courier = Courier("test", lambda: delivered.append(len(wishes)), gather_seconds=1)
    courier.start()
    wait_for(lambda: delivered, "it looks once at its start")

    for number in range(5):
        wishes.append(number)
        courier.wake()
    wait_for(lambda: len(delivered) > 1, "it delivers")
    courier.stop(5)

    assert delivered[1] == 5


def test_a_wish_during_a_delivery_is_delivered_after_it():
    begun, may_end = threading.Semaphore(0), threading.Semaphore(0)

    def deliver() -> None:
        begun.release()
        may_end.acquire(timeout=10)

    courier = Courier("test", deliver, gather_seconds=0.01)
    courier.start()
    begun.acquire(timeout=10)

    courier.wake()
    may_end.release()

    assert begun.acquire(timeout=10)
    may_end.release(2)
    courier.stop(5)
