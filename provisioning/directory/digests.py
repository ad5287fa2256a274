# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is stored of a secret that is drawn at random and brought as a whole. Pure.

It is looked up by its digest, so that the time it takes tells nothing of the secret. Passwords,
which people choose, are hashed: see `credentials`.
"""

import hashlib


def digest_of(secret: str) -> str:
    """Give a token's or a code's SHA-256, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
