# SPDX-License-Identifier: AGPL-3.0-or-later
"""CVs: begun, written field by field, taken over, kept if the resident agrees, erased.

Each change is one short transaction. What is written stands in the sealed column alone:
never in the journal, a log or an error. Who may do it is settled by the caller.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.base.names import without_civility
from booking_web.base.transactions import in_transaction
from booking_web.domain.cv.content import CvContent, with_value
from booking_web.domain.cv.cv_rows import (
    STRUCTURE,
    changed_since,
    erase_cv,
    found,
    note_change,
    of_appointment,
    tell_of_cv,
    waiting,
)
from booking_web.domain.cv.errors import CvError, CvGone, NobodyAgreed
from booking_web.domain.cv.sealed_content import seal_content, unseal_content
from booking_web.domain.documents.sealed_file import DocumentsKey
from booking_web.domain.forms.holds import holder
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.cv import Cv
from booking_web.tables.journal_acts import Act
from provisioning.database.engine import Database


@dataclass(frozen=True)
class CvSaved:
    """It is kept.

    `meanwhile` are the fields that changed since the page's revision, `refused` those whose
    text no CV keeps.
    """

    revision: int
    meanwhile: tuple[str, ...] = ()
    refused: Mapping[str, CvError] | None = None


@dataclass(frozen=True)
class CvTaken:
    """Another person writes it; nothing was changed."""

    held_by: str
    revision: int


@dataclass(frozen=True)
class OpenCv:
    """A CV with what was written. Its representation tells none of it."""

    id: int
    appointment_id: int
    content: CvContent
    revision: int
    # Who alone may write now; empty: nobody.
    held_by: str
    is_agreed: bool
    has_resident: bool
    changed_at: datetime
    changed_by: str

    def __repr__(self) -> str:
        return f"OpenCv({self.id}, revision {self.revision})"


class Cvs:
    """The CVs of all organisations, sealed with the key of the documents."""

    def __init__(
        self, database: Database, key: DocumentsKey, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._key = key
        self._now = now

    def begin(self, appointment_id: int, actor: str) -> int:
        """Begin the appointment's CV, with what the booking knows; give its number.

        Where it has one already, that is it.
        """

        def work(session: Session) -> int:
            appointment = session.get_one(
                Appointment, appointment_id, with_for_update=True
            )
            if (begun := of_appointment(session, appointment_id)) is not None:
                return begun.id
            now = self._now()
            resident = resident_of(session, appointment)
            cv = Cv(
                appointment_id=appointment_id,
                resident_id=resident.id if resident else None,
                organisation_id=appointment.organisation_id,
                sealed_content=b"",
                held_by=actor,
                held_since=now,
                changed_at=now,
                changed_by=actor,
            )
            session.add(cv)
            # What is sealed is bound to the number that it has only now.
            session.flush()
            content = _begun(appointment, resident)
            cv.sealed_content = seal_content(content, self._key, cv.id)
            tell_of_cv(session, Act.CV_BEGUN, cv, actor, now)
            return cv.id

        return in_transaction(self._database, work)

    def read(self, appointment_id: int) -> OpenCv | None:
        """Give the CV that is written in an appointment."""
        with self._database.read() as session:
            cv = of_appointment(session, appointment_id)
            return self._opened(cv) if cv is not None else None

    def read_one(self, cv_id: int) -> OpenCv:
        """Give a CV by its number; raises CvGone."""
        with self._database.read() as session:
            cv = session.get(Cv, cv_id)
            if cv is None or cv.sealed_content is None:
                raise CvGone(str(cv_id))
            return self._opened(cv)

    def save(
        self, cv_id: int, revision: int, sent: Mapping[str, str], actor: str
    ) -> CvSaved | CvTaken:
        """Keep fields by their keys; `revision` is the one that the page saw last.

        What a CV does not take is told and left as it was; the rest is kept. The same value
        sent again changes nothing. Raises CvGone.
        """

        def work(session: Session) -> CvSaved | CvTaken:
            cv, sealed = found(session, cv_id)
            if taken := self._taken(cv, actor):
                return taken
            content = unseal_content(sealed, self._key, cv_id)
            meanwhile = changed_since(session, cv_id, revision)
            known = content.fields()
            refused: dict[str, CvError] = {}
            for key, value in sent.items():
                if known.get(key) == value:
                    continue
                try:
                    content = with_value(content, key, value)
                except CvError as error:
                    refused[key] = error
                    continue
                self._have(session, cv, actor)
                note_change(session, cv, key, actor, self._now())
            cv.sealed_content = seal_content(content, self._key, cv_id)
            return CvSaved(cv.revision, meanwhile, refused)

        return in_transaction(self._database, work)

    def restructure(
        self, cv_id: int, change: Callable[[CvContent], CvContent], actor: str
    ) -> CvContent | CvTaken:
        """Add, move or take away an entry; raises CvGone and what `change` raises."""

        def work(session: Session) -> CvContent | CvTaken:
            cv, sealed = found(session, cv_id)
            if taken := self._taken(cv, actor):
                return taken
            before = unseal_content(sealed, self._key, cv_id)
            content = change(before)
            if content != before:
                self._have(session, cv, actor)
                cv.sealed_content = seal_content(content, self._key, cv_id)
                note_change(session, cv, STRUCTURE, actor, self._now())
            return content

        return in_transaction(self._database, work)

    def take_over(self, cv_id: int, actor: str) -> None:
        """Have `actor` write it from now on; what was kept stays. Raises CvGone."""

        def work(session: Session) -> None:
            cv, _ = found(session, cv_id)
            self._have(session, cv, actor)

        in_transaction(self._database, work)

    def agree(self, cv_id: int, is_agreed: bool, actor: str) -> CvTaken | None:
        """Note whether the resident agrees that it is kept for the next time.

        Raises CvGone, or NobodyAgreed where the booking knows no resident.
        """

        def work(session: Session) -> CvTaken | None:
            cv, _ = found(session, cv_id)
            if is_agreed == (cv.agreed_at is not None):
                return None
            if taken := self._taken(cv, actor):
                return taken
            if is_agreed and cv.resident_id is None:
                raise NobodyAgreed(str(cv_id))
            now = self._now()
            cv.agreed_at = now if is_agreed else None
            act = Act.CV_KEEPING_AGREED if is_agreed else Act.CV_KEEPING_WITHDRAWN
            tell_of_cv(session, act, cv, actor, now)
            return None

        return in_transaction(self._database, work)

    def resume(self, cv_id: int, appointment_id: int, actor: str) -> CvTaken | None:
        """Go on with one that was kept, in this appointment of the same resident.

        Raises CvGone where it does not wait for that appointment, or that has one.
        """

        def work(session: Session) -> CvTaken | None:
            cv, _ = found(session, cv_id)
            if cv.appointment_id == appointment_id:
                return None
            appointment = session.get_one(
                Appointment, appointment_id, with_for_update=True
            )
            is_waiting = cv_id in {each.id for each in waiting(session, appointment)}
            if not is_waiting or of_appointment(session, appointment_id) is not None:
                raise CvGone(str(cv_id))
            if taken := self._taken(cv, actor):
                return taken
            now = self._now()
            before = cv.appointment_id
            cv.appointment_id = appointment_id
            cv.held_by, cv.held_since = actor, now
            session.flush()
            detail = f"from appointment {before}"
            tell_of_cv(session, Act.CV_RESUMED, cv, actor, now, detail)
            return None

        return in_transaction(self._database, work)

    def erase(self, cv_id: int, actor: str) -> bool | CvTaken:
        """Erase what was written; give False where it was gone already."""

        def work(session: Session) -> bool | CvTaken:
            cv = session.get(Cv, cv_id, with_for_update=True)
            if cv is None or cv.erased_at is not None:
                return False
            if taken := self._taken(cv, actor):
                return taken
            erase_cv(session, cv, actor, self._now())
            return True

        return in_transaction(self._database, work)

    def _opened(self, cv: Cv) -> OpenCv:
        assert cv.sealed_content is not None
        return OpenCv(
            id=cv.id,
            appointment_id=cv.appointment_id,
            content=unseal_content(cv.sealed_content, self._key, cv.id),
            revision=cv.revision,
            held_by=holder(cv.held_by, cv.held_since, cv.changed_at, self._now()),
            is_agreed=cv.agreed_at is not None,
            has_resident=cv.resident_id is not None,
            changed_at=cv.changed_at,
            changed_by=cv.changed_by,
        )

    def _taken(self, cv: Cv, actor: str) -> CvTaken | None:
        held_by = holder(cv.held_by, cv.held_since, cv.changed_at, self._now())
        return CvTaken(held_by, cv.revision) if held_by not in ("", actor) else None

    def _have(self, session: Session, cv: Cv, actor: str) -> None:
        if cv.held_by == actor:
            return
        is_from_another = bool(cv.held_by)
        cv.held_by, cv.held_since = actor, self._now()
        if is_from_another:
            tell_of_cv(session, Act.CV_TAKEN_OVER, cv, actor, self._now())


def _begun(appointment: Appointment, resident: Resident | None) -> CvContent:
    """Give a CV with what the booking knows."""
    if resident is None:
        return CvContent({"name": without_civility(appointment.resident_name)})
    return CvContent(
        {
            "name": without_civility(resident.name),
            "town": resident.commune,
            "telephone": readable_telephone(resident.telephone),
            "email": resident.email,
        }
    )
