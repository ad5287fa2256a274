# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is signed in: Flask-Login on the rows of `web_session`, and nothing else.

The session's cookie is the only way in to the pages: no token in an address, no header, no
cookie that remembers.
"""

import structlog
from flask import Flask
from flask_login import LoginManager
from sqlalchemy.exc import OperationalError

from booking_web.domain.rights.web_sessions import SignedIn, is_alive, note_seen
from booking_web.shell.sign_in import own_account, passwords, second_factor, second_step
from booking_web.shell.sign_in import pages as sign_in
from booking_web.shell.sign_in.landing import set_up_landing
from booking_web.shell.sign_in.owing import set_up_owing
from booking_web.shell.sign_in.provider import pages as provider
from booking_web.shell.sign_in.session_cookie import COOKIE_LIFETIME
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)


class SessionOnly(LoginManager):
    """Flask-Login without its other ways in."""

    def _load_user_from_remember_cookie(self, cookie: str) -> None:
        """Believe no cookie but the session's."""

    def _load_user_from_header(self, header: str) -> None:
        """Believe no header."""


def set_up_accounts(app: Flask, database: Database) -> None:
    """Give the application its sign-in and sign-out."""
    app.config.update(
        PERMANENT_SESSION_LIFETIME=COOKIE_LIFETIME,
        # Only what changes the cookie sets it: the answer to a request that was sent before
        # another one's must not bring the former content back.
        SESSION_REFRESH_EACH_REQUEST=False,
        # Flask-Login would write it with each change of a browser's address.
        SESSION_PROTECTION=None,
    )
    manager = SessionOnly(app)

    def load(key: str) -> SignedIn | None:
        person = is_alive(database, key)
        if person is not None:
            _note_seen(database, person)
        return person

    manager.user_loader(load)
    set_up_owing(app)
    set_up_landing(app)
    for each in (
        *(sign_in, second_step, provider, passwords),
        *(own_account, second_factor),
    ):
        app.register_blueprint(each.blueprint)


def _note_seen(database: Database, person: SignedIn) -> None:
    try:
        note_seen(database, person)
    except OperationalError:
        # The next request will write it: no reader is refused for it.
        logger.warning("use of a session not noted")
