# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a name may be."""

import pytest

from booking_web.base.resident_text import has_letter, has_unprintable, normalised


def test_a_name_is_composed_and_on_one_line() -> None:
    assert normalised("  Mme\tLefe\u0300vre\r\n Marie ") == "Mme Lefèvre Marie"
    assert normalised(None) == ""


@pytest.mark.parametrize("text", ["a\0b", "a\x1bb", "a\u202eb", "a\x7fb", "a\ufdd0b"])
def test_characters_that_nobody_can_read_are_seen(text) -> None:
    assert has_unprintable(normalised(text))


@pytest.mark.parametrize(
    "text", ["Zoé 👩‍🦰", "'; DROP TABLE appointment; --", "<b>X</b>"]
)
def test_odd_but_readable_names_pass(text) -> None:
    assert not has_unprintable(normalised(text))
    assert has_letter(text)


@pytest.mark.parametrize("text", ["", "12", "👩‍🦰", "--"])
def test_a_name_needs_a_letter(text) -> None:
    assert not has_letter(text)
