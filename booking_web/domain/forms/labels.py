# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finds the words printed for a field beside it: left, above, or below.

As its label they are a suggestion only: a person looks at each before a form is used.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from booking_web.domain.forms.days_in_cells import PARTS, Cells, days
from booking_web.domain.forms.description import (
    Field,
    FieldKind,
    LabelSource,
    Option,
    Place,
    Rectangle,
)
from booking_web.domain.forms.words_around import (
    ABOVE,
    BESIDE_BOX,
    around,
    head_of_column,
    head_of_row,
    is_on_its_line,
    is_right_before_another,
    line_after,
    line_before,
    nearest_above,
    nearest_below,
    nearest_left,
    nearest_right,
)
from booking_web.domain.forms.words_printed import Printed

# In letters; longer words end after a whole one. A question and its answer may be twice that.
LONGEST_LABEL = 90
# How far words before a line to write upon may stand from it, in points.
LEFT_OF_TEXT = 160.0
# So much nearer words must stand to be taken instead of those expected.
CLEARLY = 2.0
# So short are "à", "le" and "du", which go on with what stands before them.
LONGEST_LINK = 3
ANSWERS = re.compile(
    r"oui|non|yes|no|m|f|h|mme|m\.|mr|mlle|monsieur|madame|homme|femme|masculin|féminin",
    re.IGNORECASE,
)
# What programs name fields by themselves.
NO_NAMES = frozenset(
    (
        "champ texte text field zone case cocher check box button bouton untitled form"
        " formulaire page sub row cell ligne colonne saisie undefined image group groupe"
        " coche numeric radio option choix liste list topmost subform checkbox textfield"
        " fill table tableau bloc"
    ).split()
)
# A remark in brackets, beside what a label says.
_REMARK = re.compile(r"\(.*\)[\s:.,;*]*")
_ASKS = re.compile(r"[:?]\s*$")
VOWEL = re.compile(r"[aeiouyàâéèêëîïôùû]", re.IGNORECASE)
# What stands under or over the digits of a date.
_PART = re.compile(
    r"\W*(jours?|mois|années?|[jma]{1,4}(\W+[jma]{1,4}){0,2})\W*", re.IGNORECASE
)
_DIGITS = (FieldKind.TEXT, FieldKind.COMB)
_TICKED = (FieldKind.BOX, FieldKind.RADIO)
WordsAt = Callable[[Place], str]


def with_labels(
    fields: Sequence[Field], printed: dict[int, list[Printed]]
) -> tuple[Field, ...]:
    """Give the fields, with a suggestion where no tooltip says what they are."""
    others: dict[int, list[Rectangle]] = {}
    for field in fields:
        for place in field.places:
            others.setdefault(place.page, []).append(place.rectangle)
    bare = (
        replace(each, label_source=LabelSource.NAME)
        if each.label_source is LabelSource.TOOLTIP
        else each
        for each in fields
    )
    labelled = [_with_label(field, printed, others) for field in bare]
    suggested = list(_with_days(labelled, printed))
    untold = _of_no_field(fields, suggested)
    return tuple(
        (
            other
            if field.label in untold and other.label_source is not LabelSource.NAME
            else replace(other, label=field.label, label_source=field.label_source)
        )
        if field.label_source is LabelSource.TOOLTIP
        else other
        for field, other in zip(fields, suggested)
    )


def _of_no_field(fields: Sequence[Field], suggested: Sequence[Field]) -> set[str]:
    """Give the tooltips that are no label: those that say nothing, or the same of several.

    Who makes a form copies fields, and their tooltips with them: "Signature" on a name, "year of
    birth" on the month. What stands beside them on the sheet differs.
    """
    printed: dict[str, set[str]] = {}
    for field, other in zip(fields, suggested):
        if field.kind not in _TICKED and other.label_source is LabelSource.SUGGESTED:
            printed.setdefault(field.label, set()).add(other.label.casefold())
    shared = {tooltip for tooltip, labels in printed.items() if len(labels) > 1}
    return shared | {each.label for each in fields if _says_nothing(each.label)}


def _with_days(
    fields: list[Field], printed: dict[int, list[Printed]]
) -> Iterator[Field]:
    """Give the fields; those of a day, a month and a year say which, and of what date."""
    dated: dict[int, list[Field]] = {}
    for field in fields:
        if field.kind in _DIGITS and len(field.places) == 1:
            dated.setdefault(field.places[0].page, []).append(field)
    labels: dict[str, str] = {}
    for page, found in dated.items():
        cells = [
            Cells(each.places[0].rectangle, each.max_length or 0) for each in found
        ]
        for day in days(cells):
            date = _date_of(found[day[0]], printed.get(page, ()))
            parts = zip(day, PARTS) if date else ()
            labels |= {found[number].key: f"{date} : {part}" for number, part in parts}
    for field in fields:
        label = labels.get(field.key)
        source = LabelSource.SUGGESTED
        yield replace(field, label=label, label_source=source) if label else field


def _date_of(day: Field, printed: Sequence[Printed]) -> str:
    """Give what asks for a date whose day is this field; what says that it is the day does not."""
    if day.label_source is LabelSource.SUGGESTED and not _PART.fullmatch(day.label):
        return day.label
    found = _before(day.places[0].rectangle, None, printed, ())
    return _tidy(found.text) if found else ""


def _with_label(
    field: Field,
    printed: dict[int, list[Printed]],
    others: dict[int, list[Rectangle]],
) -> Field:
    def around(place: Place) -> list[Printed]:
        return [each for each in printed.get(place.page, ()) if each.text]

    def words_at(place: Place) -> str:
        return suggested_label(
            place.rectangle, around(place), others[place.page], is_ticked
        )

    def answer_at(place: Place) -> str:
        return words_at(place) or head_of_column(place.rectangle, around(place))

    first, is_ticked = field.places[0], field.kind in _TICKED
    if is_ticked:
        field = replace(field, options=_with_texts(field, answer_at))
    if field.label_source is not LabelSource.NAME:
        return field
    first = min(field.places, key=lambda each: (each.page, each.rectangle.x))
    label = words_at(first)
    if is_ticked:
        question = question_of(first.rectangle, around(first))
        label = _of_ticked(field, question, label)
    named = name_in_words(field.key)
    source = LabelSource.SUGGESTED if label or not named else LabelSource.NAMED
    label = label or named or in_table(first.rectangle, around(first))
    if not label:
        return field
    return replace(field, label=label, label_source=source)


def _says_nothing(tooltip: str) -> bool:
    """Tell whether a tooltip is no label: a letter, or the answer that one of its places is."""
    return bool(ANSWERS.fullmatch(tooltip.strip())) or not re.search(
        r"[^\W\d_]{2}", tooltip
    )


def _of_ticked(field: Field, question: str, answer: str) -> str:
    """Give the question of a choice; of a box its answer, after the question of a yes or no."""
    if field.kind is FieldKind.RADIO and len(field.options) > 1:
        answers = [each.text for each in field.options if each.text]
        are_told = any(is_readable(each) for each in answers)
        return question or (_shortened(" / ".join(answers)) if are_told else "")
    is_short = bool(ANSWERS.fullmatch(answer))
    return f"{question} : {answer}" if question and is_short else answer


def name_in_words(key: str) -> str:
    """Give a field's name where it is words, as "n° secu conjoint" or `NomNaissance`."""
    last = re.sub(r"(\[\d+\]|[#~]\d+)+$", "", key.rpartition(".")[2] or key)
    parted = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])|[_\-\s]+", " ", last)
    words = re.sub(r"\s+\d+$", "", parted).strip()
    told = [each for each in re.findall(r"[^\W\d_]+", words) if len(each) > 2]
    if not any(VOWEL.search(each) and each.lower() not in NO_NAMES for each in told):
        return ""
    return words[:1].upper() + words[1:]


def _with_texts(field: Field, words_at: WordsAt) -> tuple[Option, ...]:
    texts: dict[str, str] = {}
    for place in field.places:
        texts.setdefault(place.value, words_at(place))
    own = {each.text for each in field.options if each.text}
    # One tooltip for all choices is that of the question, not of an answer.
    are_told = len(own) == len(field.options) and all(own)
    return tuple(
        each if are_told else Option(each.value, texts[each.value])
        for each in field.options
    )


def question_of(box: Rectangle, words: Sequence[Printed]) -> str:
    """Give the question that a box to tick answers: before it on its line, or above."""
    found = _question(box, words)
    return _tidy(found.text) if found else ""


def _question(box: Rectangle, words: Sequence[Printed]) -> Printed | None:
    asking = [
        each
        for each in words
        if is_readable(each.text) and not ANSWERS.fullmatch(_tidy(each.text))
    ]
    found = nearest_left(box, asking, (), LEFT_OF_TEXT)
    if found is None:
        found = nearest_above(box, [each for each in asking if _ASKS.search(each.text)])
    return found


def is_readable(text: str) -> bool:
    """Tell words from the signs of a font that draws arrows or ticks, and from numbers."""
    return bool(re.search(r"[^\W\d_]{2}|\b[àâyon]\b|n°", text, re.IGNORECASE))


def suggested_label(
    field: Rectangle,
    words: Sequence[Printed],
    others: Sequence[Rectangle],
    is_box: bool,
) -> str:
    """Give the words that are probably the field's label, or nothing."""
    found = _printed_for(field, words, others, is_box)
    if found is None:
        return ""
    label = _tidy(" ".join(each.text for each in _whole(found, words)))
    if not is_box and len(label) <= LONGEST_LINK:
        # "Né(e) le … à": the second asks for nothing by itself.
        earlier = nearest_left(found.rectangle, words, (), LEFT_OF_TEXT)
        if earlier is not None and len(earlier.text) > LONGEST_LINK:
            label = f"{_tidy(earlier.text)} … {label}"
    return _shortened(label)


def with_printed_words(
    place: Place, kind: FieldKind, words: Sequence[Printed], others: Sequence[Rectangle]
) -> Rectangle:
    """Give a place and the words printed for it as one rectangle; without any, the place."""
    box, is_ticked = place.rectangle, kind in _TICKED
    told = [
        each
        for each in words
        if each.text and (is_ticked or not _is_answer(each.rectangle, box, others))
    ]
    found = _printed_for(box, told, others, is_ticked)
    lines: list[Printed | None] = [*_whole(found, told)] if found else []
    if is_ticked:
        is_short = found is not None and ANSWERS.fullmatch(_tidy(found.text))
        lines.append(_question(box, told) if is_short else None)
    else:
        before = _before(box, found, told, others)
        lines.append(before)
        if before is not None and len(_tidy(before.text)) <= LONGEST_LINK:
            # As in "Né(e) le … à".
            before = _before(before.rectangle, None, told, ())
            lines.append(before)
        while before is not None:
            # What goes on with it to its left, a wide gap between.
            gap = before.rectangle.height
            before = nearest_left(before.rectangle, told, others, gap)
            lines.append(before)
    return around([box, *(each.rectangle for each in lines if each is not None)])


def _is_answer(words: Rectangle, field: Rectangle, others: Sequence[Rectangle]) -> bool:
    """Tell whether words say what a box to tick right before them is, and no field's label."""
    return any(
        each.width <= min(BESIDE_BOX, 2 * each.height)
        and is_on_its_line(each, words)
        and -2 <= words.x - each.right < min(BESIDE_BOX, field.x - words.right)
        for each in others
    )


def _before(
    field: Rectangle,
    found: Printed | None,
    words: Sequence[Printed],
    others: Sequence[Rectangle],
) -> Printed | None:
    """Give the words on a field's line; those of a date in three parts are before the first."""
    is_alone = found is None or _PART.fullmatch(_tidy(found.text))
    asking = [
        each
        for each in words
        if is_readable(each.text) and not _PART.fullmatch(_tidy(each.text))
    ]
    return nearest_left(field, asking, () if is_alone else others, LEFT_OF_TEXT)


def _printed_for(
    field: Rectangle,
    words: Sequence[Printed],
    others: Sequence[Rectangle],
    is_box: bool,
) -> Printed | None:
    if is_box:
        return _nearest_to_box(field, words, others)
    words = [each for each in words if is_readable(each.text)]
    words = [each for each in words if not _REMARK.fullmatch(each.text)] or words
    under = nearest_below(field, words, others)
    if under is not None and (
        under.text.endswith(":")
        or is_right_before_another(under.rectangle, field, others)
    ):
        # What a colon asks for is written after it, not above it.
        under = None
    found = under if under and _is_caption(field, under.rectangle) else None
    found = found or nearest_left(field, words, others, LEFT_OF_TEXT)
    above = nearest_above(field, words, others)
    return found or _nearer(field, above, under)


def _whole(line: Printed, words: Sequence[Printed]) -> list[Printed]:
    """Give a sentence of which a line was found, where its beginning or end stands beside."""
    lines = [line]
    text = line.text
    begins = re.match(r"[a-zà-ÿ(]", text) or text.count(")") > text.count("(")
    before = line_before(line, words) if begins else None
    if before is not None and not before.text.rstrip().endswith((":", ".", "?")):
        lines.insert(0, before)
        text = f"{before.text} {text}"
    after = line_after(line, words)
    if after is not None and (
        text.count("(") > text.count(")") or _ends(line.text, after.text)
    ):
        lines.append(after)
    return lines


def _ends(line: str, after: str) -> bool:
    """Tell whether the next line ends what is asked, as in "N° d'immatriculation / sociale :"."""
    return not _ASKS.search(line) and bool(re.match(r"[a-zà-ÿ].*:\s*$", after))


def in_table(box: Rectangle, words: Sequence[Printed]) -> str:
    """Give what a cell of a table is: the head of its row, and that of its column."""
    row = head_of_row(box, [each for each in words if is_readable(each.text)])
    heads = [_tidy(row.text) if row else "", _tidy(head_of_column(box, words))]
    return " : ".join(each for each in heads if each)


def _nearest_to_box(
    field: Rectangle, words: Sequence[Printed], others: Sequence[Rectangle]
) -> Printed | None:
    """Give the words after a box, or those before it where they are clearly nearer."""
    right = nearest_right(field, words)
    left = nearest_left(field, words, others, BESIDE_BOX)
    if right is None or left is None:
        return right or left
    after = right.rectangle.x - field.right
    return left if field.x - left.rectangle.right + CLEARLY < after else right


def _is_caption(field: Rectangle, words: Rectangle) -> bool:
    """Tell whether words stand centred under a field, as those of a comb do."""
    apart = abs(words.x + words.width / 2 - field.x - field.width / 2)
    return apart <= max(field.width / 8, 4.0) and words.y - field.bottom <= ABOVE / 2


def _nearer(
    field: Rectangle, above: Printed | None, below: Printed | None
) -> Printed | None:
    if above is None or below is None:
        return above or below
    over = abs(field.y - above.rectangle.bottom)
    return above if over <= abs(below.rectangle.y - field.bottom) + CLEARLY else below


def _tidy(text: str) -> str:
    tidy = re.sub(r"[\s:.…_/*]+$", "", text)
    return _shortened(re.sub(r"^[\s.,…_•□☐-]+", "", tidy).strip())


def _shortened(label: str) -> str:
    if len(label) <= LONGEST_LABEL:
        return label
    whole = label[:LONGEST_LABEL].rpartition(" ")[0] or label[: LONGEST_LABEL - 1]
    return whole.rstrip(" ,;:(") + "…"
