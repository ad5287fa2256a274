# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps what was typed while the sign-in ran out, and gives it back once, to who typed it.

It waits on the server, sealed, for a day; the browser's cookie has its key alone. Who was
signed in there stands in the cookie, which is signed: a stranger's request writes nothing,
and of a person the latest form alone is kept.
"""

import json
import secrets

from flask import request, session
from sqlalchemy import delete
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from booking_web.base.sealing import SecretSeal, SecretUnreadable
from booking_web.base.transactions import in_transaction
from booking_web.shell.services import services
from booking_web.tables.sent_forms import KEPT_FOR, KeptForm
from provisioning.database.models import User
from provisioning.directory.digests import digest_of

# Of whom this browser's sign-in is, or was: their number, also once it has run out.
PERSON = "person"
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
    "language",
    "interpreter",
    "discreet",
    "relay",
    "when",
    "day",
    "hour",
    "until",
    "submission",
)
# What a field may hold fits, what it refuses anyway is cut.
_MAX_CHARACTERS = 220


def keep_typed_form() -> None:
    """Remember the fields of the booking form in this request, for who was signed in."""
    user_id = session.get(PERSON)
    if not isinstance(user_id, int):
        return
    typed = {
        field: request.form[field][:_MAX_CHARACTERS]
        for field in _FIELDS
        if field in request.form
    }
    key, now = secrets.token_urlsafe(32), services().now()
    sealed = _seal().seal(json.dumps(typed))

    def work(writing: Session) -> bool:
        if writing.get(User, user_id) is None:
            return False
        kept = KeptForm(
            user_id=user_id, key_digest=digest_of(key), sealed=sealed, at=now
        )
        writing.merge(kept)
        return True

    if in_transaction(services().database, work):
        session[_KEY] = key


def take_kept_form(user_id: int) -> MultiDict[str, str] | None:
    """Give what this person typed in this browser, and forget it."""
    key = session.pop(_KEY, None)
    if not isinstance(key, str):
        return None
    now = services().now()

    def work(writing: Session) -> str | None:
        found = writing.get(KeptForm, user_id)
        if found is None or found.key_digest != digest_of(key):
            return None
        writing.delete(found)
        return found.sealed if now - found.at < KEPT_FOR else None

    sealed = in_transaction(services().database, work)
    try:
        return MultiDict(json.loads(_seal().open(sealed))) if sealed else None
    except SecretUnreadable:
        return None


def forget_kept_form(writing: Session) -> None:
    """Forget what waits for who was signed in with this browser: they have gone."""
    key = session.get(_KEY)
    if isinstance(key, str):
        gone = delete(KeptForm).where(KeptForm.key_digest == digest_of(key))
        writing.execute(gone)


def lose_kept_form() -> None:
    """Have this browser know nothing of it any more."""
    session.pop(_KEY, None)


def has_kept_form() -> bool:
    """Tell whether a typed form waits for the sign-in."""
    return _KEY in session


def _seal() -> SecretSeal:
    return SecretSeal(services().settings.secret_key, b"kept form")
