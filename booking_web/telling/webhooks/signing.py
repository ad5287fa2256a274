# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signs what is sent, so that its receiver knows from whom and when it comes; pure.

The header is `t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256, with the webhook's secret, over
the seconds, a full stop and the body. A receiver refuses what is older than
REPLAY_WINDOW_SECONDS, and an event's `id` that it has seen.
"""

import hashlib
import hmac

SIGNATURE_HEADER = "Guichet-Signature"
REPLAY_WINDOW_SECONDS = 300


def signature(secret: str, body: bytes, at: int) -> str:
    """Give the header's value."""
    signed = f"{at}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
