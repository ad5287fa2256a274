# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the desk's templates call to write telephone numbers, hours and pictograms."""

from flask import Flask

from booking_web.desk.booking import moment
from booking_web.pictograms import pictogram_or
from booking_web.residents.telephones import readable_telephone
from booking_web.services import services
from booking_web.wording import wording_of


def set_up_desk_words(app: Flask) -> None:
    """Give the templates these functions."""
    app.jinja_env.globals.update(
        moment=moment,
        right_now=lambda: services().now(),
        pictogram_or=pictogram_or,
        readable_telephone=readable_telephone,
        wording_of=wording_of,
    )
