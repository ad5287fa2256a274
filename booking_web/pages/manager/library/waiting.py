# SPDX-License-Identifier: AGPL-3.0-or-later
"""A file that was sent and waits, for an hour, until its manager has looked at what is in it."""

import hashlib
import io
import secrets
from typing import BinaryIO

from flask import abort, request
from flask_babel import gettext

from booking_web.pages.manager.library.sent import organisation_id
from booking_web.shell.archive import archive

LONGEST_TOKEN = 64


def keep_waiting(copy: BinaryIO) -> str:
    """Let a file wait; give the token by which the next page asks for it."""
    token = secrets.token_hex(16)
    copy.seek(0)
    archive().store.put_waiting(_name_of(token), copy)
    return token


def keep_instead(token: str, content: bytes) -> None:
    """Let something else wait under a token: nothing is left of what was there before."""
    archive().store.put_waiting(_name_of(token), io.BytesIO(content))


def token_sent() -> str:
    """Give the token that came with the form, or nothing."""
    token = request.form.get("fichier", "")
    if len(token) > LONGEST_TOKEN:
        abort(400)
    return token


def waiting(token: str) -> bytes:
    """Give a file back; raises ContentMissing where nobody came for it in time."""
    return b"".join(archive().store.read_waiting(_name_of(token)))


def too_late_words() -> str:
    """Say that a file waits no more, and what to do."""
    return gettext(
        "Cet aperçu date de plus d'une heure. Choisissez le fichier à nouveau."
    )


def _name_of(token: str) -> str:
    """Name what waits so that only the organisation that sent it finds it."""
    return hashlib.sha256(f"{organisation_id()} {token}".encode()).hexdigest()
