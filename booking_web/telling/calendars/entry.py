# SPDX-License-Identifier: AGPL-3.0-or-later
"""An appointment as iCalendar (RFC 5545) writes it; the only importer of `icalendar`.

Every hour is written in UTC, so that no phone and no mail program needs our time zones.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event, vCalAddress

PRODUCT = "-//Guichet virtuel//FR"
# How often a subscribed calendar should look for changes.
REFRESH = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """One appointment with nothing that says whose it is."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str = ""
    is_cancelled: bool = False


def stable_uid(submission: str) -> str:
    """Name an appointment for ever and everywhere, whatever its hour becomes."""
    digest = hashlib.sha256(f"calendar:{submission}".encode()).hexdigest()
    return f"{digest[:24]}@guichet-virtuel"


def text_for_phones(entry: CalendarEntry, now: datetime) -> bytes:
    """Write the entry as the text of a QR code: short, so that the squares are large."""
    event = _event(entry, now)
    del event["SEQUENCE"]
    return bytes(_calendar(None, [event]).to_ical())


def invitation(
    entry: CalendarEntry, organizer: str, attendee: str, now: datetime
) -> bytes:
    """Write the entry as an e-mail carries it; a cancelled one takes itself back."""
    event = _event(entry, now)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("organizer", vCalAddress(f"mailto:{organizer}"))
    guest = vCalAddress(f"mailto:{attendee}")
    guest.params["PARTSTAT"] = "ACCEPTED"
    guest.params["RSVP"] = "FALSE"
    event.add("attendee", guest)
    method = "CANCEL" if entry.is_cancelled else "REQUEST"
    return bytes(_calendar(method, [event]).to_ical())


def feed(name: str, entries: Iterable[CalendarEntry], now: datetime) -> bytes:
    """Write a calendar that can be subscribed to."""
    calendar = _calendar("PUBLISH", [_event(entry, now) for entry in entries])
    calendar.add("x-wr-calname", name)
    calendar.add("name", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    return bytes(calendar.to_ical())


def _calendar(method: str | None, events: Iterable[Event]) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    if method is not None:
        calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    return calendar


def _event(entry: CalendarEntry, now: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", now)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", entry.summary)
    event.add("location", entry.location)
    event.add("sequence", entry.sequence)
    if entry.description:
        event.add("description", entry.description)
    return event
