# SPDX-License-Identifier: AGPL-3.0-or-later
"""Generates secrets and turns them into what may be stored: digests and hashes.

A secret object never shows its secret in a log or a traceback.
"""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from provisioning.asterisk.realtime_rows import REALM
from provisioning.directory.kiosk_tokens import READABLE, made_of, new_token

SIP_SECRET_LENGTH = 32
PASSWORD_GROUPS = 4
PASSWORD_GROUP_LENGTH = 5
CODE_LENGTH = PASSWORD_GROUPS * PASSWORD_GROUP_LENGTH
# No password has this hash; to compare with it takes as long as with anybody's.
UNKNOWN_PASSWORD = "$argon2id$v=19$m=65536,t=3,p=4$" + "A" * 22 + "$" + "A" * 43
_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@dataclass(frozen=True)
class SipSecret:
    """A new secret of a kiosk or counsellor.

    A kiosk also has a new API token, and a code by which its second screen is let in once.
    """

    slug: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    screen_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class AccountPassword:
    """A new password of a user of the web application."""

    email: str
    password: str = field(repr=False)


def new_sip_secret(slug: str, *, with_token: bool, signing_key: str = "") -> SipSecret:
    """Generate a SIP secret (158 bits), and a kiosk's token and code where asked."""
    if with_token:
        return secrets_with(slug, new_token(slug, signing_key))
    secret = "".join(secrets.choice(READABLE) for _ in range(SIP_SECRET_LENGTH))
    return SipSecret(slug, secret)


def secrets_with(slug: str, token: str) -> SipSecret:
    """Give all that a kiosk has besides this token: it is made of it."""
    return SipSecret(
        slug,
        made_of(token, "SIP secret", SIP_SECRET_LENGTH),
        token,
        _grouped(made_of(token, "code of the second screen", CODE_LENGTH)),
    )


def new_password(email: str) -> AccountPassword:
    """Generate a password that can be read out."""
    return AccountPassword(email, new_code())


def new_code() -> str:
    """Generate four groups of five characters (99 bits)."""
    return _grouped("".join(secrets.choice(READABLE) for _ in range(CODE_LENGTH)))


def _grouped(code: str) -> str:
    starts = range(0, CODE_LENGTH, PASSWORD_GROUP_LENGTH)
    return "-".join(code[each : each + PASSWORD_GROUP_LENGTH] for each in starts)


def new_session_key() -> str:
    """Generate what a user's sign-ins rest on, beside the password."""
    return secrets.token_hex(32)


def sip_password_digest(secret: SipSecret, *, with_md5: bool) -> str:
    """Give `ps_auths.password_digest`: SHA-256, and MD5 for who knows nothing else."""
    credentials = f"{secret.slug}:{REALM}:{secret.secret}".encode()
    digests = [f"SHA-256:{hashlib.sha256(credentials).hexdigest()}"]
    if with_md5:
        md5 = hashlib.md5(credentials, usedforsecurity=False).hexdigest()
        digests.insert(0, f"MD5:{md5}")
    return ",".join(digests)


def hash_password(password: str) -> str:
    """Hash with argon2id; takes a noticeable time, so never within a transaction."""
    return _HASHER.hash(_normalised(password))


def is_password(password: str, hashed: str) -> bool:
    """Tell whether the hash is this password's; takes as long for every answer."""
    try:
        return _HASHER.verify(hashed, _normalised(password))
    except (InvalidHashError, VerificationError):
        return False


def _normalised(password: str) -> str:
    # Keyboards differ in how they compose a letter and its accent.
    return unicodedata.normalize("NFKD", password)
