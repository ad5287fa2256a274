# SPDX-License-Identifier: AGPL-3.0-or-later
"""The day's list as the page shows it: each appointment with its words and buttons."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import LazyString, gettext, lazy_gettext
from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session, joinedload

from booking_web.desk.viewer import Viewer
from booking_web.line.estimate import LinePlace, place_in_line
from booking_web.line.wording import place_words
from booking_web.local_time import day_bounds, local_day
from booking_web.models import Appointment, Resident
from booking_web.residents.telephones import readable_telephone
from booking_web.states import (
    CALLABLE_AGAIN,
    ON_THE_LINE,
    OVER,
    AppointmentState,
)
from booking_web.wording import IN_LINE, StateWording, reason_sentence, wording_of
from provisioning.models import Kiosk, Relay

_S = AppointmentState


@dataclass(frozen=True)
class Button:
    """An act that the state allows; `act` is the last part of its address."""

    act: str
    label: LazyString
    icon: str
    is_first: bool = False
    # Leads to a page that asks first; the others act at once.
    asks: bool = False
    is_grave: bool = False


ARRIVED = Button("arrive", lazy_gettext("Arrivé"), "person-check")
CALL = Button("appeler", lazy_gettext("Appeler maintenant"), "telephone-outbound")
CALL_AGAIN = Button("appeler", lazy_gettext("Rappeler"), "telephone-outbound", True)
HANG_UP = Button("raccrocher", lazy_gettext("Raccrocher"), "telephone-x", is_grave=True)
FINISH = Button("terminer", lazy_gettext("Terminer"), "check-circle")
RESCHEDULE = Button("deplacer", lazy_gettext("Déplacer"), "calendar2-week", asks=True)
NO_SHOW = Button("absent", lazy_gettext("Absent"), "person-x", asks=True)
CANCEL = Button(
    "annuler", lazy_gettext("Annuler"), "x-circle", asks=True, is_grave=True
)
LEAVE_LINE = Button(
    "annuler",
    lazy_gettext("Retirer de la file"),
    "x-circle",
    asks=True,
    is_grave=True,
)


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    id: int
    resident_name: str
    reason: str
    organisation: str
    relay: str
    # None where the relay has a single kiosk.
    kiosk: str | None
    counsellor: str | None
    starts_at: datetime
    state_since: datetime
    zone: ZoneInfo
    state: AppointmentState
    wording: StateWording
    state_reason: LazyString | str
    buttons: list[Button]
    is_over: bool
    organisation_id: int
    # Why the resident comes, in the inventory's words; empty where none was chosen.
    visit_reason: str = ""
    telephone: str = ""
    # Position and estimate of one who waits in a line.
    place: str = ""
    # The slip is of use: it is still to come.
    has_slip: bool = False
    # After a call: what the resident answered, and whether it can be asked.
    was_useful: bool | None = None
    asks_usefulness: bool = False
    # Where the town hall booked at a neighbour's kiosk: that relay's name.
    elsewhere: str = ""

    @property
    def announcement(self) -> str:
        """Say the present state in one sentence for those who listen to the page."""
        return gettext(
            "%(name)s, %(organisation)s : %(state)s. %(reason)s",
            name=self.resident_name,
            organisation=self.organisation,
            state=self.wording.word,
            reason=self.state_reason,
        ).strip()


def rows_of_day(
    session: Session, viewer: Viewer, day: date, relay: Relay | None, now: datetime
) -> list[Row]:
    """List the day's appointments by hour; those of another day that are on now come too.

    `relay` limits the list; each relay's day is that of its own time zone.
    """
    relays = [relay] if relay is not None else viewer.relays(session)
    rows: list[Row] = []
    for each in relays:
        zone = ZoneInfo(each.time_zone)
        begins, ends = day_bounds(day, zone)
        of_the_day: ColumnElement[bool] = (Appointment.starts_at >= begins) & (
            Appointment.starts_at < ends
        )
        if day == local_day(now, zone):
            # Also who came just before midnight and is about to be called.
            is_asked_for = (Appointment.state == _S.ARRIVED) & (
                Appointment.call_requested_at.is_not(None)
            )
            of_the_day = or_(
                of_the_day, Appointment.state.in_(ON_THE_LINE), is_asked_for
            )
        query = (
            viewer.appointments()
            .where(_listed_at(each, viewer), of_the_day)
            .options(
                joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
                joinedload(Appointment.organisation),
                joinedload(Appointment.counsellor),
                joinedload(Appointment.visit_reason),
            )
            .order_by(Appointment.starts_at, Appointment.id)
        )
        appointments = session.scalars(query).all()
        telephones = _telephones(session, appointments)
        kiosks = Counter(kiosk.relay_id for kiosk in each.kiosks)
        rows.extend(
            row_of(
                appointment,
                now,
                has_several_kiosks=kiosks[each.id] > 1,
                listed_at=each.id,
                place=_place_of(session, appointment, now),
                telephone=telephones.get(appointment.resident_id or 0, ""),
            )
            for appointment in appointments
        )
    return sorted(rows, key=lambda row: (row.starts_at, row.id))


def row_of(
    appointment: Appointment,
    now: datetime,
    *,
    has_several_kiosks: bool = False,
    listed_at: int | None = None,
    place: LinePlace | None = None,
    telephone: str = "",
) -> Row:
    """Turn an appointment into its line, in the list of the relay `listed_at`."""
    state = AppointmentState(appointment.state)
    requested = appointment.call_requested_at is not None
    relay = appointment.kiosk.relay
    zone = ZoneInfo(relay.time_zone)
    counsellor = appointment.counsellor
    visit_reason = appointment.visit_reason
    return Row(
        id=appointment.id,
        resident_name=appointment.resident_name or gettext("(nom effacé)"),
        reason=appointment.reason,
        organisation=appointment.organisation.short_name,
        relay=relay.name,
        kiosk=appointment.kiosk.slug if has_several_kiosks else None,
        counsellor=(counsellor.name if counsellor and state is _S.IN_CALL else None),
        starts_at=appointment.starts_at,
        state_since=appointment.state_since,
        zone=zone,
        state=state,
        wording=IN_LINE if appointment.in_line else wording_of(state, requested),
        state_reason=reason_sentence(appointment.state_reason),
        buttons=_buttons(appointment, state, requested, now, zone),
        is_over=state in OVER,
        elsewhere=relay.name if listed_at not in (None, relay.id) else "",
        organisation_id=appointment.organisation_id,
        visit_reason=visit_reason.name if visit_reason else "",
        telephone=readable_telephone(telephone),
        place=place_words(place) if place else "",
        has_slip=state is _S.BOOKED,
        was_useful=appointment.was_useful,
        asks_usefulness=state is _S.DONE,
    )


def _place_of(
    session: Session, appointment: Appointment, now: datetime
) -> LinePlace | None:
    if not appointment.in_line:
        return None
    return place_in_line(
        session, appointment.organisation_id, now, appointment=appointment
    )


def _telephones(
    session: Session, appointments: Sequence[Appointment]
) -> dict[int, str]:
    residents = {each.resident_id for each in appointments if each.resident_id}
    if not residents:
        return {}
    rows = session.execute(
        select(Resident.id, Resident.telephone).where(Resident.id.in_(residents))
    )
    return {number: telephone for number, telephone in rows}


def _listed_at(relay: Relay, viewer: Viewer) -> ColumnElement[bool]:
    # A secretary's own list also has what the town hall booked at a neighbour's kiosk.
    return true() if viewer.relay_id == relay.id else Kiosk.relay_id == relay.id


def _buttons(
    appointment: Appointment,
    state: AppointmentState,
    requested: bool,
    now: datetime,
    zone: ZoneInfo,
) -> list[Button]:
    if state in ON_THE_LINE:
        return [] if appointment.hangup_requested_at else [HANG_UP]
    if state in CALLABLE_AGAIN:
        finish = [FINISH] if state is _S.INTERRUPTED else []
        return [CALL_AGAIN, *finish, RESCHEDULE, NO_SHOW, CANCEL]
    if appointment.in_line:
        return [CALL, RESCHEDULE, LEAVE_LINE]
    if state is _S.ARRIVED:
        call = [] if requested else [CALL]
        return [*call, RESCHEDULE, NO_SHOW, CANCEL]
    if state is _S.BOOKED:
        if local_day(appointment.starts_at, zone) != local_day(now, zone):
            return [RESCHEDULE, CANCEL]
        late = [NO_SHOW] if appointment.starts_at <= now else []
        return [ARRIVED, CALL, RESCHEDULE, *late, CANCEL]
    return []
