# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command behind `script/forms`: what the library's reader finds on forms, counted.

The truth is the form's own. One that has fields is printed empty, and what is proposed on the
print is held against where they were; its tooltips are held against the labels that
are suggested without them, and what those say that the booking knows likewise. A form
that is flat, or has no more than remnants of fields, has no truth: it is told how many are
proposed.
"""

import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import click
import pikepdf

from booking_web.base.own_process import memory_file
from booking_web.domain.forms.asked import AskedField, Known
from booking_web.domain.forms.description import (
    FEW_FIELDS,
    Field,
    FieldKind,
    FormDescription,
    LabelSource,
    Place,
)
from booking_web.domain.forms.errors import FormRefused
from booking_web.domain.forms.guesses import plain, with_guesses
from booking_web.domain.forms.guides import share
from booking_web.domain.forms.layout import PageLayout
from booking_web.domain.forms.placed import PlacedField
from booking_web.domain.forms.reader import FormRead, FormReader

TICKED = frozenset({FieldKind.BOX, FieldKind.RADIO})
# So much of the width of one must be the other's; of a part of it, so much.
SAME = 0.5
MOST = 0.75
# So much of it lies on a field: it is another field's, or part of one.
TOUCHES = 0.2
HEADS = {
    "pages": "pages",
    "fields": "fields",
    "named": "with a label",
    "labels": "labels right",
    "prefilled": "prefilled right",
    "proposed": "sure of those proposed",
    "right": "places right",
    "wrong": "wrong",
    "doubtful": "doubtful",
    "missed": "missed",
}


@dataclass
class Share:
    """So many of so many."""

    of: int = 0
    count: int = 0

    def add(self, is_one: bool) -> None:
        """Count one more, and whether it is one of them."""
        self.of += 1
        self.count += is_one

    def __str__(self) -> str:
        return f"{self.count} of {self.of}" if self.of else ""


@dataclass
class Counted:
    """What was found on one form; `wrong` of what a manager would take unseen."""

    pages: int
    fields: int
    named: Share = field(default_factory=Share)
    labels: Share = field(default_factory=Share)
    prefilled: Share = field(default_factory=Share)
    proposed: Share = field(default_factory=Share)
    right: Share = field(default_factory=Share)
    wrong: int = 0
    doubtful: int = 0
    missed: int = 0


def count(reader: FormReader, pdf: bytes) -> Counted:
    """Read a form, with its fields and without; raises FormRefused or EngineUnavailable."""
    own = _read(reader, pdf)
    described = own.description
    counted = Counted(len(described.pages), len(described.fields))
    for each in described.fields:
        counted.named.add(each.label_source is not LabelSource.NAME)
    bare = _read(reader, without_tooltips(pdf))
    _count_labels(counted, described, bare.description)
    printed = reader.finish(own.pdf, described, {})
    layouts = reader.lay_out(printed.pdf)
    for layout in layouts:
        for proposal in layout.proposed:
            counted.proposed.add(proposal.is_sure)
    if len(described.fields) >= FEW_FIELDS * len(described.pages):
        _count_places(counted, described, layouts)
    return counted


def _read(reader: FormReader, pdf: bytes) -> FormRead:
    with memory_file("form", pdf) as source:
        return reader.read(source, is_emptied=True)


def without_tooltips(pdf: bytes) -> bytes:
    """Give a form of which no field says what it is."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for each in opened.objects:
            if isinstance(each, pikepdf.Dictionary) and "/TU" in each:
                del each.TU
        saved = io.BytesIO()
        opened.save(saved)
    return saved.getvalue()


def _count_labels(
    counted: Counted, told: FormDescription, suggested: FormDescription
) -> None:
    labels = {each.key: each for each in suggested.fields}
    known, found = _known(told), _known(suggested)
    for own in told.fields:
        if own.label_source is not LabelSource.TOOLTIP or not _says(own.label):
            continue
        counted.labels.add(same_words(own.label, labels[own.key].label))
        if known[own.key] is not None:
            counted.prefilled.add(found[own.key] is known[own.key])


def _known(form: FormDescription) -> dict[str, Known | None]:
    asked = [AskedField(each.key, each.label) for each in form.fields]
    return {each.key: each.known for each in with_guesses(asked, form.fields, ())}


def _says(tooltip: str) -> bool:
    """Tell whether a tooltip is words of a form, and no name that a program gave."""
    return any(len(each) > 2 for each in _words(tooltip))


def same_words(tooltip: str, label: str) -> bool:
    """Tell whether a label says what a tooltip does: half of the words of the shorter one."""
    one, other = _words(tooltip), _words(label)
    shorter = min(len(one), len(other))
    return shorter > 0 and len(one & other) * 2 >= shorter


def _words(text: str) -> set[str]:
    told = re.findall(r"[a-z]{2,}|\d+", plain(text))
    # "Nom(s)" is "Noms".
    return {each.rstrip("s") for each in told} - {"de", "la", "le"}


def _count_places(
    counted: Counted, form: FormDescription, layouts: Iterable[PageLayout]
) -> None:
    owned = [(own, place) for own in form.fields for place in own.places]
    for layout in layouts:
        places = [each for each in owned if each[1].page == layout.number]
        if not places:
            # The maker of this form left the page to pens.
            continue
        proposed = [
            each
            for each in layout.proposed
            if each.field.kind is not FieldKind.SIGNATURE
        ]
        for own, place in places:
            is_found = any(_is_for(each.field, own, place) for each in proposed)
            counted.right.add(is_found)
            counted.missed += not any(_touch(each.field, place) for each in proposed)
        for each in proposed:
            if not any(_is_for(each.field, *other) for other in places):
                counted.wrong += each.is_sure
                counted.doubtful += not each.is_sure


def _is_for(proposed: PlacedField, field: Field, place: Place) -> bool:
    """Tell whether a proposal is this place of a field, or one part of it, or it and others.

    A date of three fields may be one, and the other way round: both print as well.
    """
    there, own = proposed.rectangle, place.rectangle
    if (proposed.kind in TICKED) is not (field.kind in TICKED):
        return False
    if proposed.kind in TICKED:
        return _touch(proposed, place)
    is_same_width = MOST < there.width / max(own.width, 1.0) < 1 / MOST
    if is_same_width and {proposed.kind, field.kind} == {FieldKind.COMB}:
        return proposed.cells == field.max_length and _touch(proposed, place)
    across = min(there.right, own.right) - max(there.x, own.x)
    is_level = own.height > SAME * there.height
    is_one = is_level and across > SAME * max(there.width, own.width)
    is_part = across > MOST * there.width or (is_level and across > MOST * own.width)
    return (is_one or is_part) and _touch(proposed, place)


def _touch(proposed: PlacedField, place: Place) -> bool:
    there = proposed.rectangle
    return max(share(there, place.rectangle), share(place.rectangle, there)) > TOUCHES


def table(rows: Sequence[tuple[str, Counted]]) -> list[str]:
    """Give the lines of a table in Markdown, with the sum of all forms last."""
    lines = [
        f"| form | {' | '.join(HEADS.values())} |",
        f"|---|{'---:|' * len(HEADS)}",
    ]
    for name, counted in [*rows, ("all", total(each for _, each in rows))]:
        cells = [str(getattr(counted, each)) for each in HEADS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def total(rows: Iterable[Counted]) -> Counted:
    """Give the sum of what was found."""
    whole = Counted(0, 0)
    for row in rows:
        for each in fields(Counted):
            mine, theirs = getattr(whole, each.name), getattr(row, each.name)
            if isinstance(mine, Share):
                mine.of, mine.count = mine.of + theirs.of, mine.count + theirs.count
            else:
                setattr(whole, each.name, mine + theirs)
    return whole


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "forms",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, no table.")
def main(forms: tuple[Path, ...], as_json: bool) -> None:
    """Read these PDF FORMS as the library does, and count what was found on each.

    A form that is refused is told on standard error, and left out.
    """
    reader = FormReader()
    rows = []
    for form in forms:
        try:
            rows.append((form.stem, count(reader, form.read_bytes())))
        except FormRefused as refused:
            click.echo(f"{form}: {refused.reason.value}", err=True)
    if as_json:
        click.echo(json.dumps({name: asdict(each) for name, each in rows}))
    else:
        click.echo("\n".join(table(rows)))


if __name__ == "__main__":
    main()
