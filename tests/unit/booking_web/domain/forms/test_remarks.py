# SPDX-License-Identifier: AGPL-3.0-or-later
"""What cannot be drawn as it was written is told, and never silently something else."""

import unicodedata

import pytest

from booking_web.domain.forms.description import Field, FieldKind, LabelSource, Option
from booking_web.domain.forms.remarks import (
    LONGEST,
    Remark,
    RemarkKind,
    remarks_on,
    written,
)
from booking_web.domain.forms.repertoire import LETTERS, composed, strangers


def field(kind: FieldKind, max_length: int = 0, is_editable: bool = False) -> Field:
    return Field(
        key="x",
        kind=kind,
        places=(),
        label="x",
        label_source=LabelSource.NAME,
        max_length=max_length,
        is_editable=is_editable,
        options=(Option("a", "A"),) if kind is FieldKind.CHOICE else (),
    )


TEXT, CHOICE = field(FieldKind.TEXT), field(FieldKind.CHOICE)


@pytest.mark.parametrize(
    "name",
    [
        "Œuvré-Lœtitia d’Yÿ",
        "Łukasz Żółć",
        "Ștefan Țepeș",
        "Gülşen Çağrı",
        "Őri Ű",
        "Đoković",
        "12,50 €",
        "« L'été »",
    ],
)
def test_names_of_europe_are_drawn_as_they_are_written(name) -> None:
    assert strangers(name) == "" and written(TEXT, name) == name
    assert written(TEXT, unicodedata.normalize("NFD", name)) == name


@pytest.mark.parametrize(
    "text, unknown, drawn",
    [
        ("باب", "با", "???"),
        ("a😀b", "😀", "a?b"),
        ("İpek", "İ", "?pek"),
        ("a\0b", "\0", "a?b"),
        ("q\u0301", "\u0301", "q?"),
    ],
)
def test_what_has_no_letter_is_told_and_seen(text, unknown, drawn) -> None:
    assert remarks_on(TEXT, text) == (Remark(RemarkKind.STRANGERS, unknown),)
    assert written(TEXT, text) == drawn


def test_line_ends_are_kept_where_there_are_lines() -> None:
    text = "a\r\nb\rc"
    assert written(field(FieldKind.MULTILINE), text) == "a\nb\nc"
    assert written(TEXT, text) == "a b c"
    assert remarks_on(TEXT, text) == ()


def test_spaces_and_hyphens_that_look_alike_are_the_usual_ones() -> None:
    assert composed("12\u202f000\u2011\tx\u200b") == "12\u00a0000- x"


def test_a_limit_counts_letters_and_not_their_accents() -> None:
    two = field(FieldKind.COMB, max_length=2)
    assert remarks_on(two, "e\u0301e\u0301") == ()
    assert remarks_on(two, "abcde") == (Remark(RemarkKind.TOO_LONG, "3"),)


def test_where_a_form_has_no_limit_there_is_one_all_the_same() -> None:
    text = "a" * (LONGEST + 7)
    assert remarks_on(TEXT, text) == (Remark(RemarkKind.TOO_LONG, "7"),)
    assert len(written(TEXT, text)) == LONGEST


def test_a_choice_is_one_that_the_form_offers() -> None:
    assert remarks_on(CHOICE, "a") == () == remarks_on(CHOICE, "")
    assert remarks_on(CHOICE, "b") == (Remark(RemarkKind.NO_SUCH_CHOICE),)
    open_list = field(FieldKind.CHOICE, is_editable=True)
    assert remarks_on(open_list, "b") == ()


def test_each_letter_has_one_code_and_none_is_left_out_in_silence() -> None:
    assert len(set(LETTERS.values())) == len(LETTERS) <= 252
    assert not {0, 9, 10, 13} & set(LETTERS)


@pytest.mark.parametrize(
    ("value", "is_told"),
    [
        ("24/11/2026", False),
        ("1/2/1950", False),
        ("07031948", False),
        ("7 mars 1948", False),
        ("vers 1948", False),
        # Still being typed.
        ("31/02/19", False),
        ("31/02/1950", True),
        ("13.13.2020", True),
        ("1948-03-07", True),
        ("31021950", True),
    ],
)
def test_a_day_that_there_is_not_is_told(value, is_told) -> None:
    told = remarks_on(field(FieldKind.DATE), value)
    assert told == ((Remark(RemarkKind.NO_DATE),) if is_told else ())
    assert remarks_on(TEXT, value) == ()
