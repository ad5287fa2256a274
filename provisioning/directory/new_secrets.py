# SPDX-License-Identifier: AGPL-3.0-or-later
"""The secrets of new entries, made before the transaction that writes them.

To hash a password takes a noticeable time on purpose: nobody who waits for the database
waits for that.
"""

from collections.abc import Collection, Iterable

from provisioning.directory.credentials import (
    AccountPassword,
    SipSecret,
    hash_password,
    new_password,
    new_sip_secret,
)


class NewSecrets:
    """Secrets by the key of their entry; what is not needed in the end goes unused."""

    def __init__(self, signing_key: str = "") -> None:
        self._signing_key = signing_key
        self._sip: dict[str, SipSecret] = {}
        self._passwords: dict[str, AccountPassword] = {}
        self._hashes: dict[str, str] = {}

    def make(
        self, keys: Iterable[str], *, kiosks: Collection[str], users: Collection[str]
    ) -> None:
        """Make those that are not there yet; takes a noticeable time for each user."""
        for key in keys:
            if key in self:
                continue
            if key in users:
                self._passwords[key] = new_password(key)
                self._hashes[key] = hash_password(self._passwords[key].password)
            else:
                self._sip[key] = new_sip_secret(
                    key, with_token=key in kiosks, signing_key=self._signing_key
                )

    def __contains__(self, key: str) -> bool:
        """Tell whether this entry's secret is made."""
        return key in self._sip or key in self._passwords

    def hash_of(self, key: str) -> str:
        """Give the hash of a user's password."""
        return self._hashes[key]

    def sip_of(self, keys: Iterable[str]) -> tuple[SipSecret, ...]:
        """Give the SIP secrets among these entries."""
        return tuple(self._sip[key] for key in keys if key in self._sip)

    def passwords_of(self, keys: Iterable[str]) -> tuple[AccountPassword, ...]:
        """Give the passwords among these entries."""
        return tuple(self._passwords[key] for key in keys if key in self._passwords)
