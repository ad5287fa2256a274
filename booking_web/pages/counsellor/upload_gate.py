# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may send a document is settled before a byte of it is read; see `shell.upload_gate`."""

from flask import Flask, request
from flask_login import current_user
from werkzeug.wrappers import Response

from booking_web.domain.rights.person import Right
from booking_web.shell.services import services
from booking_web.shell.signed_in import sign_in_first, signed_in
from booking_web.shell.upload_gate import refuse_other_sites

UPLOAD = "console.upload"


def set_up_upload_gate(app: Flask) -> None:
    """Give the application the gate; the check of forms' tokens is set up after it."""
    app.before_request(_check_before_the_body)


def _check_before_the_body() -> Response | None:
    if request.endpoint != UPLOAD:
        return None
    if not current_user.is_authenticated:
        return sign_in_first()
    refuse_other_sites()
    with services().database.read() as session:
        appointment_id = (request.view_args or {})["appointment_id"]
        signed_in(Right.CONSOLE).appointment(session, appointment_id)
    return None
