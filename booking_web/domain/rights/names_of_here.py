# SPDX-License-Identifier: AGPL-3.0-or-later
"""The names that whoever guesses a password at this site knows: its relays and organisations."""

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from provisioning.database.models import Organisation, Relay


def names_of_here(session: Session) -> list[str]:
    """Give the names of all relays, communes and organisations."""
    columns = (
        *(Relay.name, Relay.commune, Relay.slug),
        *(Organisation.name, Organisation.short_name, Organisation.slug),
    )
    return list(
        session.scalars(union_all(*(select(column) for column in columns))).all()
    )
