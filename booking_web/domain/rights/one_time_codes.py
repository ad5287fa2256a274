# SPDX-License-Identifier: AGPL-3.0-or-later
"""The codes of six digits that a telephone makes of a secret and of the hour (RFC 6238)."""

from datetime import datetime, timedelta

import pyotp
from pyotp.utils import strings_equal

ISSUER = "Guichet virtuel"
STEP = timedelta(seconds=30)
# A telephone's clock may be wrong by as much.
STEPS_OFF = 1
# Whoever sets their telephone up is told how wrong its clock is, up to this.
STEPS_TOLD = 60
GROUP = 4


def new_secret() -> str:
    """Give a secret of 160 bits, as RFC 4226 recommends, in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, email: str) -> str:
    """Give the address that an authenticator reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def grouped(secret: str) -> str:
    """Give the secret as it is copied by hand."""
    starts = range(0, len(secret), GROUP)
    return " ".join(secret[start : start + GROUP] for start in starts)


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """Give the time step that the code is of; None where it is of none about now."""
    return _step(secret, typed, now, STEPS_OFF)


def clock_error(secret: str, typed: str, now: datetime) -> timedelta | None:
    """Tell by how much the telephone's clock is fast (or, below zero, slow); None: unknown.

    For who knows the secret anyway: to tell a stranger that a code is one of tomorrow's
    would give it away.
    """
    found = _step(secret, typed, now, STEPS_TOLD)
    return None if found is None else (found - pyotp.TOTP(secret).timecode(now)) * STEP


def _step(secret: str, typed: str, now: datetime, steps_off: int) -> int | None:
    code = "".join(typed.split())
    totp = pyotp.TOTP(secret)
    present = totp.timecode(now)
    # The nearest first; each is compared in the same time.
    for off in sorted(range(-steps_off, steps_off + 1), key=abs):
        if strings_equal(code, totp.generate_otp(present + off)):
            return present + off
    return None
