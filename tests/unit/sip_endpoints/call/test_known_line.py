# SPDX-License-Identifier: AGPL-3.0-or-later
"""A line whose rate somebody wrote down: no more than its share is ever sent over it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip_endpoints.call.known_line import SMALL_KBPS, USED_SHARE, KnownLine
from sip_endpoints.call.ladder import Ladder, Rung, rungs_of
from sip_endpoints.call.line_keeper import LineKeeper
from sip_endpoints.call.line_report import READS_MOST, LineReport, read_report
from sip_endpoints.call.losses import Loss
from sip_endpoints.call.sent_pictures import SentPictures
from sip_endpoints.settings import Picture
from tests.unit.sip_endpoints.call.test_line_keeper import (
    CALL,
    Course,
    pictures,
    reports,
)
from tests.unit.sip_endpoints.fake_phone import FakePhone

FULL = Picture(560, 640, 360, 20)
# Below it the smallest picture does not fit into its share.
LEAST_FOR_PICTURE = 210


def begun(phone: FakePhone, known: KnownLine, *, reports_first: bool = False) -> Course:
    line = LineKeeper(
        phone,
        SentPictures(phone, FULL, known, begins_small=False),
        reports_first=reports_first,
    )
    line.begin(CALL, 0.0)
    return Course(line)


@given(st.integers(64, 1_000_000))
def test_a_call_begins_with_what_fits_into_its_share(kbps: int) -> None:
    fitting = KnownLine(up_kbps=kbps).fitting(FULL)
    assert SMALL_KBPS <= fitting.bitrate_kbps <= FULL.bitrate_kbps
    if kbps >= LEAST_FOR_PICTURE:
        assert Rung(fitting).total_kbps <= USED_SHARE * kbps + 1
    assert KnownLine().fitting(FULL) == FULL


@given(
    st.integers(64, 2_000),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 200)), max_size=400),
)
def test_whatever_comes_no_more_is_sent(
    most: int, course: list[tuple[float, int]]
) -> None:
    """Not when nothing is lost for long either: nothing is tried beyond it."""
    ladder = Ladder(rungs_of(FULL), 0.0, 1, most)
    for now, (share, sent) in enumerate(course):
        ladder.look(float(now), [Loss(share * sent, sent)])
        assert ladder.rung.total_kbps <= most or ladder.rung.picture is None


def test_a_line_that_is_well_is_not_tried_beyond_its_share(phone: FakePhone) -> None:
    course = begun(phone, KnownLine(up_kbps=400))
    course.run(900)
    assert course.line.to_json()["rung"] == 0
    assert course.line.to_json()["sent_kbps"] == 203
    assert phone.orders == []


def test_where_only_sound_fits_no_picture_is_sent_from_the_start(
    phone: FakePhone,
) -> None:
    course = begun(phone, KnownLine(up_kbps=LEAST_FOR_PICTURE - 10))
    assert pictures(phone) == [None]
    course.run(8)
    assert pictures(phone) == [None]


def test_the_counsellors_telephone_is_told_at_once_what_comes_over_the_line(
    phone: FakePhone,
) -> None:
    course = begun(phone, KnownLine(down_kbps=500))
    assert course.line.take_text(0.1, READS_MOST)
    assert course.line.take_text(0.1, LineReport(0, 0, 0).to_text())
    course.run(1)
    [told] = reports(phone)
    report = read_report(told)
    assert report is not None
    assert report.most_kbps == 350


def test_it_asks_often_until_it_is_answered_and_sends_no_more_than_it_is_told(
    phone: FakePhone,
) -> None:
    course = begun(phone, KnownLine(), reports_first=True)
    course.run(2)
    assert len(reports(phone)) == 2
    course.line.take_text(2.0, LineReport(0, 20, 600, 350).to_text())
    [picture] = pictures(phone)
    assert Rung(picture).total_kbps <= 350
    course.run(900)
    assert all(Rung(each).total_kbps <= 350 for each in pictures(phone))


def test_who_does_not_answer_is_asked_less_often_after_a_while(
    phone: FakePhone,
) -> None:
    course = begun(phone, KnownLine(), reports_first=True)
    course.run(6)
    asked = len(reports(phone))
    course.run(10)
    assert len(reports(phone)) - asked == 5


@pytest.mark.parametrize(
    "text",
    [
        "guichet-line/1 loss=0 pictures=20 kbps=600 most=",
        "guichet-line/1 loss=0 pictures=20 kbps=600 most=-1",
        "guichet-line/1 loss=0 pictures=20 kbps=600 most=9999999",
        "guichet-line/1 loss=0 pictures=20 kbps=600most=350",
    ],
)
def test_what_is_no_report_limits_nothing(phone: FakePhone, text: str) -> None:
    course = begun(phone, KnownLine(), reports_first=True)
    course.line.take_text(1.0, text)
    assert phone.orders == []
