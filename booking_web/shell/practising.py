# SPDX-License-Identifier: AGPL-3.0-or-later
"""What templates ask about practising: whether this page does, and where one may.

The site's own pages practise nothing. The practice (booking_web.practice) is the same
application on another database, below PREFIX, and answers otherwise.
"""

from flask import Flask

PREFIX = "/exercice"


def set_up_practising(app: Flask) -> None:
    """Give the templates their answers: this is the site, and nobody may practise yet."""
    app.jinja_env.globals |= {"practising": False, "practice_address": ""}


def offer_practice(app: Flask) -> None:
    """Have the site's pages lead to its practice."""
    app.jinja_env.globals["practice_address"] = f"{PREFIX}/consignes"


def mark_as_practice(app: Flask) -> None:
    """Have every page of this application say that it is practice."""
    app.jinja_env.globals["practising"] = True
