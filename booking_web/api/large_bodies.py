# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tells the front who may send a body that is larger than a form, before it reads it."""

from flask import Flask, Response, abort
from flask_login import current_user

from booking_web.api.kiosk.access import asking_kiosk


def set_up_large_bodies(app: Flask) -> None:
    """Give the application the address that the front alone asks."""
    app.add_url_rule("/depot", view_func=_may_send)


def _may_send() -> Response:
    """Answer 204 to a person who is signed in and to a kiosk, 401 to anybody else."""
    if current_user.is_authenticated or asking_kiosk() is not None:
        return Response(status=204)
    abort(401)
