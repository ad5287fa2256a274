# SPDX-License-Identifier: AGPL-3.0-or-later
"""Postal addresses as people type them: made regular, refused by part, told over others."""

import pytest

from booking_web.domain.residents.postal import (
    NO_ADDRESS,
    AddressFault,
    Part,
    PostalAddress,
    address_on_one_line,
    address_typed,
    faults_of,
)

GUISE = PostalAddress(street="12 rue des Lilas", postcode="02120", commune="Guise")


def test_what_is_typed_is_made_regular() -> None:
    typed = address_typed(
        street="  Bâtiment B \r\n\r\n 12  rue des Lilas ",
        postcode=" 02 120",
        commune=" Guise ",
        country="FRANCE",
    )
    assert typed == PostalAddress(
        street="Bâtiment B\n12 rue des Lilas", postcode="02120", commune="Guise"
    )
    assert typed.lines == ["Bâtiment B", "12 rue des Lilas", "02120 Guise"]
    assert typed.one_line == "Bâtiment B, 12 rue des Lilas, 02120 Guise"
    assert faults_of(typed) == {}
    assert not NO_ADDRESS.is_told and faults_of(NO_ADDRESS) == {}


def test_an_address_abroad_keeps_its_own_postcode_and_ends_with_its_country() -> None:
    abroad = address_typed(
        street="Grand-Place 1",
        postcode="b-1000",
        commune="Bruxelles",
        country="Belgique",
    )
    assert faults_of(abroad) == {}
    assert abroad.one_line == "Grand-Place 1, B-1000 Bruxelles, Belgique"


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        ({"postcode": "0212", "commune": "Guise"}, {"postcode": "no_french_postcode"}),
        ({"postcode": "99000", "commune": "X"}, {"postcode": "no_french_postcode"}),
        ({"postcode": "٠٢١٢٠", "commune": "X"}, {"postcode": "no_french_postcode"}),
        (
            {"postcode": "?", "commune": "Gand", "country": "Belgique"},
            {"postcode": "no_postcode"},
        ),
        ({"street": "12 rue des Lilas"}, {"commune": "no_commune"}),
        ({"country": "Belgique"}, {"commune": "no_commune"}),
        (
            {"street": "a\nb\nc", "commune": "c" * 81},
            {"street": "too_many_lines", "commune": "too_long"},
        ),
        ({"street": "s" * 161, "commune": "Guise"}, {"street": "too_long"}),
        (
            {"street": "rue\u202e", "commune": "a\0b", "country": "x\ud800"},
            {part: "unprintable" for part in ("street", "commune", "country")},
        ),
    ],
)
def test_each_part_that_cannot_be_kept_is_named(typed, faults) -> None:
    assert faults_of(address_typed(**typed)) == faults
    assert {Part(part): AddressFault(why) for part, why in faults.items()} == faults


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("12 rue des Lilas, 02120 Guise", GUISE),
        ("12 rue des Lilas 02120 Guise", GUISE),
        ("02120 Guise", PostalAddress(postcode="02120", commune="Guise")),
        ("12 rue des Lilas", PostalAddress(street="12 rue des Lilas")),
        ("", NO_ADDRESS),
    ],
)
def test_an_address_on_one_line_is_taken_apart_at_its_postcode(line, read) -> None:
    assert address_on_one_line(line) == read
    assert address_on_one_line("12345 x " * 50_000).postcode == ""


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (NO_ADDRESS, GUISE),
        # The place that is known already: nobody moved.
        (PostalAddress(commune="guise"), GUISE),
        (PostalAddress(commune="Wassigny"), PostalAddress(commune="Wassigny")),
        (
            PostalAddress(street="3 rue Neuve", commune="Guise"),
            PostalAddress(street="3 rue Neuve", commune="Guise"),
        ),
    ],
)
def test_a_new_address_replaces_the_known_one_as_a_whole(told, kept) -> None:
    assert told.told_over(GUISE) == kept
