# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether a certificate that is refused today says something of this machine's clock."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Validity:
    """From when until when the server's certificate is valid."""

    first: datetime
    last: datetime

    @classmethod
    def of_seconds(cls, first: int, last: int) -> "Validity":
        """Give it from seconds since 1970."""
        return cls(
            datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC)
        )

    def complaint(self, now: datetime) -> str:
        """Say what is wrong, when this clock shows `now`; nothing where it is valid.

        A server's certificate lasts for years and is made before it is used: one that is
        "not valid yet" nearly always means a clock that is slow.
        """
        shown = f"{now:%Y-%m-%d %H:%M} UTC"
        if now < self.first:
            return (
                f"this clock shows {shown}, the server's certificate begins"
                f" {self.first:%Y-%m-%d}: the clock is slow, set it"
            )
        if now > self.last:
            return (
                f"this clock shows {shown}, the server's certificate ended"
                f" {self.last:%Y-%m-%d}: either the clock is fast or it has to be renewed"
            )
        return ""
