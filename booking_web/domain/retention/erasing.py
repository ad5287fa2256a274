# SPDX-License-Identifier: AGPL-3.0-or-later
"""Erases a resident before the term, because the resident asks for it (GDPR, article 17).

What `pruning` does to many after their term is done here to one at once. The appointments stay,
nameless; the journal's lines stay, and say no name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.base.sms_spool import SmsSpool
from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.acts import cancel
from booking_web.domain.appointments.conclusions import forget_notes
from booking_web.domain.appointments.guests.retention import forget_guests
from booking_web.domain.appointments.handing_over.reading import forget_handover_notes
from booking_web.domain.consents.answers import forget_consents
from booking_web.domain.documents.archive import Archive
from booking_web.domain.documents.removing import remove_first
from booking_web.domain.journal.searching import resident_and_doubles
from booking_web.domain.journal.sms_files import remove_sms_files
from booking_web.domain.journal.telling import tell
from booking_web.domain.kiosks.sentences import forget_sentences
from booking_web.domain.mandates.keeping import forget_mandates
from booking_web.domain.residents.retention import forget, forget_addresses
from booking_web.domain.retention.cvs import erase_cvs
from booking_web.domain.retention.drafts import erase_drafts
from booking_web.domain.rights.restriction import is_restricted
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.cv import Cv
from booking_web.tables.documents import Document
from booking_web.tables.forms import Draft
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import ON_THE_LINE, OVER, ActReason, AppointmentState
from booking_web.tables.waiting import WaitingEntry
from provisioning.database.engine import Database

# A code of the documents' removals.
REASON = "asked_by_resident"
_STAYED_AWAY = frozenset({AppointmentState.CANCELLED, AppointmentState.NO_SHOW})


class Obstacle(StrEnum):
    """Why somebody is not erased now."""

    IN_CALL = "in_call"
    # Or came today: scans may still come, and the counsellor writes down what came of it.
    COMES_TODAY = "comes_today"
    COMES_LATER = "comes_later"
    RESTRICTED = "restricted"


class ErasureRefused(Exception):
    """Nothing was erased; `obstacle` says why."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


class NobodyToErase(LookupError):
    """There is no such resident any more."""


@dataclass(frozen=True)
class Erasure:
    """What an erasure takes away, in numbers; `obstacle` is what stands against it."""

    appointments: int
    to_come: int
    documents: int
    drafts: int
    cvs: int
    waiting: int
    obstacle: Obstacle | None


def what_would_go(session: Session, resident_id: int, now: datetime) -> Erasure:
    """Count it; nothing is changed."""
    return _Erasing(session, resident_id, now).counted()


def erase_resident(
    database: Database,
    archive: Archive,
    spool: SmsSpool,
    resident_id: int,
    *,
    actor: str,
    now: datetime,
    cancels: bool,
) -> Erasure:
    """Erase all that is told of a resident, for good; appointments to come are cancelled.

    They are where `cancels` says so, else they stand against it. Raises ErasureRefused,
    NobodyToErase and SpoolUnreachable, and then nothing has changed.
    """

    def work(session: Session) -> Erasure:
        erasing = _Erasing(session, resident_id, now, to_change=True)
        erased = erasing.counted()
        if erased.obstacle is not None:
            if erased.obstacle is not Obstacle.COMES_LATER or not cancels:
                raise ErasureRefused(erased.obstacle)
        remove_sms_files(session, spool, erasing.numbers)
        contents = erasing.carry_out(archive, actor)
        if archive.is_configured:
            remove_first(session, archive.store, contents)
        return erased

    if not archive.is_configured:
        return in_transaction(database, work)
    with archive.store.exclusively():
        return in_transaction(database, work)


class _Erasing:
    """One resident's rows, in one transaction."""

    def __init__(
        self,
        session: Session,
        resident_id: int,
        now: datetime,
        *,
        to_change: bool = False,
    ) -> None:
        if session.get(Resident, resident_id) is None:
            raise NobodyToErase(str(resident_id))
        self._session = session
        self._now = now
        self.numbers = resident_and_doubles(session, resident_id)
        query = select(Appointment).where(Appointment.resident_id.in_(self.numbers))
        if to_change:
            query = query.with_for_update(of=Appointment)
        self._appointments = session.scalars(query.order_by(Appointment.id)).all()

    def counted(self) -> Erasure:
        return Erasure(
            appointments=len(self._appointments),
            to_come=len(self._to_come()),
            documents=len(self._documents()),
            drafts=len(self._sealed(Draft)),
            cvs=len(self._sealed(Cv)),
            waiting=len(self._waiting()),
            obstacle=self._obstacle(),
        )

    def carry_out(self, archive: Archive, actor: str) -> list[str]:
        """Do it; give the contents of the store that are to go."""
        session, now = self._session, self._now
        for each in self._to_come():
            cancel(session, each, actor, now, ActReason.RESIDENT_ASKED)
        contents = [
            sha256
            for number in self._documents()
            for sha256 in archive.strike_out(session, number, REASON, actor)
        ]
        drafts, cvs = self._sealed(Draft), self._sealed(Cv)
        erase_drafts(session, drafts, self.numbers, now, actor)
        erase_cvs(session, cvs, self.numbers, now, actor)
        for each in self._appointments:
            each.resident_name = each.reason = ""
            tell(session, Act.ANONYMISED, each, actor=actor, at=now)
        session.flush()
        for forget_part in (
            forget_notes,
            forget_handover_notes,
            forget_guests,
            forget_addresses,
            forget_sentences,
            forget_consents,
        ):
            forget_part(session, self._of())
        forget_mandates(session, self._of(), self.numbers)
        act = Act.RESIDENT_ERASED
        forget(session, self._waiting(), self.numbers, now, actor=actor, act=act)
        return contents

    def _obstacle(self) -> Obstacle | None:
        if is_restricted(self._session, self.numbers[0]):
            return Obstacle.RESTRICTED
        if any(each.state in ON_THE_LINE for each in self._appointments):
            return Obstacle.IN_CALL
        if any(self._is_today(each) for each in self._appointments):
            return Obstacle.COMES_TODAY
        return Obstacle.COMES_LATER if self._to_come() else None

    def _is_today(self, appointment: Appointment) -> bool:
        zone = ZoneInfo(appointment.kiosk.relay.time_zone)
        is_today = local_day(appointment.starts_at, zone) == local_day(self._now, zone)
        return is_today and appointment.state not in _STAYED_AWAY

    def _to_come(self) -> Sequence[Appointment]:
        return [
            each
            for each in self._appointments
            if each.starts_at > self._now and each.state not in OVER
        ]

    def _documents(self) -> Sequence[int]:
        query = select(Document.id).where(
            Document.appointment_id.in_(self._of()), Document.removed_at.is_(None)
        )
        return self._session.scalars(query.order_by(Document.id)).all()

    def _sealed(self, table: type[Draft] | type[Cv]) -> Sequence[int]:
        query = select(table.id).where(
            table.erased_at.is_(None),
            or_(
                table.appointment_id.in_(self._of()),
                table.resident_id.in_(self.numbers),
            ),
        )
        return self._session.scalars(query.order_by(table.id)).all()

    def _waiting(self) -> list[int]:
        theirs = WaitingEntry.resident_id.in_(self.numbers)
        return list(self._session.scalars(select(WaitingEntry.id).where(theirs)))

    def _of(self) -> Select[int]:
        theirs = Appointment.resident_id.in_(self.numbers)
        return select(Appointment.id).where(theirs)
