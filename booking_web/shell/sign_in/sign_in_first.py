# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sends a stranger to the sign-in, and back to the page that was asked for."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from booking_web.shell.kept_form import keep_typed_form


def sign_in_first() -> Response:
    """Redirect to the sign-in, keeping a typed booking form."""
    if request.endpoint == "desk.book":
        keep_typed_form()
    here = request.full_path if request.method == "GET" else url_for("desk.show")
    return redirect(url_for("accounts.sign_in", next=here.rstrip("?")), 303)
