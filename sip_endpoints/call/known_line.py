# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a line may carry of a call, where somebody said how much it carries in all (pure)."""

from dataclasses import dataclass, replace

from sip_endpoints.settings import MediaSettings, Picture

# Opus in packets of 20 ms with RTP, SRTP, UDP and IP; the share of the same in a picture.
SOUND_KBPS, HEADERS = 60, 1.08
# The smallest picture that is worth its bits.
SMALL_KBPS = 80
# Of what a line carries, so much is used.
USED_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class KnownLine:
    """What a line is said to carry each way; 0: nobody knows."""

    up_kbps: int = 0
    down_kbps: int = 0

    @classmethod
    def of_settings(cls, media: MediaSettings) -> "KnownLine":
        """Give the line of an endpoint's settings."""
        return cls(media.line_up_kbps, media.line_down_kbps)

    @property
    def most_up_kbps(self) -> float | None:
        """Give how much may be sent, all included; None where that is to be found out."""
        return most_of(self.up_kbps) if self.up_kbps else None

    @property
    def most_down_kbps(self) -> int | None:
        """Give the same for what comes."""
        return int(most_of(self.down_kbps)) if self.down_kbps else None

    def fitting(self, full: Picture) -> Picture:
        """Give the picture that a call over this line begins with."""
        if self.most_up_kbps is None:
            return full
        most = int((self.most_up_kbps - SOUND_KBPS) / HEADERS)
        return replace(full, bitrate_kbps=min(full.bitrate_kbps, max(SMALL_KBPS, most)))


def most_of(line_kbps: float) -> float:
    """Give how much of what a line carries may be used."""
    return USED_SHARE * line_kbps
