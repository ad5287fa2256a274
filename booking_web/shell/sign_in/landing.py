# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a person comes to: the page asked for if their role may open it, else their own."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from provisioning.database.models import UserRole

_SECRETARY = UserRole.SECRETARY
_MANAGER = UserRole.MANAGER
_COUNSELLOR = UserRole.COUNSELLOR
_ADMINISTRATOR = UserRole.ADMINISTRATOR

HOMES: Mapping[str, str] = {
    _SECRETARY: "desk.show",
    _MANAGER: "manager.show",
    _COUNSELLOR: "console.home",
    _ADMINISTRATOR: "administrator.overview",
}
# Which roles have pages under a blueprint. One that is not listed is nobody's destination.
ROLES_OF_PAGES: Mapping[str, frozenset[str]] = {
    "desk": frozenset({_SECRETARY, _ADMINISTRATOR}),
    "residents": frozenset({_SECRETARY, _ADMINISTRATOR}),
    "waiting": frozenset({_SECRETARY, _ADMINISTRATOR}),
    "slips": frozenset({_SECRETARY, _ADMINISTRATOR}),
    "messages": frozenset({_SECRETARY, _ADMINISTRATOR}),
    "week": frozenset({_SECRETARY, _ADMINISTRATOR}),
    "feeds": frozenset({_SECRETARY, _MANAGER, _ADMINISTRATOR}),
    "console": frozenset({_COUNSELLOR, _SECRETARY, _ADMINISTRATOR}),
    "manager": frozenset({_MANAGER}),
    "administrator": frozenset({_ADMINISTRATOR}),
    "imports": frozenset({_MANAGER, _ADMINISTRATOR}),
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
    return role in ROLES_OF_PAGES.get(blueprint, frozenset())
