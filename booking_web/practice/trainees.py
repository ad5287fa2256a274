# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who practises, and in which part: a person of the site, as somebody of their own world."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask, request, session
from flask_login import LoginManager
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Request

from booking_web.domain.rights.web_sessions import Employer, SignedIn
from booking_web.practice.seeding import COUNSELLOR, SECRETARY
from booking_web.practice.worlds import World
from provisioning.database.engine import Database
from provisioning.database.models import User, UserRole

# Under this name the gate gives the application who has come in.
TRAINEE = "guichet.trainee"
PARTS = {UserRole.SECRETARY: SECRETARY, UserRole.COUNSELLOR: COUNSELLOR}
_PART = "part"
# Whose work begins with a call; everybody else begins at a town hall's desk.
_OF_AN_ORGANISATION = frozenset({UserRole.COUNSELLOR, UserRole.MANAGER})


@dataclass(frozen=True)
class Trainee:
    """Somebody who is signed in to the site, and is here to practise."""

    role: str
    world: World
    # Wipes what they practised on.
    reset: Callable[[], None]


def trainee() -> Trainee:
    """Give who practises in this request."""
    found: Trainee = request.environ[TRAINEE]
    return found


def part() -> UserRole:
    """Give the part that they play: what they chose, else what they are."""
    chosen = session.get(_PART)
    if chosen in PARTS:
        return UserRole(chosen)
    is_counsellor = trainee().role in _OF_AN_ORGANISATION
    return UserRole.COUNSELLOR if is_counsellor else UserRole.SECRETARY


def choose_part(chosen: UserRole) -> None:
    """Play this part from now on."""
    session[_PART] = str(chosen)


def set_up_trainees(app: Flask, database: Database) -> None:
    """Have every request be that of the part which its trainee plays.

    The gate has asked the site who they are: there is no other sign-in.
    """
    manager: LoginManager = app.login_manager  # type: ignore[attr-defined]

    def load(_request: Request) -> SignedIn:
        return _signed_in(database, PARTS[part()])

    manager.request_loader(load)


def _signed_in(database: Database, email: str) -> SignedIn:
    query = select(User).where(User.email == email)
    with database.read() as reading:
        user = reading.scalars(query.options(joinedload(User.organisation))).one()
    organisation = user.organisation
    return SignedIn(
        key="practice",
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        relay_id=user.relay_id,
        organisation_id=user.organisation_id,
        organisation=(
            Employer(organisation.id, organisation.name) if organisation else None
        ),
        seen_at=datetime.now(UTC),
    )
