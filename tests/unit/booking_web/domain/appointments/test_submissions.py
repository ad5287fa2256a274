# SPDX-License-Identifier: AGPL-3.0-or-later
"""A submission keeps its name across an upgrade: what is sent again after it is found."""

from datetime import datetime

import pytest

from booking_web.domain.appointments.orders import BookingOrder, submission_of
from booking_web.domain.appointments.rules import Hours

NINE = datetime.fromisoformat("2026-11-25T09:00:00+01:00")


# As appointments hold them that were booked before orders were one.
@pytest.mark.parametrize(
    ("told", "visit_reason_id", "name"),
    [
        (
            {"token": "form", "details": "retraite", "starts_at": NINE},
            7,
            "4df97c563768baf318a47df0811be6220a8579468531729c8b8dac084a0f6e29",
        ),
        (
            {"token": "form", "starts_at": None},
            None,
            "81973ea399f2338682b40d7642dd3b5e5a73d9a01ccf6afce7123ce998dfb858",
        ),
        (
            {
                "token": "api\0001\0k",
                "details": "retraite",
                "starts_at": NINE,
                "is_keyed": True,
            },
            7,
            "d4738b9214ef8de4be8a7851f21d490dc744fa0a0b9404143bb51a7d581bea63",
        ),
    ],
    ids=["a form", "a resident who is there", "a program"],
)
def test_a_submission_keeps_its_name(told, visit_reason_id, name) -> None:
    order = BookingOrder(
        user_id=1,
        relay="wassigny",
        organisation="msa",
        resident_name="M. Dupont",
        hours=Hours.AGREED,
        **told,
    )
    assert submission_of(order, visit_reason_id, minutes=30) == name
