# SPDX-License-Identifier: AGPL-3.0-or-later
"""The services of interpreters that a site has: most have none."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioning.database.models import Organisation


def interpreting_organisations(session: Session) -> Sequence[Organisation]:
    """List them, by kind and name."""
    return session.scalars(_INTERPRETING).all()


_INTERPRETING = (
    select(Organisation)
    .where(Organisation.interprets != "")
    .order_by(Organisation.interprets, Organisation.name)
)
