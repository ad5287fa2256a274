# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may sign in: accounts are closed, opened and readdressed; an administrator stays.

Works in the caller's transaction and never commits.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioning.database.models import User, UserRole
from provisioning.directory.credentials import new_session_key
from provisioning.directory.errors import AlreadyThere, LastAdministrator, UnknownEntry
from provisioning.inventory.plan import Action, Kind, Plan, Snapshot


def close_account(session: Session, email: str) -> bool:
    """Let the person sign in no more, from now on; tell whether that is a change.

    Raises LastAdministrator.
    """
    lock_administrators(session)
    user = _user(session, email)
    if not user.active:
        return False
    user.active = False
    user.session_key = new_session_key()
    session.flush()
    if user.role == UserRole.ADMINISTRATOR:
        require_an_administrator(session)
    return True


def open_account(session: Session, email: str) -> bool:
    """Let the person sign in again; tell whether that is a change."""
    user = _user(session, email)
    if user.active:
        return False
    user.active = True
    session.flush()
    return True


def readdress(session: Session, email: str, new_email: str) -> None:
    """Give the account another address, already checked. Raises AlreadyThere."""
    if new_email == email:
        return
    if session.scalar(select(User.id).where(User.email == new_email)) is not None:
        raise AlreadyThere(Kind.USER, new_email)
    _user(session, email).email = new_email
    session.flush()


def takes_an_administrator(current: Snapshot, plan: Plan) -> bool:
    """Tell whether the plan removes an administrator or gives one another role."""
    return any(
        change.kind is Kind.USER
        and current[Kind.USER].get(change.key, {}).get("role") == "administrator"
        and (change.action is Action.REMOVE or "role" in change.fields)
        for change in plan.changes
    )


def lock_administrators(session: Session) -> None:
    """Have others who would take an administrator away wait for this transaction.

    Two administrators who close each other at once are so told apart: the second one counts
    after the first one committed. SQLite has one writer anyway.
    """
    session.execute(
        select(User.id)
        .where(User.role == UserRole.ADMINISTRATOR)
        .order_by(User.id)
        .with_for_update()
    ).all()


def require_an_administrator(session: Session) -> None:
    """Raise LastAdministrator where none is left who can sign in."""
    left = select(func.count()).where(
        User.role == UserRole.ADMINISTRATOR, User.active.is_(True)
    )
    if not session.scalar(left):
        raise LastAdministrator


def _user(session: Session, email: str) -> User:
    user = session.scalar(select(User).where(User.email == email))
    if user is None:
        raise UnknownEntry(email)
    # Another transaction may have written it while this one waited.
    session.refresh(user)
    return user
