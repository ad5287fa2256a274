# SPDX-License-Identifier: AGPL-3.0-or-later
"""Calendar feeds: what they tell, who may make one, and the secret that opens it."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.initials import initials_of
from booking_web.domain.journal.entries import write_down
from booking_web.domain.rights.person import Person
from booking_web.domain.rights.restriction import is_unrestricted
from booking_web.tables.appointment import Appointment
from booking_web.tables.calendar_feeds import CalendarFeed
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState
from booking_web.telling.calendars.entry import CalendarEntry, stable_uid
from provisioning.database.models import Counter, Kiosk
from provisioning.directory.digests import digest_of

PAST = timedelta(days=30)
FUTURE = timedelta(days=366)
# A year of a busy relay; a calendar program is not to be sent more.
MOST_ENTRIES = 5000
DETAILS = ("none", "reason", "initials")


def token_of(secret_key: str, submission: str, user_id: int) -> str:
    """Make the token that belongs to one page shown to one person.

    The same form sent twice makes the same token, hence one feed; without our secret key
    nobody makes any.
    """
    told = f"calendar feed\0{user_id}\0{submission}".encode()
    digest = hmac.digest(secret_key.encode(), told, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def feeds_of(session: Session, owner: Person) -> list[CalendarFeed]:
    """List the feeds that this person may revoke, oldest first."""
    relays = [relay.id for relay in owner.relays(session)]
    counters = [counter.id for counter in owner.counters(session)]
    return list(
        session.scalars(
            select(CalendarFeed)
            .where(
                or_(
                    CalendarFeed.relay_id.in_(relays),
                    CalendarFeed.counter_id.in_(counters),
                )
            )
            .options(
                joinedload(CalendarFeed.relay),
                joinedload(CalendarFeed.counter).joinedload(Counter.organisation),
            )
            .order_by(CalendarFeed.id)
        )
    )


def make_feed(
    session: Session, owner: Person, feed: CalendarFeed, now: datetime
) -> None:
    """Store a feed, unless the same submission made it before."""
    query = select(CalendarFeed.id).where(
        CalendarFeed.token_digest == feed.token_digest
    )
    if session.scalar(query) is None:
        session.add(feed)
        session.flush()
        _write_down(session, owner, Act.FEED_MADE, feed, now)


def revoke_feed(session: Session, owner: Person, feed_id: int, now: datetime) -> bool:
    """Close a feed for good; False where this person has no such feed."""
    feed = next((each for each in feeds_of(session, owner) if each.id == feed_id), None)
    if feed is None:
        return False
    _write_down(session, owner, Act.FEED_REVOKED, feed, now)
    session.delete(feed)
    return True


def open_feed(session: Session, token: str) -> CalendarFeed | None:
    """Find the feed that a token opens."""
    return session.scalar(
        select(CalendarFeed)
        .where(CalendarFeed.token_digest == digest_of(token))
        .options(
            joinedload(CalendarFeed.relay),
            joinedload(CalendarFeed.counter).joinedload(Counter.organisation),
        )
    )


def name_of(feed: CalendarFeed) -> str:
    """Name the calendar as its subscriber sees it."""
    if feed.relay is not None:
        return feed.relay.name
    assert feed.counter is not None, "a check of the database"
    return f"{feed.counter.organisation.short_name} – {feed.counter.name}"


def entries_of(
    session: Session, feed: CalendarFeed, details: str, now: datetime
) -> list[CalendarEntry]:
    """List what the feed tells: of each appointment the hour and the place, no name."""
    query = (
        select(Appointment)
        .join(Kiosk, Kiosk.id == Appointment.kiosk_id)
        .where(
            Appointment.starts_at > now - PAST,
            Appointment.starts_at < now + FUTURE,
            Appointment.state != AppointmentState.CANCELLED,
            is_unrestricted(Appointment.resident_id),
        )
        .options(
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.organisation),
            joinedload(Appointment.counter),
            joinedload(Appointment.visit_reason),
        )
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(MOST_ENTRIES)
    )
    if feed.relay_id is not None:
        query = query.where(Kiosk.relay_id == feed.relay_id)
    else:
        query = query.where(
            or_(
                Appointment.counter_id == feed.counter_id,
                Appointment.interpreter_counter_id == feed.counter_id,
            )
        )
    is_relay = feed.relay_id is not None
    return [
        (
            _interpreted(each)
            if each.interpreter_counter_id == feed.counter_id and not is_relay
            else _entry(each, is_relay, details)
        )
        for each in session.scalars(query)
    ]


def _entry(appointment: Appointment, is_relay: bool, details: str) -> CalendarEntry:
    relay = appointment.kiosk.relay
    summary = appointment.organisation.short_name if is_relay else relay.name
    if details in ("reason", "initials") and (reason := appointment.reason_on_boards):
        summary += f" – {reason.name}"
    if details == "initials" and (who := _who(appointment)):
        summary += f" ({who})"
    return _at_its_hour(appointment, summary)


def _who(appointment: Appointment) -> str:
    if appointment.discreet:
        return appointment.name_on_boards
    return initials_of(appointment.resident_name)


def _interpreted(appointment: Appointment) -> CalendarEntry:
    """Tell an interpreter where from and with whom; why and who is none of theirs."""
    relay = appointment.kiosk.relay.name
    return _at_its_hour(appointment, f"{relay} – {appointment.organisation.short_name}")


def _at_its_hour(appointment: Appointment, summary: str) -> CalendarEntry:
    relay = appointment.kiosk.relay
    if appointment.state == AppointmentState.NO_SHOW:
        summary = " – ".join((summary, gettext("Absent")))
    return CalendarEntry(
        uid=stable_uid(appointment.submission),
        sequence=appointment.sequence,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        summary=summary,
        location=", ".join(part for part in (relay.name, relay.room) if part),
    )


def _write_down(
    session: Session, owner: Person, act: Act, feed: CalendarFeed, now: datetime
) -> None:
    of = f"relay {feed.relay_id}" if feed.relay_id else f"counter {feed.counter_id}"
    write_down(session, act, actor=owner.actor, at=now, detail=f"{feed.id} {of}")
