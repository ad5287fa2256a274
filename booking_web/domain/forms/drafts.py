# SPDX-License-Identifier: AGPL-3.0-or-later
"""Drafts: begun, filled in field by field, taken over, set aside, resumed, erased.

Each change is one short transaction. What is filled in stands in the sealed column alone:
never in the journal, a log or an error. Who may do it is settled by the caller.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.sealed_file import DocumentsKey
from booking_web.domain.forms.draft_changes import note_change, tell_went_on
from booking_web.domain.forms.draft_outcomes import OpenDraft, Saved, SavedForm, Taken
from booking_web.domain.forms.draft_rows import (
    changed_since,
    erase_draft,
    found,
    tell_of_draft,
    waiting,
)
from booking_web.domain.forms.draft_values import check_value
from booking_web.domain.forms.errors import (
    DraftGone,
    FormWithdrawn,
    NobodyToWaitFor,
    NothingToFillIn,
    UnknownField,
    UnknownForm,
    ValueRefusal,
    ValueRefused,
)
from booking_web.domain.forms.holds import hold, taken
from booking_web.domain.forms.known_editions import KnownEditions
from booking_web.domain.forms.library_reading import read_edition
from booking_web.domain.forms.prefilled import prefilled
from booking_web.domain.forms.sealed_values import seal_values, unseal_values
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.kiosks.second_screen import draft_changed
from booking_web.tables.appointment import Appointment
from booking_web.tables.forms import Draft
from booking_web.tables.journal_acts import Act
from provisioning.database.engine import Database


class Drafts:
    """The drafts of all organisations, sealed with the key of the documents."""

    def __init__(
        self,
        database: Database,
        key: DocumentsKey,
        now: Callable[[], datetime],
        editions: KnownEditions | None = None,
    ) -> None:
        self._database = database
        self._key = key
        self._now = now
        self._editions = editions or KnownEditions()

    def begin(
        self, edition_id: int, appointment_id: int, actor: str, submission: str = ""
    ) -> int:
        """Begin one, with what the booking knows; give its number, `actor` holds it.

        `submission` is the token of the page's form: sent twice, it begins one draft.
        Raises UnknownForm, FormWithdrawn or NothingToFillIn, or DraftGone where that one
        draft is another appointment's by now.
        """

        def work(session: Session) -> int:
            before = select(Draft).where(Draft.submission == submission)
            if submission and (begun := session.scalar(before)) is not None:
                if begun.appointment_id != appointment_id:
                    raise DraftGone(str(begun.id))
                return begun.id
            now = self._now()
            edition = read_edition(session, edition_id)
            appointment = session.get(Appointment, appointment_id)
            if (
                appointment is None
                or appointment.organisation_id != edition.organisation_id
            ):
                raise UnknownForm(str(edition_id))
            if edition.is_withdrawn:
                raise FormWithdrawn(str(edition.form_id))
            if edition.description.is_flat:
                raise NothingToFillIn(str(edition_id))
            resident = resident_of(session, appointment)
            draft = Draft(
                edition_id=edition_id,
                appointment_id=appointment_id,
                resident_id=resident.id if resident else None,
                organisation_id=edition.organisation_id,
                submission=submission or None,
                sealed_values=b"",
                held_by=actor,
                held_since=now,
                changed_at=now,
                changed_by=actor,
            )
            session.add(draft)
            # What is sealed is bound to the number that it has only now.
            session.flush()
            values = prefilled(session, edition, appointment, now)
            draft.sealed_values = seal_values(values, self._key, draft.id)
            self._tell(session, Act.DRAFT_BEGUN, draft, actor)
            return draft.id

        return in_transaction(self._database, work)

    def read(self, draft_id: int) -> OpenDraft:
        """Give it with its values; raises DraftGone."""
        with self._database.read() as session:
            draft = session.get(Draft, draft_id)
            if draft is None or draft.sealed_values is None:
                raise DraftGone(str(draft_id))
            return OpenDraft(
                id=draft.id,
                edition_id=draft.edition_id,
                appointment_id=draft.appointment_id,
                values=unseal_values(draft.sealed_values, self._key, draft_id),
                revision=draft.revision,
                current_field=draft.current_field,
                held_by=draft.held_by,
                held_since=draft.held_since,
                changed_at=draft.changed_at,
                changed_by=draft.changed_by,
            )

    def save_field(
        self,
        draft_id: int,
        revision: int,
        field: str,
        value: str,
        actor: str,
        place: str = "",
        begins: bool = False,
    ) -> Saved | Taken:
        """Keep one field; `revision` is the one that the page saw last.

        A second screen that follows the draft frames `place`, the key of one of its places.
        `begins`: whether the page begins to change the field, or goes on.
        The same value sent again changes nothing. Who saves a draft that nobody holds has
        it. Raises DraftGone, UnknownField or ValueRefused.
        """

        def work(session: Session) -> Saved | Taken:
            draft, sealed = found(session, draft_id)
            asked = self._editions.find(session, draft.edition_id).fields.get(field)
            if asked is None:
                raise UnknownField(field)
            check_value(asked, value)
            if other := taken(draft, actor, self._now()):
                return other
            values = unseal_values(sealed, self._key, draft_id)
            meanwhile = changed_since(session, draft_id, revision)
            self._have(session, draft, actor)
            before = values.get(field, asked.value)
            if before == value:
                return Saved(draft.revision, meanwhile)
            values[field] = value
            draft.sealed_values = seal_values(values, self._key, draft_id)
            note_change(session, draft, field, actor, self._now(), begins)
            draft_changed(session, draft_id, place, self._now())
            replaced = before if field in meanwhile else ""
            return Saved(draft.revision, meanwhile, replaced)

        return in_transaction(self._database, work)

    def save_form(
        self, draft_id: int, revision: int, sent: Mapping[str, str], actor: str
    ) -> SavedForm | Taken:
        """Keep all fields of a page that was shown with `revision`, those that can be.

        Raises DraftGone or UnknownField.
        """

        def work(session: Session) -> SavedForm | Taken:
            draft, sealed = found(session, draft_id)
            fields = self._editions.find(session, draft.edition_id).fields
            if unknown := [each for each in sent if each not in fields]:
                raise UnknownField(unknown[0])
            if other := taken(draft, actor, self._now()):
                return other
            values = unseal_values(sealed, self._key, draft_id)
            elsewhere = changed_since(session, draft_id, revision)
            self._have(session, draft, actor)
            refused: dict[str, ValueRefusal] = {}
            apart = []
            for key, value in sent.items():
                if values.get(key, fields[key].value) == value:
                    continue
                if key in elsewhere:
                    apart.append(key)
                    continue
                try:
                    check_value(fields[key], value)
                except ValueRefused as error:
                    refused[key] = error.reason
                    continue
                values[key] = value
                note_change(session, draft, key, actor, self._now())
            draft.sealed_values = seal_values(values, self._key, draft_id)
            draft_changed(session, draft_id, "", self._now())
            return SavedForm(draft.revision, refused, tuple(apart))

        return in_transaction(self._database, work)

    def take_over(self, draft_id: int, actor: str) -> None:
        """Have `actor` fill it in from now on; what was kept stays. Raises DraftGone."""

        def work(session: Session) -> None:
            draft, _ = found(session, draft_id)
            self._have(session, draft, actor)

        in_transaction(self._database, work)

    def let_go(self, draft_id: int, actor: str) -> None:
        """Let anybody fill it in, if `actor` was who did. Raises DraftGone."""

        def work(session: Session) -> None:
            draft, _ = found(session, draft_id)
            if draft.held_by == actor:
                draft.held_by, draft.held_since = "", None
                tell_went_on(session, draft, self._now())

        in_transaction(self._database, work)

    def set_aside(self, draft_id: int, actor: str) -> Taken | None:
        """Have it wait for the resident's next appointment.

        Raises DraftGone, or NobodyToWaitFor where the booking knows no resident.
        """

        def work(session: Session) -> Taken | None:
            draft, _ = found(session, draft_id)
            if other := taken(draft, actor, self._now()):
                return other
            if draft.resident_id is None:
                raise NobodyToWaitFor(str(draft_id))
            if draft.appointment_id is not None:
                self._tell(session, Act.DRAFT_SET_ASIDE, draft, actor)
            draft.appointment_id = None
            draft.held_by, draft.held_since = "", None
            return None

        return in_transaction(self._database, work)

    def resume(self, draft_id: int, appointment_id: int, actor: str) -> None:
        """Go on with it in this appointment, of the same resident and organisation.

        Raises DraftGone where it does not wait for that appointment.
        """

        def work(session: Session) -> None:
            draft, _ = found(session, draft_id)
            if draft.appointment_id == appointment_id:
                return
            appointment = session.get(Appointment, appointment_id)
            if appointment is None or draft.id not in waiting(session, appointment):
                raise DraftGone(str(draft_id))
            draft.appointment_id = appointment_id
            draft.held_by, draft.held_since = actor, self._now()
            self._tell(session, Act.DRAFT_RESUMED, draft, actor)

        in_transaction(self._database, work)

    def waiting_for(self, appointment_id: int) -> list[int]:
        """List the drafts that wait for this appointment, the oldest first."""
        with self._database.read() as session:
            appointment = session.get(Appointment, appointment_id)
            return waiting(session, appointment) if appointment else []

    def erase(self, draft_id: int, actor: str) -> bool | Taken:
        """Erase what was filled in; give False where it was gone already."""

        def work(session: Session) -> bool | Taken:
            draft = session.get(Draft, draft_id, with_for_update=True)
            if draft is None or draft.erased_at is not None:
                return False
            if other := taken(draft, actor, self._now()):
                return other
            erase_draft(session, draft, actor, self._now())
            return True

        return in_transaction(self._database, work)

    def _have(self, session: Session, draft: Draft, actor: str) -> None:
        if hold(draft, actor, self._now()):
            self._tell(session, Act.DRAFT_TAKEN_OVER, draft, actor)

    def _tell(self, session: Session, act: Act, draft: Draft, actor: str) -> None:
        tell_of_draft(session, act, draft, actor, self._now())
