# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps what was typed while the sign-in ran out, and gives it back once.

It waits in the browser's own session cookie (signed, sent to us alone, gone when shown), so
that a stranger's request writes nothing on our side.
"""

from flask import request, session
from werkzeug.datastructures import MultiDict

_KEY = "kept_booking"
_FIELDS = (
    "resident_name",
    "resident_id",
    "resident_choice",
    "asked_about",
    "birth_date",
    "telephone",
    "email",
    "street",
    "postcode",
    "commune",
    "country",
    "organisation",
    "reason",
    "discreet",
    "relay",
    "when",
    "day",
    "hour",
    "until",
    "submission",
)
# A cookie holds 4 kB; what a field may hold fits, what it refuses anyway is cut.
_MAX_CHARACTERS = 220


def keep_typed_form() -> None:
    """Remember the fields of the booking form in this request."""
    session[_KEY] = {
        field: request.form[field][:_MAX_CHARACTERS]
        for field in _FIELDS
        if field in request.form
    }


def take_kept_form() -> MultiDict[str, str] | None:
    """Give the remembered fields, and forget them."""
    kept = session.pop(_KEY, None)
    return MultiDict(kept) if kept else None


def has_kept_form() -> bool:
    """Tell whether a typed form waits for the sign-in."""
    return _KEY in session
