# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which numbers a counsellor may have called, and that nothing but digits reaches the line."""

import pytest

from booking_web.base.settings import Settings, SettingsError, load_settings
from booking_web.domain.appointments.guests.numbers import (
    CostlyNumber,
    ForeignNumber,
    NoNumber,
    ShortNumber,
    Trunk,
    number_to_call,
)

NEEDED = {"GUICHET_DATABASE_URL": "sqlite://", "GUICHET_SECRET_KEY": "x"}


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0612345678", "+33612345678"),
        (" 06 12 34 56 78 ", "+33612345678"),
        ("06.12.34.56.78", "+33612345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0033 3 23 91 00 00", "+33323910000"),
        ("03 23 91 00 00", "+33323910000"),
        ("09 72 39 39 39", "+33972393939"),
        ("0 800 130 000", "+33800130000"),
        ("0 809 40 14 01", "+33809401401"),
        # As an address book has it.
        ("\u202a06\u00a012\u00a034\u00a056\u00a078\u202c", "+33612345678"),
    ],
)
def test_a_french_number_is_called_however_it_is_written(typed, number) -> None:
    assert number_to_call(typed) == number


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        *((short, ShortNumber) for short in ("15", "17", "18", "112", "114", "115")),
        *((short, ShortNumber) for short in ("116 000", "3949", "3646", "118 712")),
        ("+33 15", ShortNumber),
        *((costly, CostlyNumber) for costly in ("0892 70 12 39", "08 99 70 12 39")),
        *((costly, CostlyNumber) for costly in ("+33 892 70 12 39", "0820 20 20 20")),
        ("0033 899 70 12 39", CostlyNumber),
        ("+33 0892 70 12 39", CostlyNumber),
        ("+32 2 511 11 11", ForeignNumber),
        ("+262 262 40 00 00", ForeignNumber),
        ("0262 40 00 00", ForeignNumber),
        ("0596 30 12 34", ForeignNumber),
        ("+33 596 30 12 34", ForeignNumber),
        ("02 69 60 12 34", ForeignNumber),
        ("09 76 01 23 45", ForeignNumber),
        ("00 1 202 555 0143", ForeignNumber),
        *((none, NoNumber) for none in ("", " ", "abc", "06 12 34 56 7", "+", "0")),
        # Digits are missing: nobody means the fire brigade.
        *(
            (none, NoNumber)
            for none in ("06 12 34 56", "06 12", "01", "+33 6 12 34 56")
        ),
        *((none, NoNumber) for none in ("06123456789", "00000000000", "0" * 39)),
        ("0612345678@evil.example", NoNumber),
        ("0612345678&PJSIP/kiosk-guise", NoNumber),
        ("0612345678;ext=1", NoNumber),
        ("0612345678,,Hangup", NoNumber),
        ("0612345678\r\nEvent: Hangup", NoNumber),
        ("0612345678\n", None),
        ("${EXTEN}12345678", NoNumber),
        ("٠٦١٢٣٤٥٦٧٨", NoNumber),
        ("²³612345678", NoNumber),
        ("06 12 34 56 78 ext 1", NoNumber),
        ("tel:+33612345678", NoNumber),
        ("9" * 5000, NoNumber),
    ],
)
def test_anything_else_is_called_by_nobody(typed, why) -> None:
    if why is None:
        assert number_to_call(typed) == "+33612345678"
        return
    with pytest.raises(why) as refused:
        number_to_call(typed)
    # No page and no log repeats it.
    assert str(refused.value) == ""


def test_a_site_opens_countries_and_no_costly_numbers_with_them() -> None:
    assert number_to_call("+32 2 511 11 11", ("+32",)) == "+3225111111"
    assert number_to_call("0262 40 00 00", ("+262",)) == "+262262400000"
    assert number_to_call("0596 30 12 34", ("+596",)) == "+596596301234"
    with pytest.raises(ForeignNumber):
        number_to_call("+32 2 511 11 11", ("+262",))
    with pytest.raises(CostlyNumber):
        number_to_call("+32 90 31 23 45", ("+32",))


@pytest.mark.parametrize(
    ("changes", "number", "dialled"),
    [
        ({}, "+33612345678", "0612345678"),
        ({"exit_digits": "0"}, "+33612345678", "00612345678"),
        ({}, "+3225111111", "003225111111"),
        ({"is_international": True}, "+33612345678", "+33612345678"),
    ],
)
def test_the_line_dials_as_its_operator_wants(changes, number, dialled) -> None:
    assert Trunk(caller_number="0323000000", **changes).dialled(number) == dialled


@pytest.mark.parametrize(
    "number", ["", "0612345678", "+33", "+336\r\n", "+33612345678@x", "+0612345678"]
)
def test_whatever_else_stands_in_the_database_is_not_dialled(number) -> None:
    with pytest.raises(NoNumber):
        Trunk(caller_number="0323000000").dialled(number)


def test_a_site_has_a_line_where_it_says_so() -> None:
    def trunk(**settings) -> Trunk | None:
        return Trunk.of(Settings(database_url="", secret_key="", **settings))

    assert trunk() is None
    found = trunk(
        trunk_caller_number="0323000000",
        trunk_dials="international",
        trunk_foreign_prefixes="+32 +262",
    )
    assert found == Trunk(
        caller_number="0323000000",
        is_international=True,
        prefixes=("+32", "+262"),
        calls_an_hour=20,
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("TRUNK_CALLER_NUMBER", "0323\r\n"),
        ("TRUNK_CALLER_NUMBER", "moi"),
        ("TRUNK_DIALS", "both"),
        ("TRUNK_EXIT_DIGITS", "*0"),
        ("TRUNK_FOREIGN_PREFIXES", "+"),
        ("TRUNK_FOREIGN_PREFIXES", "32"),
    ],
)
def test_a_setting_that_is_none_is_refused_by_its_name(key, value) -> None:
    with pytest.raises(SettingsError, match=key.lower()):
        load_settings(None, NEEDED | {f"GUICHET_{key}": value})
