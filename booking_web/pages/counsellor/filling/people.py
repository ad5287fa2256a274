# SPDX-License-Identifier: AGPL-3.0-or-later
"""What those who fill in drafts are called on a page."""

from collections.abc import Iterable

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioning.database.models import User


def names_of(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Give the name of each of the journal's actors."""
    wanted = set(actors)
    numbers = {
        int(number): actor
        for actor in wanted
        for kind, _, number in [actor.partition(":")]
        if kind == "user"
    }
    found = session.execute(select(User.id, User.name).where(User.id.in_(numbers)))
    names = {numbers[number]: name for number, name in found}
    return {each: names.get(each, gettext("le serveur")) for each in wanted}
