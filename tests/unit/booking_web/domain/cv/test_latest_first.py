# SPDX-License-Identifier: AGPL-3.0-or-later
"""A CV's experiences in the order of their dates, however those are told."""

from itertools import permutations

import pytest

from booking_web.domain.cv.content import CvContent, Entry, Section
from booking_web.domain.cv.latest_first import is_dated, on_paper


def cv_of(section: Section, *entries: dict[str, str]) -> CvContent:
    numbered = [Entry(number, each) for number, each in enumerate(entries, start=1)]
    return CvContent(entries={section: tuple(numbered)})


def titles(content: CvContent, section: Section = Section.EXPERIENCE) -> list[str]:
    return [each["title"] for each in on_paper(content).of(section)]


def job(title: str, start: str = "", end: str = "") -> dict[str, str]:
    return {"title": title, "start": start, "end": end}


def test_whichever_order_it_is_told_in_the_latest_comes_first() -> None:
    jobs = [
        job("now", "mars 2021", "aujourd'hui"),
        job("before", "2019", "fév. 2021"),
        job("first", "2010", "2018"),
    ]
    for told in permutations(jobs):
        content = cv_of(Section.EXPERIENCE, *told)
        assert titles(content) == ["now", "before", "first"]


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        (("2019", "en cours"), ("2020", "2024")),
        (("depuis 2015", ""), ("2020", "2024")),
        (("2015", "à ce jour"), ("2020", "2024")),
        (("", "décembre 2020"), ("", "novembre 2020")),
        (("", "12/2020"), ("", "11/2020")),
        (("", "01/03/2020"), ("", "28/02/2020")),
        (("", "2020-03"), ("", "2020-02")),
        (("", "août 2020"), ("", "juil. 2020")),
        (("", "juin 2020"), ("", "mai 2020")),
        (("été 2021", ""), ("mars 2020", "")),
        (("2019", "2020"), ("2018", "2020")),
        (("", "2020"), ("1998", "")),
    ],
)
def test_dates_are_read_as_people_tell_them(
    later: tuple[str, str], earlier: tuple[str, str]
) -> None:
    content = cv_of(Section.EXPERIENCE, job("b", *earlier), job("a", *later))
    assert titles(content) == ["a", "b"]


def test_what_has_no_date_stays_behind_what_it_was_told_after() -> None:
    content = cv_of(
        Section.EXPERIENCE,
        job("being written"),
        job("old", "2001"),
        job("beside the old one", "il y a longtemps"),
        job("new", "2020"),
    )
    assert titles(content) == ["being written", "new", "old", "beside the old one"]
    assert [is_dated(each) for each in content.of(Section.EXPERIENCE)] == [
        *(False, True, False, True)
    ]


def test_of_equal_dates_the_order_is_the_told_one() -> None:
    content = cv_of(Section.EXPERIENCE, job("a", "2020"), job("b", "2020"))
    assert titles(content) == ["a", "b"]


def test_trainings_have_one_year_and_languages_keep_their_order() -> None:
    trainings = ({"title": "CAP", "year": "1998"}, {"title": "BTS", "year": "2004"})
    content = cv_of(Section.TRAINING, *trainings)
    assert titles(content, Section.TRAINING) == ["BTS", "CAP"]
    languages = cv_of(Section.LANGUAGE, {"name": "anglais"}, {"name": "arabe 2020"})
    assert on_paper(languages) == languages
