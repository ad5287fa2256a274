# SPDX-License-Identifier: AGPL-3.0-or-later
"""The values that an inventory's entries are made of, each with its rule. Pure."""

import re
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from pydantic import AfterValidator, Field

from provisioning.database.models import (
    DEFAULT_TIME_ZONE,
    NAME_LENGTH,
    PICTOGRAM_LENGTH,
    SLUG_LENGTH,
)

TIME_ZONE_LENGTH = 60
SLUG_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
EMAIL_PATTERN = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f.]+(\.[^@\s\x00-\x1f.]+)+")
PICTOGRAM_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
KIOSK_PREFIX = "kiosk-"
COUNSELLOR_PREFIX = "counsellor-"
# A number written without a country's code is one of this country.
HOME_REGION = "FR"
SHORT_NUMBER_LENGTH = 6


def checked_slug(slug: str) -> str:
    """Give the slug back; raises ValueError where it breaks the rule."""
    if not SLUG_PATTERN.fullmatch(slug) or len(slug) > SLUG_LENGTH:
        raise ValueError(
            f'"{slug}" is no slug: use small letters without accents, digits and single'
            f' hyphens between them, at most {SLUG_LENGTH}, such as "marly-gomont"'
        )
    return slug


def checked_kiosk_slug(slug: str) -> str:
    """Give the slug of a kiosk back; raises ValueError where it breaks the rule."""
    return _with_prefix(checked_slug(slug), KIOSK_PREFIX)


def _checked_counsellor_slug(slug: str) -> str:
    return _with_prefix(checked_slug(slug), COUNSELLOR_PREFIX)


def _with_prefix(slug: str, prefix: str) -> str:
    if not slug.startswith(prefix):
        raise ValueError(f'"{slug}" must begin with "{prefix}": write "{prefix}{slug}"')
    return slug


def _checked_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("the text holds a line break or a control character")
    return text


def _checked_email(email: str) -> str:
    if not EMAIL_PATTERN.fullmatch(email):
        raise ValueError(f'"{email}" is no e-mail address')
    return email.lower()


def _checked_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f'"{name}" is no time zone: use a name such as "{DEFAULT_TIME_ZONE}" or'
            ' "Indian/Reunion"'
        ) from error
    return name


def _checked_telephone(number: str) -> str:
    """Give the number as E.164, so that every way to write it is the same number.

    A short number of the country (3646, 3230) has no such form and stays its digits.
    """
    if not number:
        return ""
    digits = "".join(number.split())
    if digits.isdigit() and len(digits) <= SHORT_NUMBER_LENGTH:
        short = phonenumbers.parse(digits, HOME_REGION)
        if phonenumbers.is_valid_short_number_for_region(short, HOME_REGION):
            return digits
    try:
        parsed = phonenumbers.parse(number, HOME_REGION)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or parsed.extension or not phonenumbers.is_valid_number(parsed):
        raise ValueError(
            f'"{number}" is no telephone number: write all of it, such as'
            ' "01 99 00 01 01" or, overseas and abroad, "+262 262 90 00 00", or a short'
            ' number such as "3646"; no extension'
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _checked_pictogram(name: str) -> str:
    if name and not PICTOGRAM_PATTERN.fullmatch(name):
        raise ValueError(
            f'"{name}" is no pictogram: use the name of an icon of bootstrap-icons, such'
            ' as "car-front"'
        )
    return name


Slug = Annotated[str, AfterValidator(checked_slug)]
Line = Annotated[str, AfterValidator(_checked_line)]
Name = Annotated[Line, Field(min_length=1, max_length=NAME_LENGTH)]


KioskSlug = Annotated[str, AfterValidator(checked_kiosk_slug)]
CounsellorSlug = Annotated[str, AfterValidator(_checked_counsellor_slug)]
Email = Annotated[str, Field(max_length=254), AfterValidator(_checked_email)]
TimeZone = Annotated[
    str, Field(max_length=TIME_ZONE_LENGTH), AfterValidator(_checked_time_zone)
]
Telephone = Annotated[str, AfterValidator(_checked_telephone)]
Pictogram = Annotated[
    str, Field(max_length=PICTOGRAM_LENGTH), AfterValidator(_checked_pictogram)
]
Minutes = Annotated[int, Field(ge=5, le=480)]
