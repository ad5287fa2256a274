# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a person comes to: the page asked for if their role may open it, else their own."""

from collections.abc import Mapping

from flask import Flask, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from booking_web.domain.rights.person import RIGHTS_OF, Right
from booking_web.shell.site.own_path import own_page
from provisioning.database.models import UserRole

HOMES: Mapping[str, str] = {
    UserRole.SECRETARY: "desk.show",
    UserRole.MANAGER: "manager.show",
    UserRole.COUNSELLOR: "console.home",
    UserRole.SUPERVISOR: "figures.show",
    UserRole.OFFICER: "journal.show",
    UserRole.ADMINISTRATOR: "administrator.overview",
}
# The right that opens a blueprint's pages. One that is not listed is nobody's destination.
RIGHT_FOR_PAGES: Mapping[str, Right] = {
    "desk": Right.DESK,
    "own_relays": Right.DESK,
    "residents": Right.DESK,
    "waiting": Right.DESK,
    "slips": Right.DESK,
    "host_kit": Right.DESK,
    "opening": Right.DESK,
    "messages": Right.DESK,
    "week": Right.DESK,
    "feeds": Right.FEEDS,
    "console": Right.CONSOLE,
    "filling": Right.FILLING,
    "cv": Right.FILLING,
    "returns": Right.FILLING,
    "call_desk": Right.TELEPHONE,
    "manager": Right.HOURS,
    "forms_library": Right.FORMS,
    "pictures": Right.PICTURES,
    "own_photo": Right.OWN_PHOTO,
    "administrator": Right.ADMINISTRATION,
    "board": Right.BOARD,
    "displays": Right.DISPLAYS,
    "journal": Right.JOURNAL,
    "file_rights": Right.RESIDENTS_RIGHTS,
    "imports": Right.IMPORTS,
    "figures": Right.FIGURES,
}
# What is about oneself: anybody's destination.
_OWN_PAGES = ("own_account.show", "second_factor.show", "passwords.change")


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
    page = own_page(wanted)
    if page is None or not _may_open(role, page.endpoint):
        return home_of(role)
    return page.address


def _may_open(role: str, endpoint: str | None) -> bool:
    blueprint = (endpoint or "").partition(".")[0]
    is_own = endpoint in _OWN_PAGES
    return is_own or RIGHT_FOR_PAGES.get(blueprint) in RIGHTS_OF[role]
