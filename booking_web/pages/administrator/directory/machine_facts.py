# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is shown of the access of a kiosk or a counsellor's telephone."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.shell.services import services
from booking_web.words.dates import dated_hour
from provisioning.database.access import EndpointCut, KioskEnrolment
from provisioning.database.models import Kiosk
from provisioning.directory.usual_time_zone import usual_time_zone


@dataclass(frozen=True)
class MachineFacts:
    """What is shown of a machine's access; each is a moment in words, or empty."""

    revoked: str
    # Whether what was revoked still has to be ended at Asterisk.
    is_to_be_cut: bool
    enrolled: str = ""
    machine: str = ""
    code_waits: str = ""


def facts_of(session: Session, slug: str) -> MachineFacts:
    """Give how it stands with the access of a kiosk or a counsellor's telephone."""
    kiosk = session.scalar(
        select(Kiosk).where(Kiosk.slug == slug).options(joinedload(Kiosk.relay))
    )
    zone = ZoneInfo(kiosk.relay.time_zone if kiosk else usual_time_zone(session))
    cut = session.get(EndpointCut, slug)
    revoked, is_to_be_cut = "", False
    if cut is not None and cut.is_revoked:
        revoked, is_to_be_cut = dated_hour(cut.asked_at, zone), cut.done_at is None
    if kiosk is None:
        return MachineFacts(revoked, is_to_be_cut)
    code = session.get(KioskEnrolment, kiosk.id)
    waits = (
        code is not None and code.used_at is None and code.expires_at > services().now()
    )
    return MachineFacts(
        revoked,
        is_to_be_cut,
        dated_hour(kiosk.enrolled_at, zone) if kiosk.enrolled_at else "",
        kiosk.machine_name or "",
        dated_hour(code.expires_at, zone) if code is not None and waits else "",
    )
