# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a voice says of a CV: a field, a part, or all that is written in it."""

from collections.abc import Iterator

from flask_babel import gettext

from booking_web.domain.cv.content import CvContent, Section
from booking_web.words.cv import (
    ENTRY_FIELDS,
    FIELDS,
    LAYOUTS,
    LEVELS,
    ONE_OF,
    SECTIONS,
)
from booking_web.words.read_aloud import as_said

# What the page shows at its head, under the name of this part.
HEAD = "name"
# How it looks is no content: it is said where it is asked for alone.
LAYOUT = "layout"


def words_of_cv_place(content: CvContent, place: str) -> str:
    """Say what stands at a place: a field, an entry, a part; all of it where there is none.

    A place is the key of a field, or the name of a part of the page (`experience-3`).
    """
    if place in content.fields():
        return _said(content, place, content.fields()[place])
    name, _, number = place.partition("-")
    if name in set(Section):
        section = Section(name)
        known = {str(each.number) for each in content.of(section)}
        wanted = f"{name}.{number}." if number in known else f"{name}."
        return _joined([str(SECTIONS[section]) + "."], _written(content, wanted))
    return words_of_cv(content)


def words_of_cv(content: CvContent) -> str:
    """Say everything that is written, in the order of the page."""
    said = [line for name in FIELDS for line in _written(content, name)]
    for section in Section:
        if lines := list(_written(content, f"{section}.")):
            said += [f"{SECTIONS[section]}.", *lines]
    return _joined([], iter(said))


def _written(content: CvContent, beginning: str) -> Iterator[str]:
    for key, value in content.fields().items():
        is_wanted = key.startswith(beginning) if "." in beginning else key == beginning
        if is_wanted and value.strip():
            yield _said(content, key, value)


def _joined(beginning: list[str], said: Iterator[str]) -> str:
    lines = list(said)
    return "\n".join([*beginning, *(lines or [gettext("Rien n'est encore écrit.")])])


def _said(content: CvContent, key: str, value: str) -> str:
    return f"{_label(content, key)} : {_content(key, value)}."


def _label(content: CvContent, key: str) -> str:
    section_name, _, rest = key.partition(".")
    if not rest:
        return gettext("Présentation") if key == LAYOUT else str(FIELDS[key])
    section = Section(section_name)
    number, _, name = rest.partition(".")
    places = {str(each.number): at for at, each in enumerate(content.of(section), 1)}
    return gettext(
        "%(what)s %(place)s, %(field)s",
        what=ONE_OF[section],
        place=places[number],
        field=str(ENTRY_FIELDS[section][name]).lower(),
    )


def _content(key: str, value: str) -> str:
    if key == LAYOUT:
        return str({str(each): words for each, words in LAYOUTS.items()}[value])
    if key.endswith(".level"):
        return str(LEVELS[value])
    lines = [each.strip().rstrip(".") for each in value.splitlines() if each.strip()]
    return as_said(", ".join(lines)) if lines else gettext("vide")
