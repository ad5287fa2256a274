# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts the web application together."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, redirect, url_for
from flask_login import current_user
from flask_wtf import CSRFProtect
from sqlalchemy import text
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

# Importing the buttons, the streams and the API's views adds their routes.
from booking_web import kiosk_screen
from booking_web.accounts import set_up_accounts
from booking_web.calendars import feed_pages, week_pages
from booking_web.console import actions as console_actions
from booking_web.console import documents as console_documents
from booking_web.console import pages as console_pages
from booking_web.console import stream as console_stream
from booking_web.desk import actions, ending, moving, pages, stream
from booking_web.desk.kept_form import has_kept_form
from booking_web.desk.words import set_up_desk_words
from booking_web.documents.service import set_up_archive
from booking_web.doorbell import Doorbell
from booking_web.error_pages import set_up_error_pages
from booking_web.imports import pages as import_pages
from booking_web.kiosk_api import screen_views, upload_views, views
from booking_web.kiosk_api.blueprint import set_up_kiosk_api
from booking_web.languages import set_up_languages
from booking_web.live import LiveEvents
from booking_web.manager import pages as manager_pages
from booking_web.manager import planning_again as manager_planning_again
from booking_web.manager import rules as manager_rules
from booking_web.messages import pages as message_pages
from booking_web.public_api.application import set_up_booking_api
from booking_web.readiness import answers
from booking_web.readiness.pages import set_up_kiosk_help
from booking_web.residents import pages as resident_pages
from booking_web.security_headers import set_up_security_headers
from booking_web.services import EXTENSION, Services, utc_now
from booking_web.settings import Settings
from booking_web.slips import pages as slip_pages
from booking_web.waiting import pages as waiting_pages
from provisioning.database import Database
from provisioning.models import UserRole

MAX_FORM_BYTES = 512 * 1024
DEFAULT_MAX_STREAMS = 56
# Long, because an address changes with the content of its file: see `_name_contents`.
STATIC_SECONDS = 365 * 24 * 3600

__all__ = [
    "actions",
    "answers",
    "console_actions",
    "console_documents",
    "console_stream",
    "create_app",
    "ending",
    "manager_planning_again",
    "manager_rules",
    "moving",
    "stream",
    "screen_views",
    "upload_views",
    "views",
]


def create_app(
    settings: Settings,
    *,
    max_streams: int = DEFAULT_MAX_STREAMS,
    now: Callable[[], datetime] = utc_now,
) -> Flask:
    """Give the WSGI application; it opens no connection and starts no thread by itself.

    `max_streams` is how many live pages this process may serve at once.
    """
    app = Flask("booking_web")
    secure = settings.secure_cookies
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_SECONDS,
        # The prefix makes browsers refuse such a cookie from a neighbouring host.
        SESSION_COOKIE_NAME="__Host-guichet" if secure else "guichet",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=secure,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        # A form lives as long as its session: a secretary may be called away.
        WTF_CSRF_TIME_LIMIT=None,
    )
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=1, x_proto=1, x_host=1
        )
    database = Database(settings.database_url)
    app.extensions[EXTENSION] = Services(
        settings=settings,
        database=database,
        doorbell=Doorbell(settings.doorbell),
        live=LiveEvents(database, max_streams),
        now=now,
    )
    set_up_archive(app)
    CSRFProtect(app)
    set_up_languages(app)
    set_up_accounts(app, database)
    set_up_security_headers(app, is_https=secure)
    set_up_error_pages(app)
    app.register_blueprint(pages.blueprint)
    set_up_desk_words(app)
    app.register_blueprint(resident_pages.blueprint)
    app.register_blueprint(waiting_pages.blueprint)
    app.register_blueprint(slip_pages.blueprint)
    app.register_blueprint(message_pages.blueprint)
    app.register_blueprint(week_pages.blueprint)
    feed_pages.set_up_feeds(app, database)
    app.register_blueprint(kiosk_screen.blueprint)
    set_up_kiosk_help(app)
    app.register_blueprint(manager_pages.blueprint)
    app.register_blueprint(console_pages.blueprint)
    set_up_kiosk_api(app)
    set_up_booking_api(app)
    app.register_blueprint(import_pages.blueprint)
    app.jinja_env.globals["has_kept_form"] = has_kept_form
    _name_contents(app)
    _add_small_routes(app, database)
    return app


def _name_contents(app: Flask) -> None:
    """Put a digest into each static address, so that an upgrade shows at once."""
    folder = Path(str(app.static_folder))

    @cache
    def digest_of(filename: str) -> str:
        return hashlib.sha256((folder / filename).read_bytes()).hexdigest()[:12]

    @app.url_defaults
    def add_digest(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["v"] = digest_of(values["filename"])


def _add_small_routes(app: Flask, database: Database) -> None:
    @app.get("/")
    def home() -> Response:
        role = getattr(current_user, "role", "")
        pages_of: dict[str, str] = {
            UserRole.COUNSELLOR: "console.home",
            UserRole.MANAGER: "manager.show",
        }
        return redirect(url_for(pages_of.get(role, "desk.show")), 303)

    @app.get("/sante")
    def health() -> tuple[dict[str, str], int]:
        """Tell a supervisor whether pages can be served."""
        with database.read() as session:
            session.execute(text("SELECT 1 FROM appointment WHERE id = 0"))
        return {"status": "ok"}, 200
