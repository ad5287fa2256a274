# SPDX-License-Identifier: AGPL-3.0-or-later
"""Generates secrets and turns them into what may be stored: digests and hashes.

A secret object never shows its secret in a log or a traceback.
"""

import hashlib
import secrets
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from provisioning.realtime_rows import REALM

# No letter that can be read as another one: a password may be read out or copied by hand.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
SIP_SECRET_LENGTH = 32
PASSWORD_GROUPS = 4
PASSWORD_GROUP_LENGTH = 5


@dataclass(frozen=True)
class SipSecret:
    """A new secret of a kiosk or counsellor; a kiosk also has a new API token."""

    slug: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class AccountPassword:
    """A new password of a user of the web application."""

    email: str
    password: str = field(repr=False)


def new_sip_secret(slug: str, *, with_token: bool) -> SipSecret:
    """Generate a SIP secret (158 bits), and a kiosk's API token where asked."""
    secret = "".join(secrets.choice(READABLE) for _ in range(SIP_SECRET_LENGTH))
    return SipSecret(slug, secret, secrets.token_urlsafe(32) if with_token else None)


def new_password(email: str) -> AccountPassword:
    """Generate a password of four groups of five characters (99 bits)."""
    groups = (
        "".join(secrets.choice(READABLE) for _ in range(PASSWORD_GROUP_LENGTH))
        for _ in range(PASSWORD_GROUPS)
    )
    return AccountPassword(email, "-".join(groups))


def new_session_key() -> str:
    """Generate what Flask-Security keeps in a session instead of the user's id."""
    return secrets.token_hex(32)


def sip_password_digest(secret: SipSecret, *, softphone: bool) -> str:
    """Give `ps_auths.password_digest`: SHA-256, and MD5 as well for a softphone."""
    credentials = f"{secret.slug}:{REALM}:{secret.secret}".encode()
    digests = [f"SHA-256:{hashlib.sha256(credentials).hexdigest()}"]
    if softphone:
        md5 = hashlib.md5(credentials, usedforsecurity=False).hexdigest()
        digests.insert(0, f"MD5:{md5}")
    return ",".join(digests)


def token_digest(token: str) -> str:
    """Give the SHA-256 of a kiosk's token in hex, as `kiosk.token_digest` holds it."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Hash with argon2id, as Flask-Security verifies it (SECURITY_PASSWORD_SINGLE_HASH)."""
    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY).hash(password)
