# SPDX-License-Identifier: AGPL-3.0-or-later
"""A resident's postal address as people type it, as it is kept and as it is read; pure."""

import re
from dataclasses import dataclass, fields
from enum import StrEnum

from booking_web.base.resident_text import has_unprintable, normalised
from booking_web.tables.postal_address import (
    COMMUNE_LENGTH,
    COUNTRY_LENGTH,
    POSTCODE_LENGTH,
    STREET_LENGTH,
    PostalColumns,
)

MOST_STREET_LINES = 2
FRANCE = "France"
# The first two digits are a department's (overseas 97 and 98), or the army's: 00.
_FRENCH_POSTCODE = re.compile(r"(?:0\d|[1-8]\d|9[0-8])\d{3}")
_FOREIGN_POSTCODE = re.compile(r"(?=.*[0-9A-Z])[0-9A-Z -]+", re.IGNORECASE)
# As long as street and place together may be; what is longer is not taken apart.
_LONGEST_LINE = STREET_LENGTH + POSTCODE_LENGTH + COMMUNE_LENGTH
# "12 rue des Lilas, 02120 Guise": how one cell of a file holds all of it.
_ON_ONE_LINE = re.compile(r"(?:(.*?)[\s,;]+)?(\d{5})\s+([^\d,;][^,;]*)")


class Part(StrEnum):
    """The parts of an address, as fields, columns and programs name them."""

    STREET = "street"
    POSTCODE = "postcode"
    COMMUNE = "commune"
    COUNTRY = "country"


class AddressFault(StrEnum):
    """What is wrong with a part. Each has a sentence in `words.postal_addresses`."""

    UNPRINTABLE = "unprintable"
    TOO_LONG = "too_long"
    TOO_MANY_LINES = "too_many_lines"
    NO_FRENCH_POSTCODE = "no_french_postcode"
    NO_POSTCODE = "no_postcode"
    NO_COMMUNE = "no_commune"


LONGEST = {
    Part.STREET: STREET_LENGTH,
    Part.POSTCODE: POSTCODE_LENGTH,
    Part.COMMUNE: COMMUNE_LENGTH,
    Part.COUNTRY: COUNTRY_LENGTH,
}


@dataclass(frozen=True, kw_only=True)
class PostalAddress:
    """An address; what is empty was not told, an empty country is France."""

    # Its lines are parted by a line break.
    street: str = ""
    postcode: str = ""
    commune: str = ""
    country: str = ""

    @property
    def is_told(self) -> bool:
        """Tell whether anything is known."""
        return any(getattr(self, each.name) for each in fields(self))

    @property
    def lines(self) -> list[str]:
        """Give it as it stands on an envelope, below the name."""
        place = f"{self.postcode} {self.commune}".strip()
        return [
            each for each in (*self.street.split("\n"), place, self.country) if each
        ]

    @property
    def one_line(self) -> str:
        """Give it as it stands on a form's only line."""
        return ", ".join(self.lines)

    def told_over(self, known: "PostalAddress") -> "PostalAddress":
        """Give what is to be kept where this one is told and another was known.

        Who names no more than the place of the known one has not moved.
        """
        is_place_alone = not self.street and (
            self.postcode in ("", known.postcode)
            and self.country in ("", known.country)
            and self.commune.casefold() == known.commune.casefold()
        )
        return known if not self.is_told or is_place_alone else self


NO_ADDRESS = PostalAddress()


def address_typed(
    *, street: str = "", postcode: str = "", commune: str = "", country: str = ""
) -> PostalAddress:
    """Give what was typed, made regular; `faults_of` tells whether it can be kept."""
    lines = [normalised(each) for each in (street or "").splitlines()]
    country = normalised(country)
    postcode = normalised(postcode).upper()
    if country.casefold() in ("france", "fr"):
        country = ""
    if _FRENCH_POSTCODE.fullmatch(compact := postcode.replace(" ", "")):
        postcode = compact if not country else postcode
    return PostalAddress(
        street="\n".join(each for each in lines if each),
        postcode=postcode,
        commune=normalised(commune),
        country=country,
    )


def address_on_one_line(text: str) -> PostalAddress:
    """Read an address that somebody wrote in one piece; what has no postcode is a street."""
    line = normalised(text)
    found = _ON_ONE_LINE.fullmatch(line) if len(line) <= _LONGEST_LINE else None
    if found is None:
        return address_typed(street=text)
    return address_typed(street=found[1] or "", postcode=found[2], commune=found[3])


def faults_of(address: PostalAddress) -> dict[Part, AddressFault]:
    """Name what is wrong with each part of an address that is regular."""
    faults: dict[Part, AddressFault] = {}
    if address.is_told and not address.commune:
        faults[Part.COMMUNE] = AddressFault.NO_COMMUNE
    if address.street.count("\n") >= MOST_STREET_LINES:
        faults[Part.STREET] = AddressFault.TOO_MANY_LINES
    if address.postcode and not address.country:
        if not _FRENCH_POSTCODE.fullmatch(address.postcode):
            faults[Part.POSTCODE] = AddressFault.NO_FRENCH_POSTCODE
    elif address.postcode and not _FOREIGN_POSTCODE.fullmatch(address.postcode):
        faults[Part.POSTCODE] = AddressFault.NO_POSTCODE
    for part in Part:
        text = getattr(address, part)
        if len(text) > LONGEST[part]:
            faults[part] = AddressFault.TOO_LONG
        if has_unprintable(text.replace("\n", " ")):
            faults[part] = AddressFault.UNPRINTABLE
    return faults


def address_in(row: PostalColumns) -> PostalAddress:
    """Give the address that a row holds."""
    return PostalAddress(**{part: getattr(row, part) for part in Part})


def put_into(row: PostalColumns, address: PostalAddress) -> bool:
    """Have a row hold the address; tell whether that changes anything."""
    changed = [part for part in Part if getattr(row, part) != getattr(address, part)]
    for part in changed:
        setattr(row, part, getattr(address, part))
    return bool(changed)
