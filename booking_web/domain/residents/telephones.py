# SPDX-License-Identifier: AGPL-3.0-or-later
"""Telephone numbers as the French type and read them; pure."""

import phonenumbers

# Numbers without a country code are French ones; overseas numbers have their own prefix
# within the national plan (0262, 0590...), which the library knows.
REGIONS = ("FR", "RE", "GP", "MQ", "GF", "YT", "PM")


class NoTelephone(ValueError):
    """The text is no telephone number that could be called."""


def telephone_of(typed: str) -> str:
    """Give the number in E.164, empty for nothing typed; raises NoTelephone."""
    if not typed.strip():
        return ""
    for region in REGIONS:
        try:
            number = phonenumbers.parse(typed, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(
                number, phonenumbers.PhoneNumberFormat.E164
            )
    raise NoTelephone(typed)


def readable_telephone(number: str) -> str:
    """Write a stored number as one reads it aloud: 06 12 34 56 78."""
    if not number:
        return ""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    french = phonenumbers.region_code_for_number(parsed) in REGIONS
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if french
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(parsed, style)
