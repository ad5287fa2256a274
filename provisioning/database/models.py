# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory: the tables of what exists. Asterisk's own tables are in `realtime`."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TypedDict

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from provisioning.database.engine import Base, UtcDateTime

SLUG_LENGTH = 60
NAME_LENGTH = 120
PICTOGRAM_LENGTH = 40
TELEPHONE_LENGTH = 20
# Of a relay or an organisation that names none.
DEFAULT_TIME_ZONE = "Europe/Paris"


class UserRole(StrEnum):
    """What a person may do in the web application."""

    SECRETARY = "secretary"
    MANAGER = "manager"
    COUNSELLOR = "counsellor"
    SUPERVISOR = "supervisor"
    OFFICER = "officer"
    ADMINISTRATOR = "administrator"


class InterpreterKind(StrEnum):
    """In which way an organisation interprets, where it does."""

    SIGN = "sign"
    SPOKEN = "spoken"
    TYPED = "typed"


class Relay(Base):
    """The room of a commune that houses a kiosk."""

    __tablename__ = "relay"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_range"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_range"),
        CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)", name="both_coordinates_or_none"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    commune: Mapped[str] = mapped_column(String(NAME_LENGTH))
    address: Mapped[str] = mapped_column(String(250), default="")
    time_zone: Mapped[str] = mapped_column(String(60), default=DEFAULT_TIME_ZONE)
    # Degrees (WGS 84), both or none: where unknown, no distance can be told.
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    # E.164 such as "+33199000101", or empty.
    telephone: Mapped[str] = mapped_column(
        String(TELEPHONE_LENGTH), default="", server_default=text("''")
    )
    # Where in the building the resident must go.
    room: Mapped[str] = mapped_column(
        String(NAME_LENGTH), default="", server_default=text("''")
    )

    kiosks: Mapped[list["Kiosk"]] = relationship(back_populates="relay")


class Kiosk(Base):
    """The PC at a relay: one SIP endpoint whose id is `slug`."""

    __tablename__ = "kiosk"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), unique=True)
    relay_id: Mapped[int] = mapped_column(ForeignKey("relay.id"), index=True)
    # SHA-256 of the kiosk's API token, in hex: the token itself is only on the kiosk.
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    # Since when the token is that one; None: since before this was noted.
    secrets_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The machine that was enrolled as this kiosk, as it tells itself (64 hex), its name
    # among people, and since when; None: not known yet, or a bundle carried there.
    machine_id: Mapped[str | None] = mapped_column(String(64))
    machine_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    enrolled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Since when it is to take new secrets by itself; None: it is not.
    rotation_wanted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    relay: Mapped[Relay] = relationship(back_populates="kiosks")

    @validates("token_digest")
    def _note_since(self, _name: str, digest: str) -> str:
        """Note when the token changed, whoever changes it."""
        self.secrets_since = datetime.now(UTC)
        return digest


class ScreenEnrolment(Base):
    """How a kiosk's second screen is let in; see `screen_enrolment`."""

    __tablename__ = "screen_enrolment"
    __table_args__ = (
        CheckConstraint(
            "(code_digest IS NULL) = (code_expires_at IS NULL)", name="code_expires"
        ),
    )

    kiosk_id: Mapped[int] = mapped_column(
        ForeignKey("kiosk.id", ondelete="CASCADE"), primary_key=True
    )
    # SHA-256 in hex: code and secret themselves are only where they are used.
    code_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    code_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    secret_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    enrolled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Organisation(Base):
    """A public body; `slug` is also the name of its Asterisk queue."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("abandon_after_seconds > 0", name="abandon_after_positive"),
        CheckConstraint(
            "appointment_minutes BETWEEN 5 AND 480", name="appointment_minutes_range"
        ),
        CheckConstraint(
            "interprets IN ('', 'sign', 'spoken', 'typed')", name="interprets_known"
        ),
        CheckConstraint(
            "wrap_up_seconds BETWEEN 0 AND 3600", name="wrap_up_seconds_range"
        ),
        CheckConstraint(
            "missed_rings_allowed BETWEEN 0 AND 100", name="missed_rings_allowed_range"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    short_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    # How long a resident waits in the queue before the appointment is abandoned.
    abandon_after_seconds: Mapped[int] = mapped_column(default=300)
    appointment_minutes: Mapped[int] = mapped_column(default=30)
    # Whom to call where no appointment is to be had; E.164 or empty.
    telephone: Mapped[str] = mapped_column(
        String(TELEPHONE_LENGTH), default="", server_default=text("''")
    )
    # The zone in which its opening hours are written.
    time_zone: Mapped[str] = mapped_column(
        String(60), default=DEFAULT_TIME_ZONE, server_default=DEFAULT_TIME_ZONE
    )
    # An InterpreterKind where it is a service of interpreters, which joins the appointments
    # of others and is booked for none of its own; empty for all other organisations.
    interprets: Mapped[str] = mapped_column(
        String(10), default="", server_default=text("''")
    )
    # How long a counsellor is not rung after a call; 0: not at all.
    wrap_up_seconds: Mapped[int] = mapped_column(
        default=120, server_default=text("120")
    )
    # After so many calls in a row that a counsellor did not pick up they are paused; 0: never.
    missed_rings_allowed: Mapped[int] = mapped_column(
        default=3, server_default=text("3")
    )

    counters: Mapped[list["Counter"]] = relationship(back_populates="organisation")
    counsellors: Mapped[list["Counsellor"]] = relationship(
        back_populates="organisation"
    )
    visit_reasons: Mapped[list["VisitReason"]] = relationship(
        back_populates="organisation",
        order_by="(VisitReason.position, VisitReason.name)",
    )


class Counter(Base):
    """A bookable line of an organisation; who sits behind it is settled late."""

    __tablename__ = "counter"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )

    organisation: Mapped[Organisation] = relationship(back_populates="counters")


class Paper(TypedDict):
    """A paper to bring; `pictogram` is an icon of bootstrap-icons, or empty."""

    name: str
    pictogram: str


class VisitReason(Base):
    """Why a resident comes (in French: motif): it brings length and papers."""

    __tablename__ = "visit_reason"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 5 AND 480", name="minutes_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), unique=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    # The name of an icon of bootstrap-icons such as "car-front", or empty.
    pictogram: Mapped[str] = mapped_column(String(PICTOGRAM_LENGTH), default="")
    # None: as long as the organisation's `appointment_minutes`.
    minutes: Mapped[int | None]
    papers: Mapped[list[Paper]] = mapped_column(JSON, default=list)
    # Smaller comes first, then by name.
    position: Mapped[int] = mapped_column(default=0)

    organisation: Mapped[Organisation] = relationship(back_populates="visit_reasons")


class Counsellor(Base):
    """Who answers an organisation's queue: one SIP endpoint whose id is `slug`."""

    __tablename__ = "counsellor"
    __table_args__ = (
        CheckConstraint(
            "NOT (browser AND (softphone OR in_clear))", name="one_telephone"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    # True where the counsellor has a softphone instead of our own program.
    softphone: Mapped[bool] = mapped_column(default=False)
    # True where that softphone may come over UDP or TCP and without SRTP.
    in_clear: Mapped[bool] = mapped_column(default=False, server_default=false())
    # True where the counsellor telephones in a page of the site, and has neither.
    browser: Mapped[bool] = mapped_column(default=False, server_default=false())

    organisation: Mapped[Organisation] = relationship(back_populates="counsellors")


class SoftphoneKind(StrEnum):
    """For which program a softphone's link is made."""

    LINPHONE = "linphone"
    BARESIP = "baresip"


class SipTransport(StrEnum):
    """How a softphone reaches Asterisk; all but the first are in clear."""

    TLS = "tls"
    TCP = "tcp"
    UDP = "udp"


class SoftphoneLink(Base):
    """A link that sets up a counsellor's softphone, once; see `softphone_links`."""

    __tablename__ = "softphone_link"
    __table_args__ = (
        CheckConstraint("kind IN ('linphone', 'baresip')", name="kind_known"),
        CheckConstraint("transport IN ('tls', 'tcp', 'udp')", name="transport_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    counsellor_id: Mapped[int] = mapped_column(
        ForeignKey("counsellor.id", ondelete="CASCADE"), index=True
    )
    # SHA-256 in hex: the token itself is only in the link.
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    transport: Mapped[str] = mapped_column(String(3))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # When it was opened or replaced; None: neither yet.
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    counsellor: Mapped[Counsellor] = relationship()


class User(Base):
    """A person who signs in to the web application, with exactly one role."""

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint(
            "role IN ('secretary', 'manager', 'counsellor', 'supervisor', 'officer',"
            " 'administrator')",
            name="role_known",
        ),
        CheckConstraint(
            "(role = 'secretary') = (relay_id IS NOT NULL)", name="secretary_has_relay"
        ),
        CheckConstraint(
            "(role IN ('manager', 'counsellor')) = (organisation_id IS NOT NULL)",
            name="organisation_where_needed",
        ),
        CheckConstraint(
            "counsellor_id IS NULL OR role = 'counsellor'",
            name="telephone_of_counsellor",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    # An argon2 hash (single hash, no pepper).
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    # Every sign-in rests on this too: changing it signs the person out everywhere.
    session_key: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    # None: never yet.
    last_signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    relay_id: Mapped[int | None] = mapped_column(ForeignKey("relay.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    # The telephone of a counsellor who signs in; None: nobody said which.
    counsellor_id: Mapped[int | None] = mapped_column(
        ForeignKey("counsellor.id"), index=True, unique=True
    )

    relay: Mapped[Relay | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    counsellor: Mapped[Counsellor | None] = relationship()
