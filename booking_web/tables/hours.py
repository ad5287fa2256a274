# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of published hours and of the rules by which slots are offered.

An organisation without a row here publishes no hours. `kiosk_day` and `counter_day` repeat
kiosk_slot and counter_slot; the database's own triggers write them (see `held_days`).
"""

from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    Date,
    ForeignKey,
    Index,
    MetaData,
    String,
    event,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

# Their tables are referred to.
from booking_web.tables import appointment as models
from booking_web.tables.held_days import trigger_statements
from provisioning.database.engine import Base
from provisioning.database.models import Counter, Relay

MINUTES_A_DAY = 1440
LABEL_LENGTH = 80
ALL_WEEKDAYS = 127


def _refers_to(target: str) -> ForeignKey:
    return ForeignKey(f"{target}.id", ondelete="CASCADE")


class Opening(Base):
    """A range of hours in which a counter is open, on some weekdays, week after week."""

    __tablename__ = "opening"
    __table_args__ = (
        CheckConstraint(
            "opens_minute BETWEEN 0 AND 1435 AND opens_minute % 5 = 0",
            name="opens_on_the_grid",
        ),
        CheckConstraint(
            "closes_minute > opens_minute AND closes_minute <= opens_minute + 1440"
            " AND closes_minute % 5 = 0",
            name="closes_after_it_opens",
        ),
        CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays_known"),
        CheckConstraint("every_weeks BETWEEN 1 AND 52", name="every_weeks_range"),
        CheckConstraint(
            "last_day IS NULL OR last_day >= first_day", name="last_day_after_first"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    counter_id: Mapped[int] = mapped_column(_refers_to("counter"), index=True)
    first_day: Mapped[date] = mapped_column(Date)
    # None: until further notice.
    last_day: Mapped[date | None] = mapped_column(Date)
    # Bit 0 is Monday, bit 6 Sunday.
    weekdays: Mapped[int]
    # 2: every other week, counted from the week (Monday first) of `first_day`.
    every_weeks: Mapped[int] = mapped_column(default=1)
    # Minutes on the wall since the day began, in the organisation's zone; more than
    # MINUTES_A_DAY: the range ends on the next day.
    opens_minute: Mapped[int]
    closes_minute: Mapped[int]
    # None: residents of every relay.
    relay_id: Mapped[int | None] = mapped_column(_refers_to("relay"))

    counter: Mapped[Counter] = relationship()
    relay: Mapped[Relay | None] = relationship()


class Closure(Base):
    """Days, or hours of days, on which nobody is received though the week says so."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="last_day_after_first"),
        CheckConstraint(
            "(from_minute IS NULL) = (until_minute IS NULL)", name="both_hours_or_none"
        ),
        CheckConstraint(
            "from_minute >= 0 AND until_minute > from_minute AND until_minute <= 1440",
            name="until_after_from",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(_refers_to("organisation"), index=True)
    # None: every counter of the organisation.
    counter_id: Mapped[int | None] = mapped_column(_refers_to("counter"))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    # Both None: whole days.
    from_minute: Mapped[int | None]
    until_minute: Mapped[int | None]
    # What the secretary reads: "Formation", "Pont de l'Ascension".
    label: Mapped[str] = mapped_column(String(LABEL_LENGTH), default="")

    counter: Mapped[Counter | None] = relationship()


class BookingRules(Base):
    """How an organisation offers its hours; without a row the defaults hold."""

    __tablename__ = "booking_rules"
    __table_args__ = (
        CheckConstraint("step_minutes BETWEEN 5 AND 480", name="step_minutes_range"),
        CheckConstraint("lead_minutes BETWEEN 0 AND 43200", name="lead_minutes_range"),
        CheckConstraint("horizon_days BETWEEN 1 AND 366", name="horizon_days_range"),
        CheckConstraint("max_per_day >= 1", name="max_per_day_positive"),
    )

    organisation_id: Mapped[int] = mapped_column(
        _refers_to("organisation"), primary_key=True
    )
    # From one possible start to the next; None: the length of an appointment.
    step_minutes: Mapped[int | None]
    # How long before its start an appointment must be made.
    lead_minutes: Mapped[int] = mapped_column(default=0)
    horizon_days: Mapped[int] = mapped_column(default=60)
    # Of all counters together; None: as many as fit.
    max_per_day: Mapped[int | None]
    open_on_holidays: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )
    # A subdivision of the `holidays` library ("57": Alsace and Moselle); empty: by the zone.
    holiday_region: Mapped[str] = mapped_column(
        String(5), default="", server_default=""
    )


class RelayRules(Base):
    """How an organisation receives the residents of one relay; without a row it does."""

    __tablename__ = "relay_rules"
    __table_args__ = (CheckConstraint("max_per_day >= 1", name="max_per_day_positive"),)

    organisation_id: Mapped[int] = mapped_column(
        _refers_to("organisation"), primary_key=True
    )
    relay_id: Mapped[int] = mapped_column(_refers_to("relay"), primary_key=True)
    is_served: Mapped[bool] = mapped_column(default=True, server_default=true())
    max_per_day: Mapped[int | None]


class _HeldDay:
    """The held slots of one UTC day: six words of 48 slots, bit 0 first.

    No foreign key: a row is there exactly as long as a slot of that day is held.
    """

    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    h00: Mapped[int] = mapped_column(BigInteger)
    h04: Mapped[int] = mapped_column(BigInteger)
    h08: Mapped[int] = mapped_column(BigInteger)
    h12: Mapped[int] = mapped_column(BigInteger)
    h16: Mapped[int] = mapped_column(BigInteger)
    h20: Mapped[int] = mapped_column(BigInteger)


class KioskDay(_HeldDay, Base):
    """What kiosk_slot holds of a kiosk in a UTC day (days since 1970)."""

    __tablename__ = "kiosk_day"
    __table_args__ = {"sqlite_with_rowid": False}

    kiosk_id: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, sort_order=-1
    )


class CounterDay(_HeldDay, Base):
    """What counter_slot holds of a counter in a UTC day (days since 1970)."""

    __tablename__ = "counter_day"
    __table_args__ = {"sqlite_with_rowid": False}

    counter_id: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, sort_order=-1
    )


# Counts an organisation's appointments of a day without reading the appointments.
Index(
    "ix_appointment_organisation_id_starts_at_state",
    models.Appointment.organisation_id,
    models.Appointment.starts_at,
    models.Appointment.state,
)


def _add_triggers(
    _target: MetaData, connection: Connection, **_details: object
) -> None:
    for statement in trigger_statements(connection.dialect.name):
        connection.execute(text(statement))


# The migrations make the triggers; this is for a schema that tests make from the models.
event.listen(Base.metadata, "after_create", _add_triggers)
