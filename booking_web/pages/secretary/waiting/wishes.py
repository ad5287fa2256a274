# SPDX-License-Identifier: AGPL-3.0-or-later
"""From the booking form to the waiting list, where no slot suits."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.appointments.asked import relay_named
from booking_web.domain.appointments.refusals import UnknownRelay
from booking_web.domain.residents.identifying import AskWho, person_meant
from booking_web.domain.rights.person import Person
from booking_web.domain.waiting.acts import add_entry
from booking_web.pages.secretary.booking.forms import BookingForm
from booking_web.pages.secretary.booking.subjects import Subject
from booking_web.pages.secretary.booking.submitting import (
    BookingOutcome,
    asked_who,
    busy,
)
from booking_web.pages.secretary.booking.who import particulars_of
from booking_web.shell.services import services
from booking_web.words.dates import long_date


@dataclass(frozen=True)
class Wish:
    """What became of it: a sentence, or why not."""

    message: str = ""
    outcome: BookingOutcome | None = None


def submit_wish(
    form: BookingForm, asking: Person, zone: ZoneInfo, now: datetime
) -> Wish:
    """Put the form's resident on the list; errors of a field are left on the form."""
    is_valid = form.validate()
    until = form.last_day()
    if until is not None and until < local_day(now, zone):
        form.until.errors = [gettext("Ce jour est passé.")]
    subject = form.subject
    if not is_valid or form.errors or subject is None:
        return Wish(outcome=BookingOutcome(starts_at=now))
    try:
        in_transaction(
            services().database,
            lambda session: _add(session, form, subject, asking, until, now),
        )
    except AskWho as error:
        return Wish(outcome=asked_who(form, error, now))
    except UnknownRelay:
        form.relay.errors = [gettext("Ce relais n'existe plus.")]
        return Wish(outcome=BookingOutcome(starts_at=now))
    except DatabaseBusy:
        return Wish(outcome=busy(now))
    told = [
        gettext(
            "%(name)s est sur la liste d'attente : %(what)s.",
            name=form.resident_name.data,
            what=subject.title,
        )
    ]
    if until is not None:
        told.append(gettext("Au plus tard le %(day)s.", day=long_date(until)))
    return Wish(" ".join(told))


def _add(
    session: Session,
    form: BookingForm,
    subject: Subject,
    asking: Person,
    until: date | None,
    now: datetime,
) -> None:
    relay = relay_named(session, form.relay.data)
    person = person_meant(
        session,
        form.resident_name.data or "",
        particulars_of(form),
        relay.id,
        asking.user_id,
        now,
    )
    add_entry(
        session,
        relay_id=relay.id,
        organisation_id=subject.organisation_id,
        visit_reason_id=subject.visit_reason_id,
        resident_id=person.resident.id,
        language=form.language.data,
        interpreter_id=form.interpreter_id,
        discreet=form.discreet.data,
        until=until,
        user_id=asking.user_id,
        now=now,
    )
