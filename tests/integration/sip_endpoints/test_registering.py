# SPDX-License-Identifier: AGPL-3.0-or-later
"""The telephone's own attempts to register, against an account that answers as pjsua2 does."""

import time
from collections import deque
from typing import Any

import pjsua2 as pj
import pytest

from sip_endpoints.pjsua.callbacks import ConnectionLost, RegistrationAnswered
from sip_endpoints.pjsua.registering import UNDER_WAY, Registering
from sip_endpoints.pjsua.setup import ATTEMPT_SECONDS
from stage.waiting import wait_for

SERVER = "127.0.0.1:5061"


class Busy(pj.Error):
    """As pjsua2 raises it; pjproject itself is not running here."""

    status, reason = UNDER_WAY, "Object is busy (PJSIP_EBUSY)"

    def __init__(self) -> None:
        Exception.__init__(self)


class SlowAccount:
    """An account whose attempt is under way until somebody answers it."""

    def __init__(self) -> None:
        self.asked, self.refused, self.is_under_way = 0, 0, False

    def setRegistration(self, _renew: bool) -> None:
        if self.is_under_way:
            self.refused += 1
            raise Busy()
        self.asked += 1
        self.is_under_way = True


@pytest.fixture
def account() -> SlowAccount:
    return SlowAccount()


@pytest.fixture
def registering(account: SlowAccount):
    events: deque[Any] = deque()
    registering = Registering("127.0.0.1", events, lambda: 0)
    registering.begin(None, account)  # type: ignore[arg-type]
    yield registering
    registering.stop()
    assert not events


def test_an_attempt_that_is_under_way_is_no_failure(account, registering) -> None:
    """A new connection asks by itself; on a busy machine the answer takes a second or two."""
    tend_until(registering, lambda: account.asked == 1)
    account.is_under_way = False
    registering.take_answer(RegistrationAnswered(200, "OK", 600, SERVER))
    # What a new address begins, before the old connection's end is told.
    account.is_under_way = True
    registering.take_connection_lost(ConnectionLost(SERVER))
    before = time.monotonic()
    tend_until(registering, lambda: account.refused == 1)
    # It was told as one that failed, and the next one was the sooner for it: busy again.
    assert registering._register_at is not None
    assert registering._register_at - before > ATTEMPT_SECONDS
    registering.take_answer(RegistrationAnswered(200, "OK", 600, SERVER))
    assert registering.registration.state == "registered"


def tend_until(registering: Registering, condition) -> None:
    def is_tended() -> bool:
        registering.tend(time.monotonic())
        return bool(condition())

    wait_for(is_tended, "the registration is so far", poll_seconds=0.01)
