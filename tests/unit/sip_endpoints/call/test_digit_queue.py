# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys that the stack does not take for now: told as that, not as the end of the call."""

import pytest

from sip_endpoints.call.digit_queue import DigitQueue
from sip_endpoints.call.phone import OrderRefusedError
from tests.unit.sip_endpoints.fake_phone import FakePhone


def test_too_many_at_once_is_not_the_end_of_the_call(
    phone: FakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = DigitQueue(phone)
    with monkeypatch.context() as refusing:

        def refuse(call: int, digit: str) -> None:
            raise OrderRefusedError("too many")

        refusing.setattr(phone, "send_digit", refuse)
        outcome = digits.send(1, "*12#")
    assert outcome.error is not None
    assert "Trop de demandes" in outcome.error
    digits.send(1, "*")
    assert phone.orders == [("send_digit", 1, "*")]
