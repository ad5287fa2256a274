# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's API token: random, and signed with its kiosk and the moment at which it was made.

The database holds a digest alone. An older copy of it that came back does not know the tokens
that were given since; by the signature the site knows its own all the same. What else a kiosk
has to show is made of its token, so that who knows one token again knows all of it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from itsdangerous import BadData, TimestampSigner

# No letter that can be read as another one: a password may be read out or copied by hand.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_SALT = "token of a kiosk"


@dataclass(frozen=True)
class ToldByToken:
    """Whose a token is, and when it was made (in whole seconds)."""

    slug: str
    made_at: datetime


def new_token(slug: str, signing_key: str) -> str:
    """Make a token (256 bits); without a key it says nothing of itself."""
    chance = secrets.token_urlsafe(32)
    if not signing_key:
        return chance
    return _signer(signing_key).sign(f"{slug}.{chance}").decode()


def read_token(token: str, signing_key: str) -> ToldByToken | None:
    """Tell whose a token is; None where this site did not make it, or without a signature."""
    if not signing_key:
        return None
    try:
        value, made_at = _signer(signing_key).unsign(token, return_timestamp=True)
    except BadData:
        return None
    slug, _, _ = value.decode(errors="replace").rpartition(".")
    return ToldByToken(slug, made_at)


def made_of(token: str, purpose: str, length: int) -> str:
    """Give so many readable characters that are known by the token alone, for one purpose."""
    digest = hmac.digest(token.encode(), purpose.encode(), "sha512")
    return "".join(READABLE[each % len(READABLE)] for each in digest[:length])


def _signer(key: str) -> TimestampSigner:
    return TimestampSigner(
        key, salt=_SALT, key_derivation="hmac", digest_method=hashlib.sha256
    )
