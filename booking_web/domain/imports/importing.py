# SPDX-License-Identifier: AGPL-3.0-or-later
"""Imports a file, or tells what would become of each line.

The preview writes nothing and takes no lock: it counts in memory which kiosks and counters
the file itself would hold. The import books as everybody does, a few lines a transaction,
so that secretaries book meanwhile; one that was broken off is simply run again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.asked import made_with
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.refusals import (
    BookingError,
    KeyReused,
    NothingToBook,
    PlaceTaken,
    TooEarly,
    TooLate,
    UnknownOrganisation,
    place_or_refusal,
)
from booking_web.domain.appointments.rules import check_bounds
from booking_web.domain.imports.interpreting import (
    Directory,
    LineOrder,
    Scope,
    interpret,
)
from booking_web.domain.imports.lines import Line, Outcome, Report, WhyRefused
from booking_web.domain.imports.reading import read_lines
from booking_web.domain.places.choosing import (
    Place,
    Side,
    Taken,
    choose_place,
    free_among,
)
from booking_web.domain.places.grid import slots_touched
from booking_web.domain.places.held_slots import held_by_counters, held_by_kiosks
from booking_web.tables.appointment import Appointment
from provisioning.database.engine import Database
from provisioning.database.models import Kiosk

LINES_A_TRANSACTION = 20


def preview(database: Database, content: bytes, scope: Scope, now: datetime) -> Report:
    """Tell what an import would do; raises FileRefused."""
    with database.read() as session:
        lines, orders = _read(session, content, scope, now)
        known = _known(session, orders)
        places = _Places(session, orders, now)
        for asked in orders:
            lines[asked.line.number] = _foreseen(asked, known, places, now)
    return Report(tuple(lines[number] for number in sorted(lines)), is_dry_run=True)


def run_import(
    database: Database, content: bytes, scope: Scope, now: datetime
) -> Report:
    """Book what can be booked of the file; raises FileRefused."""
    with database.read() as session:
        lines, orders = _read(session, content, scope, now)
        known = _known(session, orders)
    new = []
    for asked in orders:
        told = _told_before(asked, known)
        lines[asked.line.number] = told or asked.line
        if told is None:
            new.append(asked)
    for some in _batches(new):

        def work(session: Session, some: Sequence[LineOrder] = some) -> list[Line]:
            return [_booked(session, asked, now) for asked in some]

        for line in in_transaction(database, work):
            lines[line.number] = line
    return Report(tuple(lines[number] for number in sorted(lines)), is_dry_run=False)


def _batches(orders: list[LineOrder]) -> Iterator[Sequence[LineOrder]]:
    for start in range(0, len(orders), LINES_A_TRANSACTION):
        yield orders[start : start + LINES_A_TRANSACTION]


def _read(
    session: Session, content: bytes, scope: Scope, now: datetime
) -> tuple[dict[int, Line], list[LineOrder]]:
    """Give the lines that are refused already, by number, and what the others ask for."""
    directory = Directory(session, scope)
    lines: dict[int, Line] = {}
    orders: list[LineOrder] = []
    seen: set[str] = set()
    for raw in read_lines(content, scope.assumed):
        told = interpret(raw, directory, scope, now)
        if isinstance(told, Line):
            lines[told.number] = told
        elif told.order.key in seen:
            lines[raw.number] = _refused(told.line, WhyRefused.REFERENCE_TWICE)
        else:
            seen.add(told.order.key)
            orders.append(told)
    return lines, orders


def _known(session: Session, orders: list[LineOrder]) -> dict[str, Appointment]:
    """Give the appointment of each key that was imported before."""
    known = {}
    for asked in orders:
        if (made := made_with(session, asked.order)) is not None:
            known[asked.order.key] = made
    return known


def _told_before(asked: LineOrder, known: dict[str, Appointment]) -> Line | None:
    made = known.get(asked.order.key)
    if made is None:
        return None
    is_same = made.submission == asked.submission
    outcome = Outcome.KNOWN if is_same else Outcome.DIFFERENT
    return replace(asked.line, outcome=outcome, appointment_id=made.id)


def _foreseen(
    asked: LineOrder, known: dict[str, Appointment], places: "_Places", now: datetime
) -> Line:
    if told := _told_before(asked, known):
        return told
    try:
        check_bounds(asked.starts_at, now)
        place_or_refusal(places.take(asked))
    except BookingError as error:
        return _refused(asked.line, _why(error))
    return asked.line


def _booked(session: Session, asked: LineOrder, now: datetime) -> Line:
    try:
        with session.begin_nested():
            booking = book(session, asked.order, now)
    except KeyReused as error:
        # By somebody who imports the same file now.
        return replace(
            asked.line,
            outcome=Outcome.DIFFERENT,
            appointment_id=error.appointment_id,
        )
    except BookingError as error:
        return _refused(asked.line, _why(error))
    outcome = Outcome.KNOWN if booking.was_there else Outcome.NEW
    return replace(asked.line, outcome=outcome, appointment_id=booking.appointment.id)


def _why(error: BookingError) -> WhyRefused:
    if isinstance(error, PlaceTaken):
        taken = error.taken or Side.COUNTER
        return {
            Side.KIOSK: WhyRefused.KIOSK_TAKEN,
            Side.INTERPRETER: WhyRefused.INTERPRETER_TAKEN,
        }.get(taken, WhyRefused.COUNTER_TAKEN)
    if isinstance(error, NothingToBook):
        return (
            WhyRefused.NO_KIOSK
            if error.missing is Side.KIOSK
            else WhyRefused.NO_COUNTER
        )
    if isinstance(error, TooEarly):
        return WhyRefused.PAST
    if isinstance(error, TooLate):
        return WhyRefused.TOO_FAR
    # Renamed or removed since the file was read.
    is_organisation = isinstance(error, UnknownOrganisation)
    return (
        WhyRefused.UNKNOWN_ORGANISATION if is_organisation else WhyRefused.UNKNOWN_RELAY
    )


def _refused(line: Line, why: WhyRefused) -> Line:
    return replace(line, outcome=Outcome.REFUSED, why=why)


class _Places:
    """The slots that are held now, or would be by the lines before."""

    def __init__(
        self, session: Session, orders: list[LineOrder], now: datetime
    ) -> None:
        self._kiosks: dict[int, dict[int, set[datetime]]] = {}
        self._counters: dict[int, dict[int, set[datetime]]] = {}
        if not orders:
            return
        first = min(asked.starts_at for asked in orders)
        end = max(asked.starts_at + asked.length for asked in orders)
        for relay_id in {asked.relay_id for asked in orders}:
            ids = session.scalars(
                select(Kiosk.id).where(Kiosk.relay_id == relay_id).order_by(Kiosk.id)
            )
            self._kiosks[relay_id] = held_by_kiosks(session, ids, first, now, until=end)
        organisations = {asked.organisation_id for asked in orders}
        organisations |= {a.interpreter_id for a in orders if a.interpreter_id}
        for organisation_id in organisations:
            self._counters[organisation_id] = held_by_counters(
                session, organisation_id, first, until=end
            )

    def take(self, asked: LineOrder) -> Place | Taken:
        """Hold what the line needs, or tell which there is none of."""
        kiosks = self._kiosks[asked.relay_id]
        counters = self._counters[asked.organisation_id]
        starts_at, ends_at = asked.starts_at, asked.starts_at + asked.length
        found = choose_place(starts_at, ends_at, kiosks, counters)
        if isinstance(found, Place):
            slots = slots_touched(starts_at, ends_at)
            if asked.interpreter_id is not None:
                interpreters = self._counters[asked.interpreter_id]
                interpreter = free_among(interpreters, slots)
                if interpreter is None:
                    return Taken(Side.INTERPRETER)
                interpreters[interpreter].update(slots)
            kiosks[found.kiosk_id].update(slots)
            counters[found.counter_id].update(slots)
        return found
