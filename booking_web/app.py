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
from jinja2 import StrictUndefined
from werkzeug.wrappers import Response

from booking_web.api.kiosk import routes as kiosk_api
from booking_web.api.large_bodies import set_up_large_bodies
from booking_web.api.metrics import views as metrics
from booking_web.api.problems import API, problem
from booking_web.api.public import routes as booking_api
from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.pages.administrator import pages as administrator
from booking_web.pages.counsellor import routes as counsellor
from booking_web.pages.guest import routes as guest
from booking_web.pages.kiosk import routes as kiosk
from booking_web.pages.manager import routes as manager
from booking_web.pages.notices import routes as notices
from booking_web.pages.oversight import board
from booking_web.pages.oversight.journal import routes as journal
from booking_web.pages.oversight.rights import routes as file_rights
from booking_web.pages.oversight.statistics import routes as statistics
from booking_web.pages.oversight.wall import routes as wall
from booking_web.pages.secretary import routes as secretary
from booking_web.shell.archive import set_up_archive
from booking_web.shell.cv_services import set_up_cv_services
from booking_web.shell.doorbell import Doorbell
from booking_web.shell.error_pages import set_up_error_pages
from booking_web.shell.form_services import set_up_form_services
from booking_web.shell.forms.form_sizes import MAX_FORM_BYTES
from booking_web.shell.forms.sent_forms import set_up_sent_forms
from booking_web.shell.forms.sent_pictures import set_up_picture_gate
from booking_web.shell.framed import is_framed
from booking_web.shell.journal_origin import set_up_journal_origin
from booking_web.shell.languages import set_up_languages
from booking_web.shell.live_parts import seen
from booking_web.shell.paper_maker import set_up_paper_maker
from booking_web.shell.practising import set_up_practising
from booking_web.shell.readings import set_up_readings
from booking_web.shell.row_converter import RowConverter
from booking_web.shell.scan_services import set_up_scan_services
from booking_web.shell.sent_text import TextRequest
from booking_web.shell.services import EXTENSION, Services
from booking_web.shell.sign_in.accounts import set_up_accounts
from booking_web.shell.sign_in.landing import home_of
from booking_web.shell.sign_in.last_sign_in import set_up_last_sign_in
from booking_web.shell.sign_in.session_cookie import cookie_name
from booking_web.shell.site import security_contact
from booking_web.shell.site.health import OK, health_of
from booking_web.shell.site.security_headers import set_up_security_headers
from booking_web.shell.site.territory import set_up_territory
from booking_web.shell.site.trusted_proxies import BelieveProxies, TrustedProxies
from provisioning.database.engine import Database

# Long, because an address changes with the content of its file: see `_name_contents`.
STATIC_SECONDS = 365 * 24 * 3600

# Each room of pages, and each API, gives the application what it has.
ROOMS = (
    secretary,
    counsellor,
    manager,
    kiosk,
    guest,
    administrator,
    board,
    wall,
    notices,
    statistics,
    journal,
    file_rights,
    kiosk_api,
    booking_api,
    metrics,
)


def create_app(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Flask:
    """Give the WSGI application; it opens no connection and starts no thread by itself."""
    app = Flask("booking_web")
    app.request_class = TextRequest
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
        # What a page shows that was open before an older copy of the database came back may
        # not be so any more.
        WTF_CSRF_SECRET_KEY=f"{settings.secret_key}{settings.restored_at or ''}",
    )
    app.wsgi_app = BelieveProxies(  # type: ignore[method-assign]
        app.wsgi_app, TrustedProxies(settings.trusted_proxies)
    )
    database = Database(settings.database_url, signing_key=settings.secret_key)
    app.extensions[EXTENSION] = Services(
        settings=settings,
        database=database,
        doorbell=Doorbell(settings.doorbell),
        now=now,
    )
    set_up_archive(app)
    set_up_territory(app)
    set_up_form_services(app)
    set_up_paper_maker(app)
    set_up_scan_services(app)
    set_up_cv_services(app)
    counsellor.set_up_upload_gate(app)
    manager.set_up_library_gate(app)
    set_up_picture_gate(app)
    CSRFProtect(app)
    set_up_languages(app)
    set_up_journal_origin(app)
    set_up_accounts(app, database)
    set_up_last_sign_in(app)
    set_up_readings(app)
    set_up_security_headers(app, is_https=secure)
    set_up_error_pages(app, {API: problem})
    set_up_sent_forms(app)
    app.url_map.converters["int"] = RowConverter
    for room in ROOMS:
        room.register(app)
    set_up_large_bodies(app)
    app.register_blueprint(security_contact.blueprint)
    # A name that a template misspells is an error, and no empty place.
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters["seen"] = seen
    app.jinja_env.globals["is_framed"] = is_framed
    set_up_practising(app)
    _name_contents(app)
    _add_small_routes(app, database, now)
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


def _add_small_routes(
    app: Flask, database: Database, now: Callable[[], datetime]
) -> None:
    @app.get("/")
    def home() -> Response:
        if current_user.is_authenticated:
            return redirect(home_of(current_user.role), 303)
        return redirect(url_for("accounts.sign_in"), 303)

    @app.get("/sante")
    def health() -> tuple[dict[str, str], int]:
        """Tell a supervisor whether pages can be served and kiosks be called."""
        found = health_of(database, now())
        return found, 200 if found["status"] == OK else 503
