# SPDX-License-Identifier: AGPL-3.0-or-later
"""The site's own application once more, on a world: everything but its ways out and in."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from flask import Flask, redirect, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from booking_web.app import create_app
from booking_web.base.settings import Settings
from booking_web.base.transactions import in_transaction
from booking_web.domain.rights.person import RIGHTS_OF
from booking_web.practice import pages
from booking_web.practice.partner import Stage, play
from booking_web.practice.sheets import play_scanner
from booking_web.practice.trainees import PARTS, part, set_up_trainees, trainee
from booking_web.practice.worlds import World
from booking_web.shell.archive import archive
from booking_web.shell.services import EXTENSION, Services, services, services_of
from booking_web.shell.sign_in.landing import RIGHT_FOR_PAGES
from booking_web.shell.sign_in.session_cookie import cookie_name

COOKIE_SUFFIX = "-exercice"
DOCUMENT_MEGABYTES = 5
# Beside the pages of the parts that are played.
_ALSO_OPEN = frozenset(
    {pages.blueprint.name, "languages", "notices", "filling", "returns", "cv", "duty"}
)
_OPEN_ENDPOINTS = frozenset({"static", "home"})


def create_practice(
    world: World, site: Settings, *, now: Callable[[], datetime]
) -> Flask:
    """Give the application of a world: no setting by which anything leaves it is the site's."""
    app = create_app(practice_settings(world, site), now=now)
    is_secure = site.secure_cookies
    app.config["SESSION_COOKIE_NAME"] = (
        f"{cookie_name(is_secure=is_secure)}{COOKIE_SUFFIX}"
    )
    found: Services = app.extensions[EXTENSION]
    set_up_trainees(app, found.database)
    open_rooms = _open_rooms()

    @app.before_request
    def stay_in_the_parts() -> Response | None:
        if request.endpoint in _OPEN_ENDPOINTS or request.blueprint in open_rooms:
            return None
        # Accounts, programs and kiosks are the site's alone.
        if request.method == "GET":
            return redirect(url_for("practice.show"), 303)
        raise NotFound

    @app.before_request
    def let_the_others_play() -> None:
        if request.endpoint == "static":
            return
        stage = Stage(trainee().world, part())
        database, at = services().database, services().now()
        in_transaction(database, lambda writing: play(writing, stage, at))
        play_scanner(database, archive(), gettext("Page numérisée (exercice)"), at)

    pages.register(app)
    return app


def close_practice(app: Flask) -> None:
    """Leave the database of an application that serves nobody any more."""
    services_of(app).database.dispose()


def practice_settings(world: World, site: Settings) -> Settings:
    """Give the settings of a world: of the site's only how browsers reach it."""
    return Settings(
        database_url=world.database_url,
        # Another for each world: a form that was open before a reset is refused, and so is
        # one of the site's own.
        secret_key=hmac.new(
            site.secret_key.encode(), f"practice {world.stamp}".encode(), hashlib.sha256
        ).hexdigest(),
        secure_cookies=site.secure_cookies,
        trusted_proxies=site.trusted_proxies,
        documents_dir=str(world.documents),
        documents_key_file=str(world.documents_key),
        documents_max_megabytes=min(DOCUMENT_MEGABYTES, site.documents_max_megabytes),
        documents_max_pages=site.documents_max_pages,
        clamd_socket=site.clamd_socket,
    )


def _open_rooms() -> frozenset[str]:
    rights = frozenset().union(*(RIGHTS_OF[each] for each in PARTS))
    rooms = {room for room, right in RIGHT_FOR_PAGES.items() if right in rights}
    return _ALSO_OPEN | rooms
