# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a manager says of a form's fields: label, group, order, what the booking knows; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from booking_web.base.resident_text import has_unprintable, normalised
from booking_web.domain.forms.description import Field, FormDescription
from booking_web.domain.forms.errors import LibraryRefusal, LibraryRefused

LABEL_LENGTH = 200
GROUP_LENGTH = 80


class Known(StrEnum):
    """What the booking knows, and a new draft therefore holds."""

    NAME = "name"
    FAMILY_NAME = "family_name"
    GIVEN_NAMES = "given_names"
    BIRTH_DATE = "birth_date"
    BIRTH_DAY = "birth_day"
    BIRTH_MONTH = "birth_month"
    BIRTH_YEAR = "birth_year"
    ADDRESS = "address"
    STREET = "street"
    POSTCODE = "postcode"
    COMMUNE = "commune"
    COUNTRY = "country"
    TELEPHONE = "telephone"
    EMAIL = "email"
    RELAY = "relay"
    DATE = "date"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    COUNSELLOR = "counsellor"
    REFERENCE = "reference"


@dataclass(frozen=True)
class AskedField:
    """How a field is asked: its plain label, the group it stands in (empty: none)."""

    key: str
    label: str
    group: str = ""
    known: Known | None = None

    def to_json(self) -> dict[str, str]:
        """Give it as plain values."""
        known = self.known.value if self.known else ""
        return {
            "key": self.key,
            "label": self.label,
            "group": self.group,
            "known": known,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, str]) -> "AskedField":
        """Give back what `to_json` gave."""
        known = Known(told["known"]) if told["known"] else None
        return cls(told["key"], told["label"], told["group"], known)


def asked_at_first(
    description: FormDescription, before: Iterable[AskedField] = ()
) -> tuple[AskedField, ...]:
    """Give how the fields are asked before the manager said anything.

    What was said of the edition before stays for the fields of the same name; they keep
    its order, and what is new follows in the form's.
    """
    said = {each.key: each for each in before}
    fields = {each.key: each for each in description.fields}
    kept = [each for key, each in said.items() if key in fields]
    new = [_unsaid(each) for key, each in fields.items() if key not in said]
    return tuple(kept + new)


def checked(
    description: FormDescription, asked: Sequence[AskedField]
) -> tuple[AskedField, ...]:
    """Give it made regular; raises LibraryRefused unless each field is there once."""
    keys = {each.key for each in description.fields}
    seen: set[str] = set()
    regular = []
    for each in asked:
        if each.key not in keys:
            raise LibraryRefused(LibraryRefusal.UNKNOWN_FIELD, each.key)
        if each.key in seen:
            raise LibraryRefused(LibraryRefusal.FIELD_TWICE, each.key)
        seen.add(each.key)
        regular.append(_regular(each))
    for field in description.fields:
        if field.key not in seen:
            raise LibraryRefused(LibraryRefusal.FIELD_MISSING, field.key)
    return tuple(regular)


def _unsaid(field: Field) -> AskedField:
    shown = "".join(each if not has_unprintable(each) else " " for each in field.label)
    label = normalised(shown)[:LABEL_LENGTH].strip()
    return AskedField(field.key, label or normalised(field.key)[:LABEL_LENGTH])


def _regular(asked: AskedField) -> AskedField:
    label, group = normalised(asked.label), normalised(asked.group)
    if not label:
        raise LibraryRefused(LibraryRefusal.NO_LABEL, asked.key)
    if len(label) > LABEL_LENGTH:
        raise LibraryRefused(LibraryRefusal.LABEL_TOO_LONG, asked.key)
    if len(group) > GROUP_LENGTH:
        raise LibraryRefused(LibraryRefusal.GROUP_TOO_LONG, asked.key)
    if has_unprintable(label + group):
        raise LibraryRefused(LibraryRefusal.UNPRINTABLE, asked.key)
    return replace(asked, label=label, group=group)
