# SPDX-License-Identifier: AGPL-3.0-or-later
"""Days as French and English write them."""

from datetime import date

import pytest
from flask import Flask
from flask_babel import Babel

from booking_web.words.dates import brief_date, long_date, near_date, short_date


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
