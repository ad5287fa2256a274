# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which numbers a counsellor may have called, and how the site's line dials them. Pure.

What costs more than an ordinary call, or is no person's telephone, is refused here.
"""

import re
from dataclasses import dataclass
from typing import Self

import phonenumbers
from phonenumbers import PhoneNumberType as Kind

from booking_web.base.settings import Settings
from booking_web.domain.residents.telephones import REGIONS, NoTelephone, telephone_of

FRANCE = "+33"
# As one types it, and nothing that means more to a telephone than its digits.
_TYPED = re.compile(r"\+?[0-9][0-9 ./()\u00a0\u202f-]{1,39}")
_UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# Of a service, or for help: 15, 112, 3949, 118 712, 116 000; also with the country before it. What
# begins with a 0 is never one: some of its digits are missing.
_SHORT = re.compile(r"(\+33)?[1-9][0-9]{1,5}")
# 0800 to 0805 are free, 0806 to 0809 cost an ordinary call; the library has a kind for the rest.
_SPECIAL_AND_ORDINARY = "+3380"
_ORDINARY = frozenset(
    {
        *(Kind.FIXED_LINE, Kind.MOBILE, Kind.FIXED_LINE_OR_MOBILE),
        Kind.VOIP,
    }
)


class NumberRefused(ValueError):
    """Nobody is called; the classes below say why. The number is not repeated."""


class NoNumber(NumberRefused):
    """What was typed is no number that could be called."""


class ShortNumber(NumberRefused):
    """It is for an emergency, or a service's: 15, 112, 3949."""


class CostlyNumber(NumberRefused):
    """It costs more than an ordinary call."""


class ForeignNumber(NumberRefused):
    """It is abroad or overseas, which this site does not call."""


@dataclass(frozen=True, kw_only=True)
class Trunk:
    """The site's telephone line, as far as a call is concerned."""

    # What whoever is called sees.
    caller_number: str
    # Numbers are dialled as +33612345678; else as 0612345678.
    is_international: bool = False
    # What the town hall's exchange wants before an outside number.
    exit_digits: str = ""
    # Which countries may be called besides France: +262, +32.
    prefixes: tuple[str, ...] = ()
    calls_an_hour: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """Read what the site sets; None where it has no line."""
        if not settings.trunk_caller_number:
            return None
        return cls(
            caller_number=settings.trunk_caller_number,
            is_international=settings.trunk_dials == "international",
            exit_digits=settings.trunk_exit_digits,
            prefixes=tuple(settings.trunk_foreign_prefixes.split()),
            calls_an_hour=settings.trunk_calls_an_hour,
        )

    def dialled(self, number: str) -> str:
        """Give what the line is told for a number in E.164: digits, perhaps a plus first.

        Raises NoNumber for anything else, whoever wrote it.
        """
        if not _E164.fullmatch(number):
            raise NoNumber
        if self.is_international:
            return self.exit_digits + number
        if number.startswith(FRANCE):
            return self.exit_digits + "0" + number.removeprefix(FRANCE)
        return self.exit_digits + "00" + number.removeprefix("+")


def number_to_call(typed: str, prefixes: tuple[str, ...] = ()) -> str:
    """Give the number in E.164; raises NumberRefused."""
    # An address book writes marks around a number that nobody sees.
    plain = _UNSEEN.sub("", typed).strip()
    if not _TYPED.fullmatch(plain):
        raise NoNumber
    # +33 (0)6 ... is how many sign their letters.
    digits = re.sub(r"[^0-9+]", "", plain.replace("(0)", ""))
    if digits.startswith("00"):
        digits = "+" + digits.removeprefix("00")
    if _SHORT.fullmatch(digits):
        raise ShortNumber
    if re.fullmatch(r"(0|\+33)8[1-9][0-9]+", digits):
        raise CostlyNumber
    try:
        number = _where_it_leads(telephone_of(digits))
    except NoTelephone as error:
        raise NoNumber from error
    if not number.startswith((FRANCE, *prefixes)):
        raise ForeignNumber
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    if kind not in _ORDINARY and not number.startswith(_SPECIAL_AND_ORDINARY):
        raise CostlyNumber
    return number


def _where_it_leads(number: str) -> str:
    """Give an overseas number as such: 0596 leads to Martinique, and the library knows it in
    the plan of France too.
    """
    if not number.startswith(FRANCE) or number.startswith(_SPECIAL_AND_ORDINARY):
        return number
    dialled = "0" + number.removeprefix(FRANCE)
    for region in REGIONS[1:]:
        found = phonenumbers.parse(dialled, region)
        if phonenumbers.number_type(found) in _ORDINARY:
            return phonenumbers.format_number(
                found, phonenumbers.PhoneNumberFormat.E164
            )
    return number
