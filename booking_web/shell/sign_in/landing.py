# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a person comes to: the page asked for if their role may open it, else their own."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from booking_web.domain.rights.person import RIGHTS_OF, Right
from provisioning.database.models import UserRole

HOMES: Mapping[str, str] = {
    UserRole.SECRETARY: "desk.show",
    UserRole.MANAGER: "manager.show",
    UserRole.COUNSELLOR: "console.home",
    UserRole.ADMINISTRATOR: "administrator.overview",
}
# The right that opens a blueprint's pages. One that is not listed is nobody's destination.
RIGHT_FOR_PAGES: Mapping[str, Right] = {
    "desk": Right.DESK,
    "residents": Right.DESK,
    "waiting": Right.DESK,
    "slips": Right.DESK,
    "messages": Right.DESK,
    "week": Right.DESK,
    "feeds": Right.FEEDS,
    "console": Right.CONSOLE,
    "manager": Right.HOURS,
    "forms_library": Right.FORMS,
    "pictures": Right.PICTURES,
    "own_photo": Right.OWN_PHOTO,
    "administrator": Right.ADMINISTRATION,
    "imports": Right.IMPORTS,
}


def set_up_landing(app: Flask) -> None:
    """Lead whoever opens another role's first page to their own.

    One address is printed for all: it stays the right one for everybody.
    """

    @app.before_request
    def lead_home() -> Response | None:
        endpoint = request.endpoint
        if request.method != "GET" or endpoint not in HOMES.values():
            return None
        if not current_user.is_authenticated or _may_open(current_user.role, endpoint):
            return None
        return redirect(home_of(current_user.role), 303)


def home_of(role: str) -> str:
    """Give the address of the role's own page."""
    return url_for(HOMES[role])


def landing(role: str, wanted: str) -> str:
    """Give the address to go to after the sign-in.

    `wanted` is what was asked for, from wherever it comes: never another site's.
    """
    if not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return home_of(role)
    try:
        endpoint, _values = current_app.url_map.bind("").match(
            urlsplit(wanted).path, method="GET"
        )
    except HTTPException:
        return home_of(role)
    return wanted if _may_open(role, endpoint) else home_of(role)


def _may_open(role: str, endpoint: str | None) -> bool:
    blueprint = (endpoint or "").partition(".")[0]
    return RIGHT_FOR_PAGES.get(blueprint) in RIGHTS_OF[role]
