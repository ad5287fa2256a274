# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a CV holds, and how it changes; pure.

A field is named by its key: `title`, or `experience.3.tasks` for an entry of a section. An
entry keeps its number for ever, wherever it is moved.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from booking_web.domain.cv.errors import CvNotText, CvTooLong, UnknownCvField

LINE_LENGTH = 160
TEXT_LENGTH = 1500
MOST_ENTRIES = 40


class Section(StrEnum):
    """A part of a CV that has entries."""

    EXPERIENCE = "experience"
    TRAINING = "training"
    LANGUAGE = "language"
    LICENCE = "licence"


class Layout(StrEnum):
    """How the page looks."""

    # One column, black on white.
    SOBER = "sober"
    # Who somebody is on the left, in colour; what they did on the right.
    COLUMNS = "columns"


class Language(StrEnum):
    """How well a language is known."""

    SOME = "some"
    SPOKEN = "spoken"
    FLUENT = "fluent"
    NATIVE = "native"


# The fields that stand alone, in the order of the page.
SINGLE = (
    *("name", "title", "town", "telephone", "email", "mobility"),
    *("summary", "skills", "interests", "layout"),
)
ENTRY_FIELDS: Mapping[Section, tuple[str, ...]] = {
    Section.EXPERIENCE: ("title", "employer", "place", "start", "end", "tasks"),
    Section.TRAINING: ("title", "school", "year"),
    Section.LANGUAGE: ("name", "level"),
    Section.LICENCE: ("name", "year"),
}
# Of several lines; the others have one.
LONG = frozenset({"summary", "skills", "interests", "tasks"})
_CHOICES: Mapping[str, frozenset[str]] = {
    "layout": frozenset(Layout),
    "level": frozenset({"", *Language}),
}


@dataclass(frozen=True)
class Entry:
    """One experience, training, language or licence."""

    number: int
    values: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """Give a field; empty where nothing was written."""
        return self.values.get(name, "")

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was written."""
        return not any(self.values.values())


@dataclass(frozen=True)
class Removed:
    """The entry that was taken away last, and where it stood: it can come back."""

    section: Section
    index: int
    entry: Entry


@dataclass(frozen=True, repr=False)
class CvContent:
    """A CV. Its representation tells nothing of it."""

    values: Mapping[str, str] = field(default_factory=dict)
    entries: Mapping[Section, tuple[Entry, ...]] = field(default_factory=dict)
    next_number: int = 1
    removed: Removed | None = None

    def __repr__(self) -> str:
        return "CvContent(...)"

    def of(self, section: Section) -> tuple[Entry, ...]:
        """Give the entries of a section, in their order."""
        return self.entries.get(section, ())

    def get(self, name: str) -> str:
        """Give a field that stands alone; empty where nothing was written."""
        return self.values.get(name, "")

    @property
    def layout(self) -> Layout:
        """Give how the page looks."""
        return Layout(self.get("layout") or Layout.SOBER)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was written, but perhaps how it would look."""
        written = any(value for name, value in self.values.items() if name != "layout")
        return not written and all(
            each.is_empty for entries in self.entries.values() for each in entries
        )

    def keeping(self, is_kept: Callable[[Entry], bool]) -> "CvContent":
        """Give it with some of its entries."""
        kept = {
            section: tuple(each for each in entries if is_kept(each))
            for section, entries in self.entries.items()
        }
        return replace(self, entries=kept)

    def fields(self) -> dict[str, str]:
        """Give every field that there is by its key, in the order of the page."""
        found = {name: self.get(name) for name in SINGLE} | {"layout": self.layout}
        for section, names in ENTRY_FIELDS.items():
            for each in self.of(section):
                for name in names:
                    found[f"{section}.{each.number}.{name}"] = each[name]
        return found

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        removed = self.removed
        return {
            "values": dict(self.values),
            "entries": {
                str(section): [[each.number, dict(each.values)] for each in entries]
                for section, entries in self.entries.items()
            },
            "next": self.next_number,
            "removed": removed
            and [
                str(removed.section),
                removed.index,
                removed.entry.number,
                dict(removed.entry.values),
            ],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "CvContent":
        """Read what `to_json` gave."""
        removed = plain["removed"]
        return cls(
            plain["values"],
            {
                Section(name): tuple(Entry(number, values) for number, values in each)
                for name, each in plain["entries"].items()
            },
            plain["next"],
            removed
            and Removed(Section(removed[0]), removed[1], Entry(removed[2], removed[3])),
        )


def with_value(content: CvContent, key: str, value: str) -> CvContent:
    """Write a field; raises UnknownCvField, CvTooLong or CvNotText."""
    section, number, name = _parts(key)
    check_text(name, value)
    if section is None:
        return replace(content, values={**content.values, name: value})
    index, entry = _found(content, section, number)
    entries = list(content.of(section))
    entries[index] = replace(entry, values={**entry.values, name: value})
    return _with_entries(content, section, entries)


def check_text(name: str, value: str) -> None:
    """Raise CvTooLong, CvNotText or UnknownCvField where a field may not hold this."""
    if any(each == "\0" or "\ud800" <= each <= "\udfff" for each in value):
        raise CvNotText
    if len(value) > (TEXT_LENGTH if name in LONG else LINE_LENGTH):
        raise CvTooLong
    if name in _CHOICES and value not in _CHOICES[name]:
        raise UnknownCvField(name)


def with_entry(content: CvContent, section: Section) -> CvContent:
    """Add an empty entry: before the others among experiences, whose newest comes first.

    One that is empty already is enough. Raises CvTooLong.
    """
    entries = list(content.of(section))
    if any(each.is_empty for each in entries):
        return content
    if len(entries) >= MOST_ENTRIES:
        raise CvTooLong
    added = Entry(content.next_number)
    at = 0 if section in (Section.EXPERIENCE, Section.TRAINING) else len(entries)
    entries.insert(at, added)
    return replace(
        _with_entries(content, section, entries), next_number=content.next_number + 1
    )


def without_entry(content: CvContent, section: Section, number: int) -> CvContent:
    """Take an entry away; it can be put back until the next one is taken away."""
    index, entry = _found(content, section, number)
    entries = [each for each in content.of(section) if each.number != number]
    left = _with_entries(content, section, entries)
    return (
        left
        if entry.is_empty
        else replace(left, removed=Removed(section, index, entry))
    )


def with_entry_back(content: CvContent) -> CvContent:
    """Put back what was taken away last, where it was."""
    removed = content.removed
    if removed is None:
        return content
    entries = list(content.of(removed.section))
    entries.insert(removed.index, removed.entry)
    return replace(_with_entries(content, removed.section, entries), removed=None)


def with_entry_moved(
    content: CvContent, section: Section, number: int, by: int
) -> CvContent:
    """Move an entry up (-1) or down (1) among the others of its section."""
    index, entry = _found(content, section, number)
    entries = [each for each in content.of(section) if each.number != number]
    entries.insert(min(max(index + by, 0), len(entries)), entry)
    return _with_entries(content, section, entries)


def _with_entries(
    content: CvContent, section: Section, entries: list[Entry]
) -> CvContent:
    return replace(content, entries={**content.entries, section: tuple(entries)})


def _parts(key: str) -> tuple[Section | None, int, str]:
    if key in SINGLE:
        return None, 0, key
    section, _, rest = key.partition(".")
    number, _, name = rest.partition(".")
    is_known = section in set(Section) and name in ENTRY_FIELDS[Section(section)]
    if not is_known or not (number.isascii() and number.isdigit()):
        raise UnknownCvField
    return Section(section), int(number[:9]), name


def _found(content: CvContent, section: Section, number: int) -> tuple[int, Entry]:
    for index, each in enumerate(content.of(section)):
        if each.number == number:
            return index, each
    raise UnknownCvField
