# SPDX-License-Identifier: AGPL-3.0-or-later
"""When each kiosk last served somebody, and how many calls nobody took. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment, Period
from booking_web.tables.opening_checks import OpeningCheck, Step
from booking_web.tables.presence import EndpointPresence, Presence
from booking_web.tables.states import AppointmentState, PeriodKind
from provisioning.database.access import EndpointCut
from provisioning.database.models import Kiosk, Relay

A_WEEK = timedelta(days=7)
# An appointment is called around its hour.
CALLED_WITHIN = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class UsedKiosk:
    """A kiosk that nobody shut out, and when it was last used."""

    slug: str
    relay_id: int
    relay_slug: str
    relay: str
    zone: ZoneInfo
    # Its last appointment that took place; None: none ever did.
    honoured_at: datetime | None
    # Since when it is there; None: that is not known.
    there_since: datetime | None
    # Since when it cannot be called; None: it can, or that is not known.
    off_since: datetime | None
    # The last day on which the host looked at its paper; None: never yet.
    paper_checked_on: date | None

    @property
    def in_use_since(self) -> datetime | None:
        """Give its last use, or since when it waits for its first."""
        return self.honoured_at or self.there_since


def used_kiosks(session: Session) -> list[UsedKiosk]:
    """List the kiosks, by their relays' names."""
    honoured = (
        select(Appointment.starts_at)
        .where(
            Appointment.kiosk_id == Kiosk.id,
            Appointment.state == AppointmentState.DONE,
        )
        .order_by(Appointment.starts_at.desc())
        .limit(1)
        .correlate(Kiosk)
        .scalar_subquery()
    )
    checked = (
        select(func.max(OpeningCheck.day))
        .where(OpeningCheck.kiosk_id == Kiosk.id, OpeningCheck.step == Step.PAPER)
        .correlate(Kiosk)
        .scalar_subquery()
    )
    revoked = select(EndpointCut.slug).where(EndpointCut.is_revoked)
    rows = session.execute(
        select(Kiosk, Relay, EndpointPresence, honoured, checked)
        .join(Relay, Relay.id == Kiosk.relay_id)
        .outerjoin(EndpointPresence, EndpointPresence.slug == Kiosk.slug)
        .where(Kiosk.slug.not_in(revoked))
        .order_by(Relay.name, Kiosk.slug)
    )
    return [
        UsedKiosk(
            slug=kiosk.slug,
            relay_id=relay.id,
            relay_slug=relay.slug,
            relay=relay.name,
            zone=ZoneInfo(relay.time_zone),
            honoured_at=honoured_at,
            there_since=_earliest(kiosk.enrolled_at, kiosk.secrets_since),
            off_since=(
                row.since if row is not None and row.state == Presence.OFFLINE else None
            ),
            paper_checked_on=checked_on,
        )
        for kiosk, relay, row, honoured_at, checked_on in rows
    ]


def missed_calls(session: Session, now: datetime) -> dict[int, int]:
    """Count by organisation the appointments of a week that waited and that nobody took."""
    queued = exists().where(
        Period.appointment_id == Appointment.id,
        Period.kind == PeriodKind.QUEUED,
        Period.ended_at > now - A_WEEK,
        Period.ended_at <= now,
    )
    taken = exists().where(
        Period.appointment_id == Appointment.id, Period.kind == PeriodKind.IN_CALL
    )
    rows = session.execute(
        select(Appointment.organisation_id, func.count())
        .where(
            Appointment.starts_at > now - A_WEEK - CALLED_WITHIN,
            Appointment.starts_at < now + CALLED_WITHIN,
            Appointment.state != AppointmentState.QUEUED,
            queued,
            ~taken,
        )
        .group_by(Appointment.organisation_id)
    )
    return {number: count for number, count in rows}


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((each for each in moments if each is not None), default=None)
