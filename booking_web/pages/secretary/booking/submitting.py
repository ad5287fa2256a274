# SPDX-License-Identifier: AGPL-3.0-or-later
"""From the booking form to the appointment, or to the sentence that says why not."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext

from booking_web.base.row_numbers import whole_or_none
from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.appointments.asked import relay_named
from booking_web.domain.appointments.booking import Booking, book
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.refusals import (
    BeyondHorizon,
    BookingError,
    NothingToBook,
    NotOffered,
    PlaceTaken,
    TooEarly,
    TooLate,
    TooSoon,
    UnknownInterpreter,
    UnknownReason,
    UnknownRelay,
)
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.appointments.twins import AskTwice, Twin
from booking_web.domain.places.choosing import Side
from booking_web.domain.places.next_start import next_start
from booking_web.domain.places.search import within_hours
from booking_web.domain.residents.identifying import AskWho, Candidate
from booking_web.domain.rights.person import Person
from booking_web.pages.secretary.booking.forms import AT, BookingForm
from booking_web.pages.secretary.booking.subjects import Subject
from booking_web.pages.secretary.booking.walk_in import line_words
from booking_web.pages.secretary.booking.who import particulars_of
from booking_web.shell.services import services
from booking_web.tables.states import AppointmentState
from booking_web.words.dates import moment

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
    # Whom the name may mean: the page asks.
    candidates: list[Candidate] = field(default_factory=list)
    # Beside which appointment of that day this one would be: the page asks.
    twin: Twin | None = None


def submit_booking(
    form: BookingForm, asking: Person, zone: ZoneInfo, now: datetime
) -> BookingOutcome:
    """Book what the form asks for; errors of a field are left on the form."""
    is_valid = form.validate()
    starts_at = form.starts_at(zone, now)
    subject = form.subject
    if not is_valid or form.errors or subject is None:
        return BookingOutcome(starts_at=now)
    order = _order_of(form, subject, asking, starts_at)
    try:
        booking = in_transaction(
            services().database, lambda session: book(session, order, now)
        )
    except AskWho as error:
        return asked_who(form, error, now)
    except AskTwice as error:
        return _asked_twice(error.twin, subject, zone, now)
    except (PlaceTaken, NotOffered, TooSoon, BeyondHorizon) as error:
        # A slot was on the page, whatever keeps it from being offered now.
        taken = error.taken if isinstance(error, PlaceTaken) else None
        is_shown = form.slot is None or taken is Side.INTERPRETER
        side = taken if is_shown else None
        return _taken(form, subject, side, starts_at or now, zone, now)
    except BookingError as error:
        return _refused(form, error, now)
    except DatabaseBusy:
        return busy(now)
    return _booked(booking, subject, now)


def _order_of(
    form: BookingForm, subject: Subject, asking: Person, starts_at: datetime | None
) -> BookingOrder:
    slot = form.slot
    return BookingOrder(
        token=form.submission.data or "",
        user_id=asking.user_id,
        relay=slot.relay if slot else form.relay.data,
        home_relay=form.relay.data,
        organisation=subject.organisation,
        visit_reason=subject.visit_reason,
        resident_name=form.resident_name.data or "",
        particulars=particulars_of(form),
        details=form.reason.data or "",
        language=form.language.data,
        interpreter=form.interpreter.data or None,
        discreet=form.discreet.data,
        starts_at=starts_at,
        asks_twice=True,
        twin_known=whole_or_none(form.twin_known.data or ""),
        # An hour that is typed was agreed by telephone.
        hours=Hours.OFFERED if slot else Hours.AGREED,
    )


def asked_who(form: BookingForm, error: AskWho, now: datetime) -> BookingOutcome:
    """Put the question who this is to the page."""
    form.asked_about.data = form.resident_name.data
    form.resident_choice.data = ""
    form.resident_choice.errors = [
        gettext("Est-ce la même personne ? Choisissez, puis validez.")
    ]
    return BookingOutcome(starts_at=now, candidates=error.candidates)


def _asked_twice(
    twin: Twin, subject: Subject, zone: ZoneInfo, now: datetime
) -> BookingOutcome:
    """Put the question whether a second appointment is meant to the page."""
    when = moment(twin.starts_at, zone, now)
    sentence = (
        gettext("%(name)s attend déjà dans la file : %(what)s.")
        if twin.in_line
        else gettext("%(name)s a déjà rendez-vous %(when)s : %(what)s.")
    )
    told = {"name": twin.resident_name, "what": subject.title, "when": when}
    return BookingOutcome(
        starts_at=twin.starts_at, message=sentence % told, twin=twin, status=CONFLICT
    )


def busy(now: datetime) -> BookingOutcome:
    """Say that the database did not answer in time."""
    message = gettext(
        "Le serveur est très occupé. Rien n'est perdu : attendez un instant, puis "
        "validez à nouveau."
    )
    return BookingOutcome(starts_at=now, message=message, status=BUSY)


def _booked(booking: Booking, subject: Subject, now: datetime) -> BookingOutcome:
    booked = booking.appointment
    told = []
    if booked.in_line:
        waits = gettext("%(name)s attend dans la file, %(what)s.")
        told.append(waits % {"name": booked.resident_name, "what": subject.title})
        with services().database.read() as session:
            told.append(line_words(session, booked, now))
    else:
        when = moment(booked.starts_at, ZoneInfo(booking.asked.time_zone), now)
        told.append(_told(booking, subject, when))
    is_to_come = booked.state in (AppointmentState.BOOKED, AppointmentState.ARRIVED)
    if is_to_come and _is_outside_hours(booking):
        told.append(gettext("Attention : hors des heures publiées par l'organisme."))
    if subject.papers:
        papers = " ; ".join(paper["name"] for paper in subject.papers)
        told.append(gettext("À apporter : %(papers)s.", papers=papers))
    return BookingOutcome(
        appointment_id=booked.id, starts_at=booked.starts_at, message=" ".join(told)
    )


def _told(booking: Booking, subject: Subject, when: str) -> str:
    sentence = (
        gettext("Ce rendez-vous était déjà enregistré : %(name)s, %(what)s, %(when)s.")
        if booking.was_there
        else gettext("Rendez-vous enregistré : %(name)s, %(what)s, %(when)s.")
    )
    name = booking.appointment.resident_name
    return sentence % {"name": name, "what": subject.title, "when": when}


def _is_outside_hours(booking: Booking) -> bool:
    if not booking.asked.has_hours or booking.is_open is not None:
        return booking.is_open is False
    booked = booking.appointment
    with services().database.read() as session:
        return not within_hours(
            session,
            booked.organisation_id,
            booking.asked.relay_id,
            booked.starts_at,
            booked.ends_at,
        )


def _taken(
    form: BookingForm,
    subject: Subject,
    taken: Side | None,
    asked_for: datetime,
    zone: ZoneInfo,
    now: datetime,
) -> BookingOutcome:
    """Say what is taken and which hour is free, where hours are published one of those.

    `taken` is None where the slot is not offered any more.
    """
    when = moment(asked_for, zone, now)
    if taken is None:
        message = gettext("Cette heure vient d'être prise : %(when)s.", when=when)
    elif taken is Side.KIOSK:
        message = gettext("La borne est déjà prise %(when)s.", when=when)
    elif taken is Side.INTERPRETER:
        message = gettext("Aucun interprète n'est libre %(when)s.", when=when)
    else:
        message = gettext(
            "Tous les guichets de « %(organisation)s » sont pris %(when)s.",
            organisation=subject.organisation_name,
            when=when,
        )
    at_field = form.hour if form.when.data == AT else form.when
    at_field.errors = [message]
    with services().database.read() as session:
        following = next_start(
            session,
            organisation_id=subject.organisation_id,
            relay_id=relay_named(session, form.relay.data).id,
            length=subject.length,
            after=asked_for,
            now=now,
            interpreter_id=form.interpreter_id,
        )
    if following is None:
        more = gettext("Aucune heure n'est libre dans les deux semaines qui suivent.")
        return BookingOutcome(starts_at=now, message=more, status=CONFLICT)
    words = moment(following, zone, now)
    return BookingOutcome(
        starts_at=now,
        message=gettext("La prochaine heure libre est %(when)s.", when=words),
        status=CONFLICT,
        proposed=following.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        proposed_words=words,
    )


def _refused(form: BookingForm, error: BookingError, now: datetime) -> BookingOutcome:
    is_slot = form.slot is not None
    if isinstance(error, TooEarly):
        at_field = form.when if is_slot else form.hour
        at_field.errors = [
            gettext("Cette heure est passée. Choisissez une heure à venir.")
        ]
    elif isinstance(error, TooLate):
        at_field = form.when if is_slot else form.day
        at_field.errors = [gettext("Cette date est trop loin : un an au plus.")]
    elif isinstance(error, NothingToBook) and error.missing is Side.KIOSK:
        form.relay.errors = [
            gettext("Ce relais n'a pas de borne. Prévenez l'administrateur.")
        ]
    elif isinstance(error, NothingToBook):
        form.organisation.errors = [
            gettext("Cet organisme n'a pas de guichet. Prévenez l'administrateur.")
        ]
    elif isinstance(error, UnknownRelay):
        at_field = form.when if is_slot else form.relay
        at_field.errors = [gettext("Ce relais n'existe plus. Choisissez-en un autre.")]
    elif isinstance(error, UnknownInterpreter):
        form.interpreter.errors = [
            gettext("Cet interprète n'est plus proposé. Choisissez à nouveau.")
        ]
    elif isinstance(error, UnknownReason):
        form.organisation.errors = [
            gettext("Ce motif n'est plus proposé. Choisissez-en un autre.")
        ]
    else:
        # The directory changed between the page and the submit.
        form.organisation.errors = [
            gettext("Cet organisme n'existe pas. Choisissez-en un dans la liste.")
        ]
    return BookingOutcome(starts_at=now)
