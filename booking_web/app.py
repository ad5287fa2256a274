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
from werkzeug.wrappers import Response

from booking_web.api.kiosk import screen_views, upload_views, views
from booking_web.api.kiosk.blueprint import set_up_kiosk_api
from booking_web.api.large_bodies import set_up_large_bodies
from booking_web.api.public.application import set_up_booking_api
from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.pages.administrator.pages import set_up_administrator
from booking_web.pages.counsellor import absence as console_absence
from booking_web.pages.counsellor import actions as console_actions
from booking_web.pages.counsellor import changes as console_changes
from booking_web.pages.counsellor import documents as console_documents
from booking_web.pages.counsellor import pages as console_pages
from booking_web.pages.counsellor.upload_gate import set_up_upload_gate

# Importing the buttons, the parts of pages and the API's views adds their routes.
from booking_web.pages.kiosk import screen as kiosk_screen
from booking_web.pages.kiosk.help_key import set_up_kiosk_help
from booking_web.pages.manager import appointments as manager_appointments
from booking_web.pages.manager import import_pages
from booking_web.pages.manager import pages as manager_pages
from booking_web.pages.manager import planning_again as manager_planning_again
from booking_web.pages.manager import rules as manager_rules
from booking_web.pages.secretary import slip_pages
from booking_web.pages.secretary.desk import actions, changes, ending
from booking_web.pages.secretary.desk import help_answers as answers
from booking_web.pages.secretary.desk import pages, undo
from booking_web.pages.secretary.desk.words import set_up_desk_words
from booking_web.pages.secretary.messages import pages as message_pages
from booking_web.pages.secretary.moving import pages as moving
from booking_web.pages.secretary.residents import pages as resident_pages
from booking_web.pages.secretary.waiting import pages as waiting_pages
from booking_web.pages.secretary.week import feed_pages
from booking_web.pages.secretary.week import pages as week_pages
from booking_web.shell import security_contact
from booking_web.shell.archive import set_up_archive
from booking_web.shell.doorbell import Doorbell
from booking_web.shell.error_pages import set_up_error_pages
from booking_web.shell.form_sizes import MAX_FORM_BYTES
from booking_web.shell.kept_form import has_kept_form
from booking_web.shell.languages import set_up_languages
from booking_web.shell.live_parts import seen
from booking_web.shell.security_headers import set_up_security_headers
from booking_web.shell.sent_forms import set_up_sent_forms
from booking_web.shell.services import EXTENSION, Services
from booking_web.shell.sign_in import kiosk_enrolment
from booking_web.shell.sign_in.accounts import set_up_accounts
from booking_web.shell.sign_in.landing import home_of
from booking_web.shell.sign_in.last_sign_in import set_up_last_sign_in
from booking_web.shell.sign_in.session_cookie import cookie_name
from booking_web.shell.trusted_proxies import BelieveProxies, TrustedProxies
from provisioning.database.engine import Database

# Long, because an address changes with the content of its file: see `_name_contents`.
STATIC_SECONDS = 365 * 24 * 3600

__all__ = [
    "actions",
    "answers",
    "console_absence",
    "console_actions",
    "changes",
    "console_changes",
    "console_documents",
    "create_app",
    "ending",
    "manager_appointments",
    "manager_planning_again",
    "manager_rules",
    "moving",
    "undo",
    "screen_views",
    "upload_views",
    "views",
]


def create_app(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Flask:
    """Give the WSGI application; it opens no connection and starts no thread by itself."""
    app = Flask("booking_web")
    secure = settings.secure_cookies
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_SECONDS,
        SESSION_COOKIE_NAME=cookie_name(is_secure=secure),
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # A form lives as long as its session: a secretary may be called away.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.wsgi_app = BelieveProxies(  # type: ignore[method-assign]
        app.wsgi_app, TrustedProxies(settings.trusted_proxies)
    )
    database = Database(settings.database_url)
    app.extensions[EXTENSION] = Services(
        settings=settings,
        database=database,
        doorbell=Doorbell(settings.doorbell),
        now=now,
    )
    set_up_archive(app)
    set_up_upload_gate(app)
    CSRFProtect(app)
    set_up_languages(app)
    set_up_accounts(app, database)
    set_up_last_sign_in(app)
    set_up_security_headers(app, is_https=secure)
    set_up_error_pages(app)
    set_up_sent_forms(app)
    app.register_blueprint(pages.blueprint)
    set_up_desk_words(app)
    app.register_blueprint(resident_pages.blueprint)
    app.register_blueprint(waiting_pages.blueprint)
    app.register_blueprint(slip_pages.blueprint)
    app.register_blueprint(message_pages.blueprint)
    app.register_blueprint(week_pages.blueprint)
    feed_pages.set_up_feeds(app, database)
    app.register_blueprint(kiosk_enrolment.blueprint)
    app.register_blueprint(kiosk_screen.blueprint)
    set_up_kiosk_help(app)
    app.register_blueprint(manager_pages.blueprint)
    set_up_administrator(app)
    app.register_blueprint(console_pages.blueprint)
    set_up_kiosk_api(app)
    set_up_booking_api(app)
    set_up_large_bodies(app)
    app.register_blueprint(import_pages.blueprint)
    app.register_blueprint(security_contact.blueprint)
    app.jinja_env.globals["has_kept_form"] = has_kept_form
    app.jinja_env.filters["seen"] = seen
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

    @cache
    def address_of(filename: str) -> str:
        return url_for("static", filename=filename)

    def address(endpoint: str, **values: Any) -> str:
        """Give an address to a template; that of a pictogram is written hundreds of times."""
        if endpoint == "static" and values.keys() == {"filename"}:
            return address_of(values["filename"])
        return url_for(endpoint, **values)

    app.jinja_env.globals["url_for"] = address


def _add_small_routes(app: Flask, database: Database) -> None:
    @app.get("/")
    def home() -> Response:
        if current_user.is_authenticated:
            return redirect(home_of(current_user.role), 303)
        return redirect(url_for("accounts.sign_in"), 303)

    @app.get("/sante")
    def health() -> tuple[dict[str, str], int]:
        """Tell a supervisor whether pages can be served."""
        with database.read() as session:
            session.execute(text("SELECT 1 FROM appointment WHERE id = 0"))
        return {"status": "ok"}, 200
