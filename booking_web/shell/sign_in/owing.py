# SPDX-License-Identifier: AGPL-3.0-or-later
"""Leads whoever owes a second factor to its page: nothing else is open to them meanwhile."""

from flask import Flask, abort, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from booking_web.shell.forms.sent_forms import HEADER

# What anybody may open, and the way out.
_OPEN_BLUEPRINTS = ("second_factor", "languages", "notices", "security_contact")
_OPEN_ENDPOINTS = ("static", "health", "metrics", "accounts.sign_out")
# Programs show a token there; to no sign-in is anything open.
_OF_PROGRAMS = "/api/"


def set_up_owing(app: Flask) -> None:
    """Close the application to sign-ins that owe a second factor."""

    @app.before_request
    def lead_to_second_factor() -> Response | None:
        endpoint = request.endpoint
        if endpoint in _OPEN_ENDPOINTS or request.blueprint in _OPEN_BLUEPRINTS:
            return None
        if request.path.startswith(_OF_PROGRAMS):
            return None
        if not current_user.is_authenticated or not current_user.owes_second_factor:
            return None
        if HEADER in request.headers:
            # A page of before the sign-in: it keeps what was typed, as if nobody were in.
            abort(401)
        here = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("second_factor.show", next=here), 303)
