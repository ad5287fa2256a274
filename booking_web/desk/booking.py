# SPDX-License-Identifier: AGPL-3.0-or-later
"""From the booking form to the appointment, or to the sentence that says why not."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking_web.desk.forms import AT, BookingForm
from booking_web.desk.viewer import Viewer
from booking_web.languages import clock, long_date
from booking_web.local_time import local_day
from booking_web.scheduling import (
    Booking,
    BookingError,
    BookingRequest,
    NothingToBook,
    PlaceTaken,
    TooEarly,
    TooLate,
    book,
)
from booking_web.services import services
from booking_web.transactions import DatabaseBusy, in_transaction

INVALID = 422
CONFLICT = 409
BUSY = 503


@dataclass(frozen=True, kw_only=True)
class BookingOutcome:
    """What became of a submitted form."""

    # None: nothing was booked.
    appointment_id: int | None = None
    starts_at: datetime
    message: str = ""
    status: int = INVALID
    # After a conflict: the free hour as the form sends it, and as it is read.
    proposed: str = ""
    proposed_words: str = ""


def submit_booking(
    form: BookingForm, asking: Viewer, zone: ZoneInfo, now: datetime
) -> BookingOutcome:
    """Book what the form asks for; errors of a field are left on the form."""
    is_valid = form.validate()
    starts_at = form.starts_at(zone, now)
    if not is_valid or form.errors:
        return BookingOutcome(starts_at=now)
    request = BookingRequest(
        token=form.submission.data or "",
        user_id=asking.user_id,
        relay=form.relay.data,
        organisation=form.organisation.data,
        resident_name=form.resident_name.data,
        reason=form.reason.data or "",
        starts_at=starts_at,
    )
    try:
        booking = in_transaction(
            services().database, lambda session: book(session, request, now)
        )
    except PlaceTaken as error:
        return _taken(form, error, starts_at or now, zone, now)
    except BookingError as error:
        return _refused(form, error, now)
    except DatabaseBusy:
        message = gettext(
            "Le serveur est très occupé. Rien n'est perdu : attendez un instant, puis "
            "validez à nouveau."
        )
        return BookingOutcome(starts_at=now, message=message, status=BUSY)
    return _booked(booking, form, zone, now)


def moment(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Write a day and an hour as people say them."""
    day = local_day(instant, zone)
    if day == local_day(now, zone):
        return gettext("aujourd'hui à %(hour)s", hour=clock(instant, zone))
    return gettext(
        "le %(day)s à %(hour)s", day=long_date(day), hour=clock(instant, zone)
    )


def _booked(
    booking: Booking, form: BookingForm, zone: ZoneInfo, now: datetime
) -> BookingOutcome:
    appointment = booking.appointment
    names = dict(form.organisation.choices)
    sentence = (
        gettext("Ce rendez-vous était déjà enregistré : %(name)s, %(what)s, %(when)s.")
        if booking.was_there
        else gettext("Rendez-vous enregistré : %(name)s, %(what)s, %(when)s.")
    )
    message = sentence % {
        "name": appointment.resident_name,
        "what": names[form.organisation.data],
        "when": moment(appointment.starts_at, zone, now),
    }
    return BookingOutcome(
        appointment_id=appointment.id,
        starts_at=appointment.starts_at,
        message=message,
    )


def _taken(
    form: BookingForm,
    error: PlaceTaken,
    asked_for: datetime,
    zone: ZoneInfo,
    now: datetime,
) -> BookingOutcome:
    names = dict(form.organisation.choices)
    when = moment(asked_for, zone, now)
    if error.taken == "kiosk":
        message = gettext("La borne est déjà prise %(when)s.", when=when)
    else:
        message = gettext(
            "Tous les guichets de « %(organisation)s » sont pris %(when)s.",
            organisation=names[form.organisation.data],
            when=when,
        )
    field = form.hour if form.when.data == AT else form.when
    field.errors = [message]
    if error.next_start is None:
        more = gettext("Aucune heure n'est libre dans les deux semaines qui suivent.")
        return BookingOutcome(starts_at=now, message=more, status=CONFLICT)
    words = moment(error.next_start, zone, now)
    local = error.next_start.astimezone(zone)
    return BookingOutcome(
        starts_at=now,
        message=gettext("La prochaine heure libre est %(when)s.", when=words),
        status=CONFLICT,
        proposed=local.strftime("%Y-%m-%d %H:%M"),
        proposed_words=words,
    )


def _refused(form: BookingForm, error: BookingError, now: datetime) -> BookingOutcome:
    if isinstance(error, TooEarly):
        form.hour.errors = [
            gettext("Cette heure est passée. Choisissez une heure à venir.")
        ]
    elif isinstance(error, TooLate):
        form.day.errors = [gettext("Cette date est trop loin : un an au plus.")]
    elif isinstance(error, NothingToBook) and error.missing == "kiosk":
        form.relay.errors = [
            gettext("Ce relais n'a pas de borne. Prévenez l'administrateur.")
        ]
    elif isinstance(error, NothingToBook):
        form.organisation.errors = [
            gettext("Cet organisme n'a pas de guichet. Prévenez l'administrateur.")
        ]
    else:
        # The directory changed between the page and the submit.
        form.organisation.errors = [
            gettext("Cet organisme n'existe pas. Choisissez-en un dans la liste.")
        ]
    return BookingOutcome(starts_at=now)
