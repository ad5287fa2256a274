# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives the application the secretary's pages."""

from flask import Flask

from booking_web.pages.secretary import host_kit, opening, own_relays, slip_pages
from booking_web.pages.secretary.desk import (
    actions,
    changes,
    ending,
    help_answers,
    interpreters,
    pages,
    self_tests,
    undo,
)
from booking_web.pages.secretary.desk.words import set_up_desk_words
from booking_web.pages.secretary.messages import pages as messages
from booking_web.pages.secretary.moving import pages as moving
from booking_web.pages.secretary.residents import pages as residents
from booking_web.pages.secretary.waiting import pages as waiting
from booking_web.pages.secretary.week import feed_pages
from booking_web.pages.secretary.week import pages as week
from booking_web.shell.forms.kept_form import has_kept_form

# Their buttons and questions are on the desk's blueprint as soon as they are imported.
ON_THE_DESK = (
    *(actions, changes, ending, help_answers, interpreters, moving, self_tests, undo),
)


def register(app: Flask) -> None:
    """Give the application these pages, and what their templates call."""
    for room in (
        pages,
        residents,
        waiting,
        slip_pages,
        host_kit,
        opening,
        own_relays,
        messages,
        week,
    ):
        app.register_blueprint(room.blueprint)
    feed_pages.set_up_feeds(app)
    set_up_desk_words(app)
    app.jinja_env.globals["has_kept_form"] = has_kept_form
