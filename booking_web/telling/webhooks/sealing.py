# SPDX-License-Identifier: AGPL-3.0-or-later
"""The seal of webhooks' secrets, which is no other secret's."""

from booking_web.base.sealing import SecretSeal

_PURPOSE = b"guichet-virtuel webhook secrets"


def webhook_seal(secret_key: str) -> SecretSeal:
    """Give the seal with which a site keeps the secrets of its webhooks."""
    return SecretSeal(secret_key, _PURPOSE)
