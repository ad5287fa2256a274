# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the organisation's counsellors are now, for its manager: what colleagues and desks see too.

No more than this moment: since when, how often and for how long is nobody's to look up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.kiosks.watch import is_watched
from booking_web.domain.rights.person import Person
from booking_web.tables.duty import CounsellorDuty, DutyState
from booking_web.tables.presence import EndpointPresence, Presence
from booking_web.words import duty as wording
from provisioning.database.models import Counsellor


@dataclass(frozen=True)
class CounsellorNow:
    """One counsellor, and how they are in words."""

    name: str
    words: str


def counsellors_now(
    session: Session, acting: Person, now: datetime
) -> Sequence[CounsellorNow] | None:
    """Read them by name; None where nobody hears Asterisk."""
    if not is_watched(session, now):
        return None
    found = session.execute(
        select(Counsellor.name, EndpointPresence.state, CounsellorDuty)
        .outerjoin(EndpointPresence, EndpointPresence.slug == Counsellor.slug)
        .outerjoin(CounsellorDuty, CounsellorDuty.counsellor_id == Counsellor.id)
        .where(Counsellor.organisation_id == acting.organisation_id)
        .order_by(Counsellor.name, Counsellor.id)
    )
    return [
        CounsellorNow(name, _words(presence, duty)) for name, presence, duty in found
    ]


def _words(presence: str | None, duty: CounsellorDuty | None) -> str:
    if presence in (None, Presence.OFFLINE):
        return wording.not_there_words()
    if duty is None:
        return wording.state_words(
            DutyState.AVAILABLE, "", is_in_call=presence == Presence.IN_CALL
        )
    return wording.state_words(
        DutyState(duty.state), duty.reason, is_in_call=duty.call_since is not None
    )
