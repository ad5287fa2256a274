# SPDX-License-Identifier: AGPL-3.0-or-later
"""A CV's content: written, moved about, refused, and the same again from what is stored."""

import json

import pytest

from booking_web.domain.cv.content import (
    LINE_LENGTH,
    MOST_ENTRIES,
    TEXT_LENGTH,
    CvContent,
    Section,
    with_entry,
    with_entry_back,
    with_entry_moved,
    with_value,
    without_entry,
)
from booking_web.domain.cv.errors import CvNotText, CvTooLong, UnknownCvField

JOB = Section.EXPERIENCE


def jobs(*titles: str) -> CvContent:
    """Give a CV with these jobs, the first one on top."""
    content = CvContent()
    for title in reversed(titles):
        content = with_entry(content, JOB)
        number = content.of(JOB)[0].number
        content = with_value(content, f"experience.{number}.title", title)
    return content


def titles(content: CvContent) -> list[str]:
    return [each["title"] for each in content.of(JOB)]


def test_the_newest_job_stands_on_top_and_the_newest_language_at_the_end() -> None:
    content = jobs("Caissière", "Vendeuse")
    assert titles(with_entry(content, JOB)) == ["", "Caissière", "Vendeuse"]
    content = with_value(with_entry(content, Section.LANGUAGE), "language.3.name", "a")
    content = with_entry(content, Section.LANGUAGE)
    assert [each["name"] for each in content.of(Section.LANGUAGE)] == ["a", ""]


def test_one_empty_entry_is_enough() -> None:
    content = with_entry(with_entry(CvContent(), JOB), JOB)
    assert len(content.of(JOB)) == 1


@pytest.mark.parametrize(
    ("number", "by", "order"),
    [
        (3, 1, ["b", "a", "c"]),
        (1, -1, ["a", "c", "b"]),
        (3, -1, ["a", "b", "c"]),
        (1, 1, ["a", "b", "c"]),
    ],
)
def test_an_entry_moves_among_the_others_and_never_beyond(number, by, order) -> None:
    content = jobs("a", "b", "c")
    assert titles(with_entry_moved(content, JOB, number, by)) == order


def test_what_was_taken_away_comes_back_where_it_was() -> None:
    content = without_entry(jobs("a", "b", "c"), JOB, 2)
    assert titles(content) == ["a", "c"]
    assert titles(with_entry_back(content)) == ["a", "b", "c"]
    # Once; and a number is never given again.
    assert with_entry_back(with_entry_back(content)) == with_entry_back(content)
    assert with_entry(content, JOB).of(JOB)[0].number == 4


def test_an_empty_entry_that_is_taken_away_does_not_stand_in_the_way() -> None:
    content = without_entry(jobs("a", "b"), JOB, 1)
    emptied = with_entry(content, JOB)
    content = without_entry(emptied, JOB, emptied.of(JOB)[0].number)
    assert titles(with_entry_back(content)) == ["a", "b"]


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        ("name", "x" * (LINE_LENGTH + 1), CvTooLong),
        ("summary", "x" * (TEXT_LENGTH + 1), CvTooLong),
        ("name", "a\0b", CvNotText),
        ("name", "\ud800", CvNotText),
        ("layout", "gothic", UnknownCvField),
        ("salary", "x", UnknownCvField),
        ("experience.9.title", "x", UnknownCvField),
        ("experience.1.salary", "x", UnknownCvField),
        ("experience.x.title", "x", UnknownCvField),
        ("experience", "x", UnknownCvField),
        ("", "x", UnknownCvField),
    ],
)
def test_what_a_cv_does_not_take_is_refused(key, value, error) -> None:
    with pytest.raises(error):
        with_value(jobs("a"), key, value)


def test_there_is_an_end_to_entries() -> None:
    content = jobs(*(f"Poste {each}" for each in range(MOST_ENTRIES)))
    with pytest.raises(CvTooLong):
        with_entry(content, JOB)


def test_what_is_stored_is_what_was_written() -> None:
    content = without_entry(jobs("Œuvrière 😀", "محمد"), JOB, 1)
    content = with_value(content, "layout", "columns")
    stored = json.loads(json.dumps(content.to_json()))
    assert CvContent.from_json(stored) == content
    assert "Œ" not in repr(content)


def test_an_empty_cv_is_one_whose_look_alone_was_chosen() -> None:
    assert with_value(CvContent(), "layout", "columns").is_empty
    assert with_entry(CvContent(), JOB).is_empty
    assert not with_value(CvContent(), "name", "A").is_empty
