# SPDX-License-Identifier: AGPL-3.0-or-later
"""The names of calls."""

import pytest

from booking_web.dispatcher.call_id import CallId, parse_call, queue_call


def test_a_queue_call_is_its_own_first_channel() -> None:
    name = queue_call(7, 3)
    assert name == "gv-7-3"
    assert parse_call(name) == CallId("gv-7-3", 7, root="gv-7-3", is_direct=False)


def test_a_direct_call_begins_with_the_counsellors_channel() -> None:
    name = "gv-7-direct-1795532312.9"
    assert parse_call(name) == CallId(name, 7, root="1795532312.9", is_direct=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gv-",
        "gv-7",
        "gv-0-1",
        "gv-7-0",
        "gv--7-1",
        "gv-7-1 ",
        "xgv-7-1",
        "gv-7-1-2",
        "gv-7-direct-",
        "gv-7-direct-a b",
        "gv-٣-1",
        "gv-" + "9" * 30 + "-1",
        "1795532312.9",
    ],
)
def test_what_is_no_call_of_ours_is_none(text: str) -> None:
    assert parse_call(text) is None
