# SPDX-License-Identifier: AGPL-3.0-or-later
"""Imports a file, or tells what would become of each line.

The preview writes nothing and takes no lock: it counts in memory which kiosks and counters
the file itself would hold. The import books as everybody does, a few lines a transaction,
so that secretaries book meanwhile; one that was broken off is simply run again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.booking import (
    BookingError,
    NothingToBook,
    PlaceTaken,
    TooEarly,
    TooLate,
    book,
    place_or_refusal,
)
from booking_web.domain.appointments.keyed_requests import KEY_LENGTH
from booking_web.domain.imports.interpreting import (
    Directory,
    Scope,
    Wish,
    interpret,
    too_early_or_late,
)
from booking_web.domain.imports.lines import Line, Outcome, Report, Why
from booking_web.domain.imports.reading import read_lines
from booking_web.domain.places.choosing import Place, Side, Taken, choose_place
from booking_web.domain.places.held_slots import held_by_counters, held_by_kiosks
from booking_web.domain.places.slots import slots_touched
from booking_web.tables.appointment import Appointment
from provisioning.database.engine import Database
from provisioning.database.models import Kiosk

LINES_A_TRANSACTION = 20


def preview(database: Database, content: bytes, scope: Scope, now: datetime) -> Report:
    """Tell what an import would do; raises FileRefused."""
    with database.read() as session:
        lines, wishes = _read(session, content, scope, now)
        known = _known(session, wishes)
        places = _Places(session, wishes, now)
        for wish in wishes:
            lines[wish.line.number] = _foreseen(wish, known, places, now)
    return Report(tuple(lines[number] for number in sorted(lines)), is_dry_run=True)


def run_import(
    database: Database, content: bytes, scope: Scope, now: datetime
) -> Report:
    """Book what can be booked of the file; raises FileRefused."""
    with database.read() as session:
        lines, wishes = _read(session, content, scope, now)
        known = _known(session, wishes)
    new = []
    for wish in wishes:
        told = _told_before(wish, known)
        lines[wish.line.number] = told or wish.line
        if told is None:
            new.append(wish)
    for some in _batches(new):

        def work(session: Session, some: Sequence[Wish] = some) -> list[Line]:
            return [_booked(session, wish, now) for wish in some]

        for line in in_transaction(database, work):
            lines[line.number] = line
    return Report(tuple(lines[number] for number in sorted(lines)), is_dry_run=False)


def _batches(wishes: list[Wish]) -> Iterator[Sequence[Wish]]:
    for start in range(0, len(wishes), LINES_A_TRANSACTION):
        yield wishes[start : start + LINES_A_TRANSACTION]


def _read(
    session: Session, content: bytes, scope: Scope, now: datetime
) -> tuple[dict[int, Line], list[Wish]]:
    """Give the lines that are refused already, by number, and what the others ask for."""
    directory = Directory(session, scope)
    lines: dict[int, Line] = {}
    wishes: list[Wish] = []
    seen: set[str] = set()
    for raw in read_lines(content, scope.assumed):
        told = interpret(raw, directory, scope, now)
        if isinstance(told, Line):
            lines[told.number] = told
        elif told.request.key in seen:
            lines[raw.number] = _refused(told.line, Why.REFERENCE_TWICE)
        else:
            seen.add(told.request.key)
            wishes.append(told)
    return lines, wishes


def _known(session: Session, wishes: list[Wish]) -> dict[str, Appointment]:
    """Give the appointment of each key that was imported before."""
    known = {}
    for wish in wishes:
        start = wish.request.key
        made = session.scalar(
            _OF_KEY, {"first": start, "end": start + "g" * KEY_LENGTH}
        )
        if made is not None:
            known[start] = made
    return known


def _told_before(wish: Wish, known: dict[str, Appointment]) -> Line | None:
    made = known.get(wish.request.key)
    if made is None:
        return None
    is_same = made.submission == wish.request.submission
    outcome = Outcome.KNOWN if is_same else Outcome.DIFFERENT
    return replace(wish.line, outcome=outcome, appointment_id=made.id)


def _foreseen(
    wish: Wish, known: dict[str, Appointment], places: "_Places", now: datetime
) -> Line:
    if told := _told_before(wish, known):
        return told
    starts_at = wish.request.starts_at or now
    if why := too_early_or_late(starts_at, now):
        return _refused(wish.line, why)
    try:
        place_or_refusal(places.take(wish, starts_at))
    except BookingError as error:
        return _refused(wish.line, _why(error))
    return wish.line


def _booked(session: Session, wish: Wish, now: datetime) -> Line:
    try:
        with session.begin_nested():
            booking = book(session, wish.request, now)
    except BookingError as error:
        return _refused(wish.line, _why(error))
    outcome = Outcome.KNOWN if booking.was_there else Outcome.NEW
    return replace(wish.line, outcome=outcome, appointment_id=booking.appointment.id)


def _why(error: BookingError) -> Why:
    if isinstance(error, PlaceTaken):
        return Why.KIOSK_TAKEN if error.taken is Side.KIOSK else Why.COUNTER_TAKEN
    if isinstance(error, NothingToBook):
        return Why.NO_KIOSK if error.missing is Side.KIOSK else Why.NO_COUNTER
    if isinstance(error, TooEarly):
        return Why.PAST
    if isinstance(error, TooLate):
        return Why.TOO_FAR
    # Renamed or removed since the file was read.
    return Why.UNKNOWN_RELAY


def _refused(line: Line, why: Why) -> Line:
    return replace(line, outcome=Outcome.REFUSED, why=why)


class _Places:
    """The slots that are held now, or would be by the lines before."""

    def __init__(self, session: Session, wishes: list[Wish], now: datetime) -> None:
        self._kiosks: dict[int, dict[int, set[datetime]]] = {}
        self._counters: dict[int, dict[int, set[datetime]]] = {}
        if not wishes:
            return
        starts = [wish.request.starts_at or now for wish in wishes]
        ends = [start + wish.length for start, wish in zip(starts, wishes, strict=True)]
        first, end = min(starts), max(ends)
        for relay_id in {wish.relay.id for wish in wishes}:
            ids = session.scalars(
                select(Kiosk.id).where(Kiosk.relay_id == relay_id).order_by(Kiosk.id)
            )
            self._kiosks[relay_id] = held_by_kiosks(session, ids, first, now, until=end)
        for organisation_id in {wish.organisation.id for wish in wishes}:
            self._counters[organisation_id] = held_by_counters(
                session, organisation_id, first, until=end
            )

    def take(self, wish: Wish, starts_at: datetime) -> Place | Taken:
        """Hold a kiosk and a counter for the wish, or tell which there is none of."""
        kiosks = self._kiosks[wish.relay.id]
        counters = self._counters[wish.organisation.id]
        ends_at = starts_at + wish.length
        found = choose_place(starts_at, ends_at, kiosks, counters)
        if isinstance(found, Place):
            slots = slots_touched(starts_at, ends_at)
            kiosks[found.kiosk_id].update(slots)
            counters[found.counter_id].update(slots)
        return found


# All keys are hexadecimal digits: "g" comes after each of them.
_OF_KEY = select(Appointment).where(
    Appointment.submission >= bindparam("first"),
    Appointment.submission < bindparam("end"),
)
