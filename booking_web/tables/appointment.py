# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of what happens: residents, appointments, slots, periods, journal."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.base.initials import alias_of
from booking_web.base.languages import FRENCH, LANGUAGE_LENGTH
from booking_web.tables.journal_acts import Act
from booking_web.tables.postal_address import PostalColumns
from booking_web.tables.states import AppointmentSource, AppointmentState, PeriodKind
from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import (
    Counsellor,
    Counter,
    Kiosk,
    Organisation,
    Relay,
    VisitReason,
)

NONCE_LENGTH = 32
RESIDENT_NAME_LENGTH = 120
REASON_LENGTH = 200
SEARCH_KEY_LENGTH = 160
# An IPv6 address, as long as one can be written.
ORIGIN_LENGTH = 45
SEAL_LENGTH = 80


def _one_of(column: str, values: type[AppointmentState] | type[PeriodKind]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class Resident(PostalColumns, Base):
    """A person that one relay's town hall books for; other relays do not see them."""

    __tablename__ = "resident"
    __table_args__ = (
        CheckConstraint(
            "merged_into_id IS NULL OR merged_into_id <> id", name="merged_into_another"
        ),
        Index("ix_resident_relay_id_search_key", "relay_id", "search_key"),
        # The journal goes on naming an erased entry by its number.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    relay_id: Mapped[int] = mapped_column(ForeignKey("relay.id"))
    name: Mapped[str] = mapped_column(String(RESIDENT_NAME_LENGTH))
    # The words of the name, unaccented, lower-case and sorted: what a search compares.
    search_key: Mapped[str] = mapped_column(String(SEARCH_KEY_LENGTH))
    # E.164, or empty: most residents have neither of the two.
    telephone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    # Tells persons of one name apart; None: nobody asked.
    birth_date: Mapped[date | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    # The start of the latest appointment; what retention counts from.
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    # Set where this entry turned out to be another one's double.
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("resident.id"), index=True
    )

    relay: Mapped[Relay] = relationship()


class Appointment(Base):
    """A resident, an organisation, a kiosk and a start; `state` is one of the life cycle."""

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint(_one_of("state", AppointmentState), name="state_known"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index(
            "uq_appointment_kiosk_on_the_line",
            "kiosk_id",
            unique=True,
            sqlite_where=text("state IN ('calling', 'queued', 'in_call')"),
            postgresql_where=text("state IN ('calling', 'queued', 'in_call')"),
        ),
        Index("ix_appointment_state_starts_at", "state", "starts_at"),
        Index("ix_appointment_kiosk_id_starts_at", "kiosk_id", "starts_at"),
        # A number that was given once never means another appointment.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The form's token: a second identical submit finds the first one's appointment.
    submission: Mapped[str] = mapped_column(String(64), unique=True)
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"))
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"), index=True)
    # The counter of a service of interpreters that is held beside; None: nobody interprets.
    interpreter_counter_id: Mapped[int | None] = mapped_column(
        ForeignKey("counter.id"), index=True
    )
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    # None: the town hall was told no more than a name, or the resident was forgotten.
    resident_id: Mapped[int | None] = mapped_column(
        ForeignKey("resident.id"), index=True
    )
    resident_name: Mapped[str] = mapped_column(String(RESIDENT_NAME_LENGTH))
    # What the resident comes for; `reason` says more of it in the secretary's words.
    visit_reason_id: Mapped[int | None] = mapped_column(ForeignKey("visit_reason.id"))
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH), default="")
    # What the kiosk writes and says in it, a code of `base.languages`.
    language: Mapped[str] = mapped_column(
        String(LANGUAGE_LENGTH), default=FRENCH, server_default=FRENCH
    )
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[AppointmentState] = mapped_column(String(20))
    # Why the state is what it is, as a code that the pages translate (`kiosk_offline`).
    state_reason: Mapped[str] = mapped_column(String(60), default="")
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    # How often the kiosk was called; with the id it names the call.
    attempt: Mapped[int] = mapped_column(default=0)
    # The Asterisk Uniqueid of the kiosk's channel of the last attempt.
    call: Mapped[str | None] = mapped_column(String(150), index=True)
    # Random, given with the first call: by it a kiosk proves that what it brings later is of
    # this appointment, and of none that had its number before an older copy came back.
    nonce: Mapped[str] = mapped_column(
        String(NONCE_LENGTH), default="", server_default=text("''")
    )
    # Set by the pages, cleared by the dispatcher once done.
    call_requested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hangup_requested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellor.id"))
    # The counsellor's page has gone in the call, which is kept until it is back; else None.
    kept_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    # The relay whose town hall booked it and keeps seeing it, wherever it takes place and
    # wherever the person who typed it works by now; None: no town hall's.
    town_hall_id: Mapped[int | None] = mapped_column(ForeignKey("relay.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[AppointmentSource] = mapped_column(
        String(10), default=AppointmentSource.DESK, server_default="desk"
    )
    # iCalendar's SEQUENCE (RFC 5545, 3.8.7.4): one more with each change of place or hour.
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    # A walk-in who waits in the organisation's line: called as soon as there is a place.
    in_line: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Who comes and why is read by those of its file alone; on every board, list and screen
    # beside, and in every message, an alias stands in for it.
    discreet: Mapped[bool] = mapped_column(default=False, server_default=false())
    # What the resident answered after the call; None: not asked.
    was_useful: Mapped[bool | None] = mapped_column()

    kiosk: Mapped[Kiosk] = relationship()
    counter: Mapped[Counter] = relationship(foreign_keys=[counter_id])
    interpreter_counter: Mapped[Counter | None] = relationship(
        foreign_keys=[interpreter_counter_id]
    )
    organisation: Mapped[Organisation] = relationship()
    counsellor: Mapped[Counsellor | None] = relationship()
    visit_reason: Mapped[VisitReason | None] = relationship()
    periods: Mapped[list["Period"]] = relationship(
        back_populates="appointment", order_by="Period.started_at, Period.id"
    )

    @property
    def name_on_boards(self) -> str:
        """Name the resident where others than those of the file may read it."""
        return alias_of(self.id) if self.discreet else self.resident_name

    @property
    def reason_on_boards(self) -> VisitReason | None:
        """Give the reason where others may read it; None also where it is told to nobody."""
        return None if self.discreet else self.visit_reason

    @property
    def details_on_boards(self) -> str:
        """Give the further words on the reason where others may read them."""
        return "" if self.discreet else self.reason

    @property
    def interpreter(self) -> Organisation | None:
        """Give the service whose interpreter was booked, if one was."""
        counter = self.interpreter_counter
        return None if counter is None else counter.organisation

    @property
    def interpreter_id(self) -> int | None:
        """Give that service's number."""
        interpreter = self.interpreter
        return None if interpreter is None else interpreter.id


class KioskSlot(Base):
    """SLOT_MINUTES of a kiosk held by one appointment.

    The primary key is what makes double booking impossible, on SQLite and PostgreSQL
    alike: an appointment holds every slot that it touches.
    """

    __tablename__ = "kiosk_slot"

    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )


class CounterSlot(Base):
    """SLOT_MINUTES of a counter held by one appointment."""

    __tablename__ = "counter_slot"

    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )


class Period(Base):
    """A dated stretch of an appointment; every statistic is computed from these."""

    __tablename__ = "period"
    __table_args__ = (CheckConstraint(_one_of("kind", PeriodKind), name="kind_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    kind: Mapped[PeriodKind] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellor.id"))

    appointment: Mapped[Appointment] = relationship(back_populates="periods")


class JournalEntry(Base):
    """An act on a resident's data. Append-only: triggers refuse updates and deletes.

    What was only read may be deleted after its term, which its link in the chain tells
    (`journal_links`). Numbers of residents and appointments stay when their names are gone.
    """

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_actor_at", "actor", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    # `user:<id>`, `dispatcher`, `counsellor:<slug>` or `kiosk:<slug>`.
    actor: Mapped[str] = mapped_column(String(80))
    act: Mapped[Act] = mapped_column(String(40))
    appointment_id: Mapped[int | None] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    # Of an act on somebody's entry in the register: no reference, for the entry is erased.
    resident_id: Mapped[int | None] = mapped_column(index=True)
    # The address that the request came from; empty: it was this site's own program.
    origin: Mapped[str] = mapped_column(
        String(ORIGIN_LENGTH), default="", server_default=text("''")
    )
    # Facts about the act, never the resident's data: `calling -> queued`.
    detail: Mapped[str] = mapped_column(String(200), default="")
    # By it a line proves that a program of this site wrote it (`domain.journal.seals`);
    # empty: written before there were any.
    seal: Mapped[str] = mapped_column(
        String(SEAL_LENGTH), default="", server_default=text("''")
    )


class LiveEvent(Base):
    """A change that open pages must show; its id is the event's `Last-Event-ID`.

    `state` is the appointment's state at that moment, so that a page that reads two events
    at once still knows each state that was passed through. News of no appointment has
    neither of the two; news of no kiosk is for every relay.
    """

    __tablename__ = "live_event"
    __table_args__ = (
        Index("ix_live_event_kiosk_id_id", "kiosk_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kiosk_id: Mapped[int | None] = mapped_column(ForeignKey("kiosk.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))
    state: Mapped[AppointmentState | None] = mapped_column(String(20))
    # Whose news it is where it is of no appointment; None: everybody's.
    organisation_id: Mapped[int | None]
    # What changed, a value of `live_kind.Kind`.
    kind: Mapped[str] = mapped_column(
        String(12), default="appointment", server_default="appointment"
    )
