# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a mandate is worth on a day: it follows from what was noted of it, and is kept nowhere."""

from datetime import date
from enum import StrEnum

from booking_web.tables.mandates import Mandate


class MandateState(StrEnum):
    """How a mandate stands."""

    # On paper, not signed yet.
    DRAWN_UP = "drawn_up"
    SIGNED = "signed"
    # Its last day is over.
    ENDED = "ended"
    REVOKED = "revoked"


OVER = (MandateState.ENDED, MandateState.REVOKED)


def state_of(mandate: Mandate, today: date) -> MandateState:
    """Tell how it stands on this day of the relay."""
    if mandate.revoked_at is not None:
        return MandateState.REVOKED
    if today > mandate.ends_on:
        return MandateState.ENDED
    signed = mandate.signed_document
    if signed is None or signed.removed_at is not None:
        return MandateState.DRAWN_UP
    return MandateState.SIGNED


def allows(mandate: Mandate, today: date) -> bool:
    """Tell whether anybody may act by it: only once it is signed, and not any more once over."""
    return state_of(mandate, today) is MandateState.SIGNED
