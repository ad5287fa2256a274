# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of an appointment that waits for somebody: what for, and until when."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking_web.base.local_time import local_day
from booking_web.domain.appointments.line.keeping import Keeping, kept_until
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import CALLABLE_AGAIN, AppointmentState
from booking_web.words.dates import clock

_S = AppointmentState


def awaited_words(
    appointment: Appointment, now: datetime, keeping: Keeping, zone: ZoneInfo
) -> str:
    """Say what is waited for, and how long its place is kept; empty where nothing is."""
    state = AppointmentState(appointment.state)
    if local_day(appointment.starts_at, zone) != local_day(now, zone):
        return ""
    if state is _S.ARRIVED and not appointment.in_line:
        if appointment.starts_at <= now or appointment.call_requested_at is not None:
            return ""
        hour = clock(appointment.starts_at, zone)
        return gettext("La borne appellera à %(hour)s.", hour=hour)
    if state in CALLABLE_AGAIN:
        return _kept_words(appointment, now, keeping, zone)
    if state is not _S.BOOKED or appointment.starts_at > now:
        return ""
    if keeping.calls_at_the_hour:
        return ""
    waits = gettext("L'usager est attendu : notez-le arrivé et la borne appellera.")
    return f"{waits} {_kept_words(appointment, now, keeping, zone)}"


def _kept_words(
    appointment: Appointment, now: datetime, keeping: Keeping, zone: ZoneInfo
) -> str:
    until = kept_until(appointment, keeping)
    if until is None:
        return ""
    if now < until:
        return gettext("Sa place est gardée jusqu'à %(hour)s.", hour=clock(until, zone))
    return gettext("Sa place n'est plus gardée : la file d'attente passe avant.")
