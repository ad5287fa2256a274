# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the desk's templates call to write telephone numbers, days, hours and pictograms."""

from datetime import date

from flask import Flask
from flask_babel import gettext

from booking_web.domain.residents.telephones import readable_telephone
from booking_web.shell.pictograms import pictogram_or
from booking_web.shell.services import services
from booking_web.words.appointments import wording_of
from booking_web.words.dates import moment, short_date


def born_words(day: date) -> str:
    """Say when a resident was born."""
    return gettext("né(e) le %(day)s", day=short_date(day))


def set_up_desk_words(app: Flask) -> None:
    """Give the templates these functions."""
    app.jinja_env.globals.update(
        born_words=born_words,
        moment=moment,
        right_now=lambda: services().now(),
        pictogram_or=pictogram_or,
        readable_telephone=readable_telephone,
        wording_of=wording_of,
    )
