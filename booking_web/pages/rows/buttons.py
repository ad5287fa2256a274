# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which buttons a line of the day's list has: what its state allows now."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import LazyString, lazy_gettext

from booking_web.base.local_time import local_day
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import CALLABLE_AGAIN, ON_THE_LINE, AppointmentState
from booking_web.words.appointments import wording_of

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
HANG_UP = Button(
    "raccrocher",
    lazy_gettext("Raccrocher"),
    "telephone-x",
    asks=True,
    is_grave=True,
)
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


def buttons_of(
    appointment: Appointment,
    state: AppointmentState,
    requested: bool,
    now: datetime,
    zone: ZoneInfo,
) -> list[Button]:
    """List the acts that a secretary may do now, in the order of the page."""
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
    if may_have_been_absent(appointment, state, now, zone):
        return [NO_SHOW]
    return []


def set_back_button(former: AppointmentState | None) -> list[Button]:
    """Offer to set a mistake back to this state; nothing where there is none."""
    if former is None:
        return []
    words = lazy_gettext("Remettre « %(state)s »", state=wording_of(former).word)
    return [Button("retablir", words, "arrow-left", asks=True)]


def may_have_been_absent(
    appointment: Appointment, state: AppointmentState, now: datetime, zone: ZoneInfo
) -> bool:
    """Tell whether a call was made today before which perhaps nobody sat."""
    is_today = local_day(appointment.state_since, zone) == local_day(now, zone)
    was_answered = appointment.counsellor_id is not None
    return is_today and (state is _S.DONE or (state is _S.INTERRUPTED and was_answered))
