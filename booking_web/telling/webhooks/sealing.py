# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps a webhook's secret in the database so that the database alone does not tell it."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"guichet-virtuel webhook secrets"


class SecretUnreadable(Exception):
    """The site's secret key is another one than when the webhook was added."""


class SecretSeal:
    """Seals and opens secrets with a key of its own, derived from the site's secret key."""

    def __init__(self, secret_key: str) -> None:
        key = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, secret: str) -> str:
        """Give what may be stored."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Give the secret; raises SecretUnreadable."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SecretUnreadable from error
