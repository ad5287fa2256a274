# SPDX-License-Identifier: AGPL-3.0-or-later
"""What APIs are sent as JSON is read, or refused; nothing else comes of it."""

import json

import pytest

from booking_web.api.json_bodies import MOST_LEVELS, read_json


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def test_json_is_read() -> None:
    told = {"a": [1, 2.5, {"b": None}], "é": "\\"}
    assert read_json(json.dumps(told).encode()) == told
    assert read_json(b'"\\ud83d"') == "\ud83d"


def test_a_body_may_have_so_many_levels() -> None:
    assert read_json(nested(MOST_LEVELS)) is not None
    with pytest.raises(json.JSONDecodeError, match="nested too deep"):
        read_json(nested(MOST_LEVELS + 1))


@pytest.mark.parametrize(
    "body",
    [
        *map(nested, (100, 990, 1500, 5000, 100_000)),
        b'{"a":' * 20_000,
        b"NaN",
        b'{"a": -Infinity}',
        b"[1e999]",
        b"9" * 5000,
        b"",
        b"{",
    ],
)
def test_what_is_no_json_or_does_harm_is_refused(body: bytes) -> None:
    with pytest.raises(json.JSONDecodeError):
        read_json(body)


@pytest.mark.parametrize("body", [b"\xff", b'"\xed\xa0\xbd"'])
def test_what_is_no_text_is_refused(body: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        read_json(body)
