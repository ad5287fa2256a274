# SPDX-License-Identifier: AGPL-3.0-or-later
"""Requests for an appointment that carry their caller's own key; pure.

The key takes the place of a form's token: the same key and content find what was made, the
same key with other content is told apart from both.
"""

import hashlib
from dataclasses import dataclass

from booking_web.domain.appointments.booking import BookingRequest

# Of the 64 characters of a submission: 160 bits of the key, 96 of what was asked for.
KEY_LENGTH = 40
SUBMISSION_LENGTH = 64


@dataclass(frozen=True, kw_only=True)
class KeyedRequest(BookingRequest):
    """A booking request that a program sends; `token` is its key, with its scope before."""

    acting: str

    @property
    def actor(self) -> str:
        """Name in the journal who books."""
        return self.acting

    @property
    def key(self) -> str:
        """Give the part of the submission that the caller's key alone settles."""
        return hashlib.sha256(self.token.encode()).hexdigest()[:KEY_LENGTH]

    @property
    def submission(self) -> str:
        """Name this very request: its key, then its content."""
        parts = (
            self.relay,
            self.organisation,
            self.resident_name,
            self.reason,
            self.starts_at.isoformat() if self.starts_at else "",
            str(self.visit_reason_id or ""),
            str(self.minutes or ""),
        )
        content = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        return self.key + content[: SUBMISSION_LENGTH - KEY_LENGTH]
