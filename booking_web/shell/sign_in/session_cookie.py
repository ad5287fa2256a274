# SPDX-License-Identifier: AGPL-3.0-or-later
"""The session's cookie: its name, how long it lasts, and the sign-in that it names.

Flask writes and reads it for the pages. Who serves without a Flask request (the live
streams) reads the same cookie here.
"""

import hashlib
from datetime import timedelta

from flask.json.tag import TaggedJSONSerializer
from itsdangerous import BadData, URLSafeTimedSerializer

# Longer than any sign-in, which ends on the server: a form that was left open over a weekend
# still has its token, so that what is typed in it can be kept until the person is back.
COOKIE_LIFETIME = timedelta(days=3)
# Where Flask-Login keeps what a user's `get_id` gives.
KEY = "_user_id"


def cookie_name(*, is_secure: bool) -> str:
    """Name the cookie; the prefix makes browsers refuse one from a neighbouring host."""
    return "__Host-guichet" if is_secure else "guichet"


def session_key_of(cookie: str, secret_key: str) -> str | None:
    """Give the key of the sign-in that a cookie names; None where it is not one of ours.

    As Flask's SecureCookieSessionInterface reads it.
    """
    serializer = URLSafeTimedSerializer(
        secret_key,
        salt="cookie-session",
        serializer=TaggedJSONSerializer(),
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha1},
    )
    try:
        values = serializer.loads(cookie, max_age=int(COOKIE_LIFETIME.total_seconds()))
    except BadData:
        return None
    key = values.get(KEY) if isinstance(values, dict) else None
    return key if isinstance(key, str) else None
