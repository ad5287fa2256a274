# SPDX-License-Identifier: AGPL-3.0-or-later
"""Days as French and English write them."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import Babel

import booking_web
from booking_web.words.dates import (
    brief_date,
    dated_hour,
    day_of,
    long_date,
    near_date,
    short_date,
)

ROOT = Path(booking_web.__file__).parent
# How Babel and browsers are asked for a month by its name.
MONTH_NAMED = re.compile(r"MMM|%B|month: *[\"'](?:long|short)")


@pytest.mark.parametrize(
    ("language", "day", "written"),
    [
        ("fr", date(2026, 12, 1), "mardi 1er décembre 2026"),
        ("fr", date(2026, 12, 11), "vendredi 11 décembre 2026"),
        ("en", date(2026, 12, 1), "Tuesday 1 December 2026"),
    ],
)
def test_a_month_begins_with_its_first(language: str, day: date, written: str) -> None:
    app = Flask(__name__)
    Babel(app, default_locale=language)
    with app.test_request_context():
        assert long_date(day) == written
        assert near_date(day) == written.removesuffix(" 2026")
        assert written.endswith(short_date(day))
        assert brief_date(day).split()[0] == written.split()[1]
        noon = datetime(day.year, day.month, day.day, 12, 5, tzinfo=UTC)
        assert day_of(noon) == short_date(day)
        assert dated_hour(noon, ZoneInfo("Europe/Paris")) == f"{short_date(day)}, 13:05"


def test_months_are_named_in_one_place_alone() -> None:
    named = {
        str(path.relative_to(ROOT))
        for kind in ("py", "html", "js")
        for path in ROOT.rglob(f"*.{kind}")
        if "vendor" not in path.parts and MONTH_NAMED.search(path.read_text())
    }
    # The week's grid is drawn by the browser, and says "1er" too.
    assert named == {"words/dates.py", "static/secretary/week/week.js"}
