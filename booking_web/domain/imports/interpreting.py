# SPDX-License-Identifier: AGPL-3.0-or-later
"""From the cells of a line to a request for an appointment; pure, given the directory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from booking_web.base.languages import FRENCH
from booking_web.base.local_time import NoSuchHour, utc_of
from booking_web.base.resident_text import has_letter, has_unprintable, normalised
from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.appointments.lengths import length_of
from booking_web.domain.appointments.orders import BookingOrder, submission_of
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.imports.clock_words import read_day, read_hour
from booking_web.domain.imports.language_words import read_language
from booking_web.domain.imports.lines import Line, Note, Outcome, WhyRefused
from booking_web.domain.imports.reading import Column, RawLine, folded
from booking_web.domain.residents.postal import (
    NO_ADDRESS,
    PostalAddress,
    address_on_one_line,
    address_typed,
    faults_of,
)
from booking_web.tables.appointment import REASON_LENGTH, RESIDENT_NAME_LENGTH
from booking_web.tables.states import AppointmentSource
from provisioning.database.models import Organisation, Relay, VisitReason

MAX_REFERENCE_LENGTH = 200
MINUTES = range(5, 481)
# Whatever else stands in the cell keeps a name from boards: a doubt harms nobody.
NOT_DISCREET = frozenset(("", "non", "no", "n", "0", "faux", "false"))


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Who imports, and for whom they may."""

    user_id: int
    # How the journal names them.
    actor: str
    # None: every one.
    organisation_id: int | None = None
    relay_id: int | None = None
    # The program that asks; None: a person, at a page or by a command.
    client_id: int | None = None

    @property
    def namespace(self) -> str:
        """Name whose references these are: nobody's mean another's appointments.

        A program has its own; people share those of their organisation or town hall.
        """
        if self.client_id is not None:
            return f"client {self.client_id}"
        if self.organisation_id is not None:
            return f"organisation {self.organisation_id}"
        return f"relay {self.relay_id}" if self.relay_id is not None else "site"

    @property
    def assumed(self) -> list[Column]:
        """List the columns that need not be in the file."""
        assumed = []
        if self.organisation_id is not None:
            assumed.append(Column.ORGANISATION)
        if self.relay_id is not None:
            assumed.append(Column.RELAY)
        return assumed


@dataclass(frozen=True)
class LineOrder:
    """A line that can be read, and what it asks for."""

    line: Line
    order: BookingOrder
    submission: str
    relay_id: int
    organisation_id: int
    starts_at: datetime
    length: timedelta
    # The service that interprets, if one does.
    interpreter_id: int | None = None


class Directory:
    """Finds what a cell names, by slug or by name, within what the importer may reach."""

    def __init__(self, session: Session, scope: Scope) -> None:
        relays = session.scalars(select(Relay))
        organisations = session.scalars(
            select(Organisation).options(selectinload(Organisation.visit_reasons))
        ).all()
        # Whoever may import may name any interpreter.
        self._interpreters = [each for each in organisations if each.interprets]
        self._relays = [each for each in relays if scope.relay_id in (None, each.id)]
        self._organisations = [
            each for each in organisations if scope.organisation_id in (None, each.id)
        ]

    def relay(self, text: str) -> Relay | None:
        """Find a relay by slug, name or commune; the only one where none is named."""
        if not text and len(self._relays) == 1:
            return self._relays[0]
        named = folded(text)
        for each in self._relays:
            if named in map(folded, (each.slug, each.name, each.commune)):
                return each
        return None

    def organisation(self, text: str) -> Organisation | None:
        """Find an organisation by slug or name; the only one where none is named."""
        if not text and len(self._organisations) == 1:
            return self._organisations[0]
        return _organisation_named(text, self._organisations)

    def interpreter(self, text: str) -> Organisation | None:
        """Find a service of interpreters by slug or name."""
        return _organisation_named(text, self._interpreters)

    @staticmethod
    def reason(organisation: Organisation, text: str) -> VisitReason | None:
        """Find one of the organisation's reasons by slug or name."""
        named = folded(text)
        for each in organisation.visit_reasons:
            if named in (folded(each.slug), folded(each.name)):
                return each
        return None


def _organisation_named(
    text: str, among: Sequence[Organisation]
) -> Organisation | None:
    named = folded(text)
    for each in among:
        if named in map(folded, (each.slug, each.name, each.short_name)):
            return each
    return None


def interpret(
    raw: RawLine, directory: Directory, scope: Scope, now: datetime
) -> LineOrder | Line:
    """Give what the line asks for, or the line with why it is refused."""
    if raw.cells is None:
        return Line(number=raw.number, outcome=Outcome.REFUSED, why=WhyRefused.BROKEN)
    cells = raw.cells
    name = normalised(cells[Column.NAME])
    line = Line(
        number=raw.number,
        outcome=Outcome.NEW,
        reference=cells[Column.REFERENCE],
        resident_name=name,
        relay=cells[Column.RELAY],
        organisation=cells[Column.ORGANISATION],
    )
    relay = directory.relay(cells[Column.RELAY])
    organisation = directory.organisation(cells[Column.ORGANISATION])
    if why := _why_not_this(cells, name):
        return _refused(line, why)
    if organisation is None:
        return _refused(line, WhyRefused.UNKNOWN_ORGANISATION)
    if organisation.interprets:
        return _refused(line, WhyRefused.NOT_FOR_RESIDENTS)
    interpreter = directory.interpreter(cells[Column.INTERPRETER])
    if interpreter is None and cells[Column.INTERPRETER]:
        return _refused(line, WhyRefused.UNKNOWN_INTERPRETER)
    if relay is None:
        return _refused(line, WhyRefused.UNKNOWN_RELAY)
    line = replace(line, relay=relay.name, organisation=organisation.short_name)
    starts_at = _instant(cells, ZoneInfo(relay.time_zone), now)
    if isinstance(starts_at, WhyRefused):
        return _refused(line, starts_at)
    notes = _notes_on(starts_at, ZoneInfo(relay.time_zone))
    line = replace(line, starts_at=starts_at.astimezone(ZoneInfo(relay.time_zone)))
    reason, details, more = _reason(organisation, cells)
    length = _length(cells, organisation, reason)
    if length is None:
        return _refused(line, WhyRefused.BAD_MINUTES)
    if len(details) > REASON_LENGTH:
        return _refused(line, WhyRefused.TOO_LONG)
    address = _address(cells)
    if faults_of(address):
        # The appointment was agreed: it is taken all the same.
        address, more = NO_ADDRESS, (*more, Note.ADDRESS_LEFT_OUT)
    language = read_language(cells[Column.LANGUAGE])
    if language is None:
        language, more = FRENCH, (*more, Note.LANGUAGE_UNKNOWN)
    line = replace(line, notes=notes + more)
    order = BookingOrder(
        token=f"import\0{scope.namespace}\0{organisation.id}\0{line.reference}",
        is_keyed=True,
        user_id=scope.user_id,
        acting=scope.actor,
        relay=relay.slug,
        organisation=organisation.slug,
        visit_reason=reason.slug if reason else None,
        resident_name=name,
        details=details,
        language=language,
        interpreter=interpreter.slug if interpreter else None,
        discreet=folded(cells[Column.DISCREET]) not in NOT_DISCREET,
        address=address,
        starts_at=starts_at,
        # It was agreed elsewhere.
        hours=Hours.AGREED,
        minutes=int(length.total_seconds()) // 60,
        source=AppointmentSource.IMPORT,
    )
    return LineOrder(
        line,
        order,
        submission_of(order, reason.id if reason else None, order.minutes or 0),
        relay.id,
        organisation.id,
        starts_at,
        length,
        interpreter.id if interpreter else None,
    )


def _why_not_this(cells: dict[Column, str], name: str) -> WhyRefused | None:
    if not cells[Column.REFERENCE]:
        return WhyRefused.NO_REFERENCE
    if not name:
        return WhyRefused.NO_NAME
    if not has_letter(name):
        return WhyRefused.BAD_NAME
    if (
        len(name) > RESIDENT_NAME_LENGTH
        or len(cells[Column.REFERENCE]) > MAX_REFERENCE_LENGTH
    ):
        return WhyRefused.TOO_LONG
    if any(has_unprintable(normalised(cell)) for cell in cells.values()):
        return WhyRefused.BROKEN
    return None


def _instant(
    cells: dict[Column, str], zone: ZoneInfo, now: datetime
) -> datetime | WhyRefused:
    day = read_day(cells[Column.DAY])
    if day is None:
        return WhyRefused.BAD_DAY
    hour = read_hour(cells[Column.HOUR])
    if hour is None:
        return WhyRefused.BAD_HOUR
    try:
        return utc_of(day, hour, zone, now)
    except NoSuchHour:
        return WhyRefused.NO_SUCH_HOUR
    except OverflowError:
        return WhyRefused.BAD_DAY


def _notes_on(starts_at: datetime, zone: ZoneInfo) -> tuple[Note, ...]:
    local = starts_at.astimezone(zone)
    twin = local.replace(fold=1 - local.fold).astimezone(UTC)
    return (Note.HOUR_COMES_TWICE,) if twin != starts_at else ()


def _reason(
    organisation: Organisation, cells: dict[Column, str]
) -> tuple[VisitReason | None, str, tuple[Note, ...]]:
    """Give the reason, the words on it, and a note where it is not one of the list."""
    told, details = normalised(cells[Column.REASON]), normalised(cells[Column.DETAILS])
    reason = Directory.reason(organisation, told) if told else None
    if reason is not None or not told:
        return reason, details, ()
    words = f"{told} – {details}" if details else told
    return None, words, (Note.REASON_UNKNOWN,)


def _address(cells: dict[Column, str]) -> PostalAddress:
    """Give the address of the line's cells, which may stand in one of them."""
    if not (cells[Column.POSTCODE] or cells[Column.COMMUNE]):
        return address_on_one_line(cells[Column.STREET])
    return address_typed(
        street=cells[Column.STREET],
        postcode=cells[Column.POSTCODE],
        commune=cells[Column.COMMUNE],
        country=cells[Column.COUNTRY],
    )


def _length(
    cells: dict[Column, str], organisation: Organisation, reason: VisitReason | None
) -> timedelta | None:
    told = cells[Column.MINUTES].lower().removesuffix("min").removesuffix("mn").strip()
    if not told:
        return length_of(organisation, reason)
    minutes = whole_or_none(told)
    if minutes is None or minutes not in MINUTES:
        return None
    return timedelta(minutes=minutes)


def _refused(line: Line, why: WhyRefused) -> Line:
    return replace(line, outcome=Outcome.REFUSED, why=why)
