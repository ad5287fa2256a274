# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lets those into the desk's other pages who work at a desk."""

from flask_login import current_user
from werkzeug.wrappers import Response

from booking_web.shell.sign_in.sign_in_first import sign_in_first
from booking_web.shell.viewer import viewer


def desk_only() -> Response | None:
    """Send strangers to the sign-in, refuse (403) other roles; for `before_request`."""
    if not current_user.is_authenticated:
        return sign_in_first()
    viewer()
    return None
