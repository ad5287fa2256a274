# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whatever spelling of an address is typed, one account is looked up."""

import pytest

from booking_web.domain.rights.account_names import account_named, as_looked_up

OWN = "wassigny@mairie.example"


@pytest.mark.parametrize(
    "typed",
    [
        OWN,
        f"  {OWN}\n",
        "Wassigny@MAIRIE.example",
        "wassigny@mairie\u3002example",
        "wassigny@mairie\uff0eexample",
        "wassigny@mairie\uff61example",
        "\uff57\uff41\uff53\uff53\uff49\uff47\uff4e\uff59@mairie.example",
        "wassigny\uff20mairie.example",
        "\U0001d430assigny@mairie.example",
    ],
)
def test_other_spellings_are_the_same_account(session, typed) -> None:
    assert as_looked_up(typed) == OWN
    assert account_named(session, as_looked_up(typed)).email == OWN


@pytest.mark.parametrize(
    ("typed", "looked_up"),
    [
        ("a@xn--vry-9la.example", "a@\u00e9vry.example"),
        ("a@\u00c9vry.example", "a@\u00e9vry.example"),
        ("a@e\u0301vry.example", "a@\u00e9vry.example"),
        ("", ""),
        ("no address", "no address"),
        ("a@xn--\x00", "a@xn--\x00"),
        ("a@" + "x" * 70 + ".example", "a@" + "x" * 70 + ".example"),
        ("x" * 5000, "x" * 254),
    ],
)
def test_every_spelling_has_one_form(typed, looked_up) -> None:
    assert as_looked_up(typed) == looked_up
    assert as_looked_up(looked_up) == looked_up
