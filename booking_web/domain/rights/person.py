# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who acts, what they may do, and what they may see: the one place that decides it.

Pages, programs, imports, feeds and open streams ask here. What a person may not see is not
there for them: it is not found, as if it did not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from booking_web.domain.rights.merged_residents import resident_known_as
from booking_web.domain.rights.restriction import is_restricted, is_unrestricted
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.documents import Document
from booking_web.tables.forms import Form
from booking_web.tables.hours import Closure, Opening
from provisioning.database.models import (
    Counsellor,
    Counter,
    Kiosk,
    Organisation,
    Relay,
    UserRole,
)


class Right(StrEnum):
    """What one may be allowed to do, each on what one sees."""

    # Book, list, move and end appointments, know residents.
    DESK = "desk"
    # See an appointment's documents and devices, and use them.
    CONSOLE = "console"
    # Fill in forms with a resident, and read what came of it: drafts, CVs, receipts.
    FILLING = "filling"
    # Have the organisation's residents called, and end their appointments: outcome, note,
    # continuation; know their earlier appointments there.
    RECEIVING = "receiving"
    # Publish an organisation's hours, and settle the appointments that they touch.
    HOURS = "hours"
    # Keep an organisation's library of forms.
    FORMS = "forms"
    # Keep an organisation's mark, and the photos of its counsellors.
    PICTURES = "pictures"
    # Keep one's own photo.
    OWN_PHOTO = "own_photo"
    # Have one's telephone in a page, where it is one.
    TELEPHONE = "telephone"
    # Say whether one's telephone rings.
    DUTY = "duty"
    # Hand out calendars.
    FEEDS = "feeds"
    # Take over appointments from a file.
    IMPORTS = "imports"
    # Keep the directory: people, relays, kiosks, organisations, reasons.
    ADMINISTRATION = "administration"
    # See how lines and kiosks are now, in figures.
    BOARD = "board"
    # Let a screen on a wall show the same.
    DISPLAYS = "displays"
    # Read what was done and what it is worth, in figures.
    FIGURES = "figures"
    # Read who did what with whose file.
    JOURNAL = "journal"
    # Answer residents who ask for their rights: all that is held about one, to give it out,
    # to correct it, to erase it.
    RESIDENTS_RIGHTS = "residents_rights"


RIGHTS_OF: Mapping[str, frozenset[Right]] = {
    UserRole.SECRETARY: frozenset(
        {Right.DESK, Right.CONSOLE, Right.FEEDS, Right.FIGURES}
    ),
    UserRole.COUNSELLOR: frozenset(
        {
            Right.CONSOLE,
            Right.FILLING,
            Right.RECEIVING,
            Right.OWN_PHOTO,
            Right.TELEPHONE,
            Right.DUTY,
        }
    ),
    UserRole.MANAGER: frozenset(
        {
            Right.HOURS,
            Right.FORMS,
            Right.PICTURES,
            Right.FEEDS,
            Right.IMPORTS,
            Right.FIGURES,
        }
    ),
    UserRole.SUPERVISOR: frozenset({Right.FIGURES, Right.BOARD, Right.DISPLAYS}),
    UserRole.OFFICER: frozenset({Right.JOURNAL, Right.RESIDENTS_RIGHTS, Right.BOARD}),
    # Machines and accounts: of residents and documents they see nothing.
    UserRole.ADMINISTRATOR: frozenset(
        {Right.ADMINISTRATION, Right.BOARD, Right.DISPLAYS, Right.FIGURES}
    ),
}
_OF_A_RELAY = frozenset({UserRole.SECRETARY})
_OF_AN_ORGANISATION = frozenset({UserRole.COUNSELLOR, UserRole.MANAGER})


Row = TypeVar("Row")


class NotVisible(LookupError):
    """There is no such thing for this person."""


class DataRestricted(NotVisible):
    """It would be this person's, but nobody works with it at present."""


class Account(Protocol):
    """What is asked of an account, or of who is signed in with it."""

    @property
    def id(self) -> int: ...

    @property
    def role(self) -> str: ...

    @property
    def relay_id(self) -> int | None: ...

    @property
    def organisation_id(self) -> int | None: ...


class RelayChoice(NamedTuple):
    """A relay as a form offers it."""

    slug: str
    name: str
    time_zone: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who acts: for one relay, for one organisation, or for the site.

    Who acts for the site keeps it, counts what it does or reads its journal: of
    appointments and residents they see none.
    """

    user_id: int
    # How the journal names them.
    actor: str
    rights: frozenset[Right] = frozenset()
    relay_id: int | None = None
    organisation_id: int | None = None

    @classmethod
    def of(cls, account: Account) -> "Person":
        """Give what the role of an account makes of its owner."""
        is_of_relay = account.role in _OF_A_RELAY
        is_of_organisation = account.role in _OF_AN_ORGANISATION
        return cls(
            user_id=account.id,
            actor=f"user:{account.id}",
            rights=RIGHTS_OF.get(account.role, frozenset()),
            relay_id=account.relay_id if is_of_relay else None,
            organisation_id=account.organisation_id if is_of_organisation else None,
        )

    @property
    def is_told_small_numbers(self) -> bool:
        """Tell whether figures of few residents are told to this person.

        Who works for a relay or an organisation knows its residents by their names; who
        looks at the whole site does not, and must not find them out.
        """
        return self.relay_id is not None or self.organisation_id is not None

    def may(self, right: Right) -> bool:
        """Tell whether this person has the right, on what they see."""
        return right in self.rights

    def reads(self, document: Document) -> bool:
        """Tell whether this person may read a document of an appointment that they see.

        Who fills in with the resident reads them. Who does not, at a town hall, reads what
        they added themselves; of any other they see that it is there, and can have it
        printed again for its resident.
        """
        is_theirs = self.may(Right.FILLING) or document.created_by == self.actor
        return is_theirs and self.knows(document)

    def fills_in_for(self, organisation_id: int) -> bool:
        """Tell whether this person fills in with residents what is this organisation's.

        Nobody else reads such a draft or CV, nor has it shown at the kiosk: neither a town
        hall, nor who was handed the appointment over by another organisation.
        """
        return self.may(Right.FILLING) and self.organisation_id == organisation_id

    def knows(self, document: Document) -> bool:
        """Tell whether there is such a document for this person.

        What another organisation kept to itself as it handed the appointment over is not.
        """
        return self.organisation_id is None or document.kept_by_id in (
            None,
            self.organisation_id,
        )

    def sees(self) -> ColumnElement[bool]:
        """Give the condition under which an appointment, joined to its kiosk, is seen.

        A town hall sees those at its own relay's kiosks, and those that it booked at others;
        who works for no relay and no organisation sees none. Nobody sees those of a resident
        who is restricted.
        """
        return and_(self._is_theirs(), is_unrestricted(Appointment.resident_id))

    def _is_theirs(self) -> ColumnElement[bool]:
        if self.organisation_id is not None:
            return Appointment.organisation_id == self.organisation_id
        if self.relay_id is not None:
            return or_(
                Kiosk.relay_id == self.relay_id,
                Appointment.town_hall_id == self.relay_id,
            )
        return false()

    def appointments(self) -> Select[Appointment]:
        """Start a query of the appointments that this person sees."""
        return _at_kiosks().where(self.sees())

    def restricted_appointments(self) -> Select[Appointment]:
        """Start a query of those that this person would see, were they not restricted.

        Tell no more of them than when, where and that they are restricted: whoever comes
        must not be sent away without a word.
        """
        is_restricted = not_(is_unrestricted(Appointment.resident_id))
        return _at_kiosks().where(self._is_theirs(), is_restricted)

    def appointment(
        self,
        session: Session,
        appointment_id: int,
        *options: ORMOption,
        to_change: bool = False,
        of_own_resident: bool = False,
    ) -> Appointment:
        """Give one appointment, locked where it is `to_change`.

        `options` say what is read with it. With `of_own_resident`, only one whose resident
        this person's town hall keeps: what is done is done to them. Raises NotVisible,
        DataRestricted of one that would be seen else.
        """
        query = self.appointments().where(Appointment.id == appointment_id)
        query = query.options(*options)
        if of_own_resident:
            query = query.where(self.keeps_its_resident())
        if to_change:
            query = query.with_for_update(of=Appointment)
        found = session.scalar(query)
        if found is None:
            hidden = self.restricted_appointments().where(
                Appointment.id == appointment_id
            )
            if session.scalar(hidden) is not None:
                raise DataRestricted
        return _found(found)

    def keeps(self, resident: Resident) -> bool:
        """Tell whether this person's town hall keeps what is known of a resident.

        It alone reads and changes that, and calls them in its name; also where the appointment
        is at the kiosk of another one, whose people see the appointment.
        """
        return self.may(Right.DESK) and self.relay_id == resident.relay_id

    def keeps_its_resident(self) -> ColumnElement[bool]:
        """Give the same condition of an appointment, joined to its kiosk.

        Of one whose resident nobody knows, the kiosk's town hall decides.
        """
        if not self.may(Right.DESK) or self.relay_id is None:
            return false()
        keeper = select(Resident.relay_id).where(Resident.id == Appointment.resident_id)
        return func.coalesce(keeper.scalar_subquery(), Kiosk.relay_id) == self.relay_id

    def resident(self, session: Session, resident_id: int) -> Resident:
        """Give a resident whom this person's town hall keeps, or who they were merged into.

        Raises NotVisible, DataRestricted.
        """
        found = _found(resident_known_as(session, resident_id))
        if not self.keeps(found):
            raise NotVisible
        refuse_restricted(session, found.id)
        return found

    def interpretations(self) -> Select[Appointment]:
        """Start a query of the appointments of others in which this person interprets.

        Of them an interpreter sees when, where and with whom, and no more: who comes and
        why, documents and acts are the organisation's (see `appointments`).
        """
        counters = select(Counter.id).where(
            Counter.organisation_id == self.own_organisation_id
        )
        return select(Appointment).where(
            Appointment.interpreter_counter_id.in_(counters),
            is_unrestricted(Appointment.resident_id),
        )

    def interpretation(self, session: Session, appointment_id: int) -> Appointment:
        """Give one of them, locked to be changed; raises NotVisible."""
        query = self.interpretations().where(Appointment.id == appointment_id)
        return _found(session.scalar(query.with_for_update(of=Appointment)))

    def relays(self, session: Session) -> list[Relay]:
        """List the relays that this person works for, by name."""
        if self.relay_id is None:
            return []
        return list(session.scalars(_RELAY, {"relay_id": self.relay_id}))

    def relay_choices(self, session: Session) -> list[RelayChoice]:
        """List the same relays with what a form needs to offer them, which costs less."""
        if self.relay_id is None:
            return []
        found = session.execute(_CHOICE, {"relay_id": self.relay_id})
        return [RelayChoice(*row) for row in found]

    @property
    def own_organisation_id(self) -> int:
        """Give the number of the organisation that this person works for; or NotVisible."""
        if self.organisation_id is None:
            raise NotVisible
        return self.organisation_id

    def organisation(self, session: Session) -> Organisation:
        """Give the organisation that this person works for; raises NotVisible."""
        return session.get_one(Organisation, self.own_organisation_id)

    def counters(self, session: Session) -> list[Counter]:
        """List the counters that this person works for, by organisation and name."""
        query = (
            select(Counter)
            .where(self._owns(Counter.organisation_id))
            .options(joinedload(Counter.organisation))
            .order_by(Counter.organisation_id, Counter.name, Counter.id)
        )
        return list(session.scalars(query))

    def opening(self, session: Session, opening_id: int) -> Opening:
        """Give a range of published hours; raises NotVisible."""
        query = (
            select(Opening)
            .join(Counter, Counter.id == Opening.counter_id)
            .where(Opening.id == opening_id, self._owns(Counter.organisation_id))
        )
        return _found(session.scalar(query))

    def closure(self, session: Session, closure_id: int) -> Closure:
        """Give an exception to published hours; raises NotVisible."""
        query = select(Closure).where(
            Closure.id == closure_id, self._owns(Closure.organisation_id)
        )
        return _found(session.scalar(query))

    def form(self, session: Session, form_id: int) -> Form:
        """Give a form of the organisation's library; raises NotVisible."""
        query = select(Form).where(
            Form.id == form_id, Form.organisation_id == self.own_organisation_id
        )
        return _found(session.scalar(query))

    def counsellor(self, session: Session, counsellor_id: int) -> Counsellor:
        """Give who answers for the organisation; raises NotVisible."""
        query = select(Counsellor).where(
            Counsellor.id == counsellor_id,
            Counsellor.organisation_id == self.own_organisation_id,
        )
        return _found(session.scalar(query))

    def _owns(self, organisation_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        if self.organisation_id is not None:
            return organisation_id == self.organisation_id
        return false()


def refuse_restricted(session: Session, resident_id: int | None) -> None:
    """Raise DataRestricted where nobody works with what is this resident's."""
    if is_restricted(session, resident_id):
        raise DataRestricted


def _at_kiosks() -> Select[Appointment]:
    return select(Appointment).join(Kiosk, Kiosk.id == Appointment.kiosk_id)


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotVisible
    return row


# Built once, and the choice of the plain table: it is asked with each booking.
_RELAY = select(Relay).where(Relay.id == bindparam("relay_id"))
_COLUMN = cast(Table, Relay.__table__).c
_CHOICE = select(_COLUMN.slug, _COLUMN.name, _COLUMN.time_zone).where(
    _COLUMN.id == bindparam("relay_id")
)
