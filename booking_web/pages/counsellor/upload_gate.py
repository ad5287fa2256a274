# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may send a document is settled before a byte of it is read.

The token of a form lies in its body: to check it, the body is read, and a large one kept on
the disk. What needs no body comes first, for this one large form.
"""

from flask import Flask, abort, request
from flask_login import current_user
from werkzeug.wrappers import Response

from booking_web.domain.rights.person import Right
from booking_web.shell.services import services
from booking_web.shell.signed_in import sign_in_first, signed_in

UPLOAD = "console.upload"
# What browsers say of a request that a page of ours, or the person alone, has made (W3C,
# Fetch Metadata); old ones say nothing.
_OURS = (None, "same-origin", "none")


def set_up_upload_gate(app: Flask) -> None:
    """Give the application the gate; the check of forms' tokens is set up after it."""
    app.before_request(_check_before_the_body)


def _check_before_the_body() -> Response | None:
    if request.endpoint != UPLOAD:
        return None
    if not current_user.is_authenticated:
        return sign_in_first()
    if request.headers.get("Sec-Fetch-Site") not in _OURS:
        abort(400)
    with services().database.read() as session:
        appointment_id = (request.view_args or {})["appointment_id"]
        signed_in(Right.CONSOLE).appointment(session, appointment_id)
    return None
