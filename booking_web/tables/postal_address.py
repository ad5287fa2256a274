# SPDX-License-Identifier: AGPL-3.0-or-later
"""Postal addresses: the columns of one, and those told with an appointment alone."""

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base

STREET_LENGTH = 160
POSTCODE_LENGTH = 12
COMMUNE_LENGTH = 80
COUNTRY_LENGTH = 60


class PostalColumns:
    """What a row with an address has; empty: not told, and of the country: France."""

    # One line, or two.
    street: Mapped[str] = mapped_column(
        String(STREET_LENGTH), default="", server_default=text("''")
    )
    postcode: Mapped[str] = mapped_column(
        String(POSTCODE_LENGTH), default="", server_default=text("''")
    )
    commune: Mapped[str] = mapped_column(
        String(COMMUNE_LENGTH), default="", server_default=text("''")
    )
    country: Mapped[str] = mapped_column(
        String(COUNTRY_LENGTH), default="", server_default=text("''")
    )


class AppointmentAddress(PostalColumns, Base):
    """What a program or a file told of who comes, of whom no more is known than the name.

    A table of its own: who looks at appointments never reads it along.
    """

    __tablename__ = "appointment_address"

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), primary_key=True
    )
