# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps a secret in the database so that the database alone does not tell it."""

import base64
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SecretUnreadable(Exception):
    """It was not sealed by us, or the site's secret key was another one then."""


class SecretSeal:
    """Seals and opens with a key of its own, derived from the site's secret key.

    What is sealed for one purpose cannot be opened for another.
    """

    def __init__(self, secret_key: str, purpose: bytes) -> None:
        key = HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, secret: str, now: datetime | None = None) -> str:
        """Give what may be stored; `now` where its age is asked for later."""
        if now is None:
            return self._fernet.encrypt(secret.encode()).decode()
        return self._fernet.encrypt_at_time(secret.encode(), _seconds(now)).decode()

    def open(self, sealed: str) -> str:
        """Give the secret; raises SecretUnreadable."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SecretUnreadable from error

    def open_young(self, sealed: str, good_for: timedelta, now: datetime) -> str:
        """Give it where it was sealed lately; raises SecretUnreadable."""
        lasts = int(good_for.total_seconds())
        try:
            opened = self._fernet.decrypt_at_time(sealed.encode(), lasts, _seconds(now))
        except InvalidToken as error:
            raise SecretUnreadable from error
        return opened.decode()


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
