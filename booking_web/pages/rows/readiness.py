# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the desk shows of readiness: each kiosk, each organisation, each call for help."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.appointments.calls_in_progress import calls_in_progress
from booking_web.domain.kiosks.help import ringing_at
from booking_web.domain.kiosks.watch import is_watched
from booking_web.pages.rows.kiosk_readiness import ReadyLine, kiosk_lines, kiosk_name
from booking_web.tables.duty import CounsellorDuty, DutyState
from booking_web.tables.presence import EndpointPresence, HelpCall, Presence
from booking_web.words import readiness as wording
from booking_web.words.duty import colleague_words
from booking_web.words.readiness import Look
from provisioning.database.models import Counsellor, Kiosk, Organisation, Relay

# More kiosks than this are not listed one by one: those that are well are counted.
KIOSKS_LISTED = 6


@dataclass(frozen=True)
class HelpLine:
    """A call for help that rings."""

    id: int
    where: str
    asked_at: datetime
    zone: ZoneInfo


@dataclass(frozen=True)
class ReadinessView:
    """All of it, for the relays that the page shows."""

    kiosks: tuple[ReadyLine, ...]
    organisations: tuple[ReadyLine, ...]
    helps: tuple[HelpLine, ...]
    # Kiosks that are well and not in `kiosks`.
    others_ready: int = 0


NOTHING_READY = ReadinessView((), (), ())


def readiness_view(
    session: Session,
    relays: Sequence[Relay],
    organisation_ids: Collection[int],
    now: datetime,
    calls_at_once: int = 0,
) -> ReadinessView:
    """Read how the relays' kiosks and the organisations of the day are now.

    A server that has as many calls as it carries (`calls_at_once`) stands first.
    """
    presence = presence_now(session, now)
    kiosks = [kiosk for relay in relays for kiosk in relay.kiosks]
    lines = kiosk_lines(session, kiosks, presence, now)
    listed = [
        line for line in lines if len(lines) <= KIOSKS_LISTED or not line.look.is_well
    ]
    calls = session.scalars(
        ringing_at([kiosk.id for kiosk in kiosks], now).options(
            joinedload(HelpCall.kiosk).joinedload(Kiosk.relay)
        )
    )
    return ReadinessView(
        kiosks=(*_server_lines(session, calls_at_once), *listed),
        organisations=tuple(_organisation_lines(session, organisation_ids, presence)),
        helps=tuple(
            HelpLine(
                call.id,
                kiosk_name(call.kiosk),
                call.asked_at,
                ZoneInfo(call.kiosk.relay.time_zone),
            )
            for call in calls
        ),
        others_ready=len(lines) - len(listed),
    )


def _server_lines(session: Session, calls_at_once: int) -> list[ReadyLine]:
    if not calls_at_once or calls_in_progress(session) < calls_at_once:
        return []
    name = gettext("Serveur")
    return [ReadyLine("server", name, wording.full(), (wording.why_full(),))]


def presence_now(session: Session, now: datetime) -> dict[str, EndpointPresence] | None:
    """Give what is known of each endpoint; None where nobody watches."""
    if not is_watched(session, now):
        return None
    return {row.slug: row for row in session.scalars(select(EndpointPresence))}


def _organisation_lines(
    session: Session,
    organisation_ids: Collection[int],
    presence: dict[str, EndpointPresence] | None,
) -> list[ReadyLine]:
    organisations = session.scalars(
        select(Organisation)
        .where(Organisation.id.in_(organisation_ids))
        .order_by(Organisation.name)
    ).all()
    slugs: dict[int, list[str]] = {each.id: [] for each in organisations}
    counsellors = select(Counsellor.organisation_id, Counsellor.slug)
    for organisation_id, slug in session.execute(counsellors):
        if organisation_id in slugs:
            slugs[organisation_id].append(slug)
    paused = _paused_words(session) if presence is not None else {}
    return [
        ReadyLine(
            f"organisation-{each.id}",
            each.short_name,
            (
                wording.unknown()
                if presence is None
                else _counsellors(
                    [
                        Presence(presence[slug].state)
                        for slug in slugs[each.id]
                        if slug in presence
                    ]
                )
            ),
            tuple(
                words
                for slug in slugs[each.id]
                if presence is not None
                and slug in presence
                and presence[slug].state == Presence.PAUSED
                and (words := paused.get(slug))
            ),
        )
        for each in organisations
    ]


def _paused_words(session: Session) -> dict[str, str]:
    """Say of each counsellor who is rung no more why, by telephone."""
    found = session.execute(
        select(
            Counsellor.slug,
            Counsellor.name,
            CounsellorDuty.state,
            CounsellorDuty.reason,
        )
        .join(CounsellorDuty, CounsellorDuty.counsellor_id == Counsellor.id)
        .where(CounsellorDuty.state != DutyState.AVAILABLE)
        .order_by(Counsellor.name)
    )
    return {
        slug: colleague_words(name, DutyState(state), reason)
        for slug, name, state, reason in found
    }


def _counsellors(states: list[Presence]) -> Look:
    if ready := states.count(Presence.READY):
        return wording.counsellors_ready(ready)
    if Presence.IN_CALL in states:
        return wording.counsellors_in_call(states.count(Presence.IN_CALL))
    if Presence.PAUSED in states:
        return wording.counsellors_paused()
    return wording.no_counsellor()
