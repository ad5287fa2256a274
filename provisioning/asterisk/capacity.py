# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many calls a server carries, and what Asterisk must be given for them. Pure.

Measured with Asterisk 22: a call has two legs, each with audio and video, each of these
with a port for RTP and one for RTCP; and it holds up to 16 descriptors.
"""

from dataclasses import dataclass

PORTS_PER_CALL = 8
DESCRIPTORS_PER_CALL = 16
# Connections of endpoints and of the manager interface, modules, the database, logs.
DESCRIPTORS_BESIDE_CALLS = 1000
DESCRIPTORS_PER_KIOSK = 4
FIRST_PORT = 10000
LAST_PORT = 65535
# What a site is given that does not say how many kiosks it will have.
KIOSKS_AT_LEAST = 100


@dataclass(frozen=True)
class Capacity:
    """The ports of media and the descriptors of a server, and what they carry."""

    rtp_first: int
    rtp_last: int
    descriptors: int

    @classmethod
    def of_range(cls, rtp_first: int, rtp_last: int, kiosks: int = 0) -> "Capacity":
        """Give what these ports carry, with the descriptors that it takes."""
        calls = max(0, rtp_last - rtp_first + 1) // PORTS_PER_CALL
        descriptors = (
            DESCRIPTORS_BESIDE_CALLS
            + calls * DESCRIPTORS_PER_CALL
            + kiosks * DESCRIPTORS_PER_KIOSK
        )
        return cls(rtp_first, rtp_last, descriptors)

    @classmethod
    def for_kiosks(cls, kiosks: int, rtp_first: int = FIRST_PORT) -> "Capacity":
        """Give what lets each of so many kiosks be in a call at once.

        A quarter more: Asterisk takes ports by chance and gives them back some time after
        a call, and a peer that died holds its own for half a minute.
        """
        calls = max(kiosks, KIOSKS_AT_LEAST) * 5 // 4
        rtp_last = rtp_first + calls * PORTS_PER_CALL - 1
        return cls.of_range(rtp_first, rtp_last, kiosks)

    @property
    def calls_at_once(self) -> int:
        """How many calls may go on at the same time."""
        return (self.rtp_last - self.rtp_first + 1) // PORTS_PER_CALL

    def __str__(self) -> str:
        """Say what it carries, for the administrator."""
        return (
            f"carries {self.calls_at_once} calls at once"
            f" (RTP {self.rtp_first}-{self.rtp_last}, {self.descriptors} descriptors)"
        )
