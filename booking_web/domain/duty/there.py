# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which counsellors are at their place: free, in a call, or writing after one."""

from sqlalchemy import ColumnElement, and_, exists, or_

from booking_web.tables.duty import CounsellorDuty, DutyState
from booking_web.tables.presence import EndpointKind, EndpointPresence, Presence
from provisioning.database.models import Counsellor


def is_at_their_place() -> ColumnElement[bool]:
    """Give the condition on a counsellor joined to their presence.

    A wrap-up ends within minutes: whoever is in it serves the line as much as who speaks.
    """
    writes = exists().where(
        CounsellorDuty.counsellor_id == Counsellor.id,
        CounsellorDuty.state == DutyState.WRAP_UP,
    )
    return and_(
        EndpointPresence.kind == EndpointKind.COUNSELLOR,
        or_(
            EndpointPresence.state.in_((Presence.READY, Presence.IN_CALL)),
            and_(EndpointPresence.state == Presence.PAUSED, writes),
        ),
    )
