# SPDX-License-Identifier: AGPL-3.0-or-later
"""How pages call who did something."""

from flask_babel import gettext
from sqlalchemy.orm import Session

from provisioning.database.models import User


def name_of(session: Session, actor: str) -> str:
    """Give the name of a person whom the journal names so."""
    kind, _, number = actor.partition(":")
    user = session.get(User, int(number)) if kind == "user" else None
    return user.name if user is not None else gettext("Quelqu'un")
