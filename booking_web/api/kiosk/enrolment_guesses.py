# SPDX-License-Identifier: AGPL-3.0-or-later
"""Slows down whoever guesses enrolment codes, by place.

An attempt is counted before its code is looked at, so that forty at once are counted like
forty in a row; one whose code is there takes its own count back. There is no limit for all
places together: the secret part of a code is 75 bits, which nobody guesses from however many
places, while with such a limit ten addresses would keep every kiosk of a site out.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from flask_babel import gettext

from booking_web.api.problems import Problem
from booking_web.shell.asking_place import asking_place
from booking_web.shell.rate_limits import DatabaseStorage
from booking_web.shell.services import services

WINDOW_SECONDS = 600
# Whoever types a code errs now and then; thirty kiosks may be set up behind one address.
PER_PLACE = 20


@contextmanager
def counted_guess() -> Iterator[None]:
    """Count the attempt unless what is done with it ends well; ends with 429 if too many."""
    storage = DatabaseStorage(database=services().database)
    key = f"enrolment:place:{asking_place()}"
    if storage.incr(key, WINDOW_SECONDS) > PER_PLACE:
        raise Problem(
            429,
            "too-many-guesses",
            gettext("Trop de codes faux : réessayez dans dix minutes."),
        )
    yield
    storage.incr(key, WINDOW_SECONDS, -1)
