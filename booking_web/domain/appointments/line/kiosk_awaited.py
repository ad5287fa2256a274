# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who was called while their kiosk was busy: they wait in their place and are called again.

A kiosk also says that it is busy where only it knows why: the wipe of the last appointment has
not come to its end, or somebody calls it by hand. That is over in seconds or minutes, and the
resident has done nothing wrong: they keep their turn, and nobody has to click.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_
from sqlalchemy.orm import aliased

from booking_web.tables.appointment import Appointment
from booking_web.tables.presence import EndpointPresence, Presence
from booking_web.tables.state_reasons import Reason
from booking_web.tables.states import AppointmentState
from booking_web.tables.wipes import KioskWipe, WipeState
from provisioning.database.engine import UtcDateTime
from provisioning.database.models import Kiosk

# How often it is tried where nothing tells that the kiosk is free; each try is in the journal.
TRIED_EVERY = timedelta(seconds=10)
TRIED_SELDOM_AFTER = timedelta(minutes=2)
TRIED_SELDOM_EVERY = timedelta(minutes=1)
# Not sooner, whatever is told: our own try may be what was seen at the kiosk.
NEVER_WITHIN = timedelta(seconds=2)
# To the end of its hour, and where that is over for so long: then somebody has to look.
AWAITED_FOR = timedelta(minutes=5)
_TIMES = {
    "never_since": NEVER_WITHIN,
    "soon_since": TRIED_EVERY,
    "seldom_since": TRIED_SELDOM_EVERY,
    "long_since": TRIED_SELDOM_AFTER,
}


def waits_for_kiosk(appointment: Appointment, now: datetime) -> bool:
    """Tell whether one whose kiosk was busy is called again; no longer: it is unreachable."""
    if appointment.state != AppointmentState.CALLING:
        return False
    asked_at = appointment.call_requested_at or appointment.state_since
    return now < max(appointment.ends_at, asked_at + AWAITED_FOR)


def rests(tried: type[Appointment]) -> ColumnElement[bool]:
    """Tell of each of a query whether its next try is still to come; `times_of` binds it."""
    never, soon, seldom, long_ago = (
        bindparam(name, type_=UtcDateTime()) for name in _TIMES
    )
    is_too_soon = or_(
        and_(tried.state_since > soon, tried.call_requested_at > long_ago),
        and_(tried.state_since > seldom, tried.call_requested_at <= long_ago),
    )
    is_proven = exists().where(
        KioskWipe.kiosk_id == tried.kiosk_id,
        KioskWipe.state.in_((WipeState.CLEAN, WipeState.DELIVERING)),
        KioskWipe.since >= tried.state_since,
    )
    kiosk = aliased(Kiosk)
    has_hung_up = exists().where(
        kiosk.id == tried.kiosk_id,
        EndpointPresence.slug == kiosk.slug,
        EndpointPresence.state == Presence.READY,
        EndpointPresence.since >= tried.state_since,
    )
    return and_(
        tried.state == AppointmentState.ARRIVED,
        tried.state_reason == Reason.KIOSK_AWAITED,
        or_(
            tried.state_since > never,
            and_(is_too_soon, ~is_proven, ~has_hung_up),
        ),
    )


def times_of(now: datetime) -> dict[str, datetime]:
    """Give what `rests` is bound to."""
    return {name: now - ago for name, ago in _TIMES.items()}
