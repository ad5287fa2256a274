# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kinds of telephone that Asterisk lets in, and what it asks of each. Pure."""

from enum import StrEnum
from typing import Self


class Telephone(StrEnum):
    """What an endpoint is, which settles how it must come."""

    # A kiosk, or a counsellor with our own program: TLS and SRTP, SHA-256.
    OURS = "ours"
    # TLS and SRTP as well.
    SOFTPHONE = "softphone"
    # By whichever transport the site opens; SRTP where the softphone takes it.
    SOFTPHONE_IN_CLEAR = "softphone in clear"
    # A page of the site, by its WebSocket; DTLS-SRTP.
    BROWSER = "browser"

    @classmethod
    def of(cls, *, softphone: bool, in_clear: bool, browser: bool) -> Self:
        """Give what a counsellor has."""
        if browser:
            return cls("browser")
        if not softphone:
            return cls("ours")
        return cls("softphone in clear" if in_clear else "softphone")

    @property
    def is_softphone(self) -> bool:
        """Tell whether it is another program than ours, which is set up by a link."""
        return self in (Telephone.SOFTPHONE, Telephone.SOFTPHONE_IN_CLEAR)

    @property
    def signs_in_by_md5(self) -> bool:
        """Tell whether MD5 is the digest that it knows."""
        # Softphones such as baresip 1.1 give up as soon as SHA-256 is offered beside it;
        # JsSIP knows no other.
        return self is not Telephone.OURS

    @property
    def may_be_in_clear(self) -> bool:
        """Tell whether it is let in, called and heard without encryption."""
        return self is Telephone.SOFTPHONE_IN_CLEAR
