# SPDX-License-Identifier: AGPL-3.0-or-later
"""Slows down whoever guesses enrolment codes, by place and all together.

An attempt is counted before its code is looked at, so that forty at once are counted like
forty in a row; one whose code is there takes its own count back.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request
from flask_babel import gettext

from booking_web.api.problems import Problem
from booking_web.domain.rights.known_places import place_of
from booking_web.shell.rate_limits import DatabaseStorage
from booking_web.shell.services import services

WINDOW_SECONDS = 600
# Whoever types a code errs now and then; thirty kiosks may be set up behind one address.
PER_PLACE = 20
ALL_TOGETHER = 200


@contextmanager
def counted_guess() -> Iterator[None]:
    """Count the attempt unless what is done with it ends well; ends with 429 if too many."""
    storage = DatabaseStorage(database=services().database)
    limits = {
        f"enrolment:place:{place_of(request.remote_addr)}": PER_PLACE,
        "enrolment:all": ALL_TOGETHER,
    }
    for key, most in limits.items():
        if storage.incr(key, WINDOW_SECONDS) > most:
            raise Problem(
                429,
                "too-many-guesses",
                gettext("Trop de codes faux : réessayez dans dix minutes."),
            )
    yield
    for key in limits:
        storage.incr(key, WINDOW_SECONDS, -1)
