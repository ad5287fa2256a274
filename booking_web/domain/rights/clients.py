# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes, finds and removes the clients of the API."""

import re
import secrets
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.rights.person import Person
from booking_web.tables.clients import CLIENT_NAME_LENGTH, ApiClient
from provisioning.database.models import Organisation, Relay, User, UserRole
from provisioning.directory.digests import digest_of

# Tells what a token found in a log or a repository is for.
TOKEN_PREFIX = "gva_"
_NAME = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{CLIENT_NAME_LENGTH - 1}}}")


class ClientRefused(ValueError):
    """The client cannot be made or is not there; the text says why."""


def add_client(
    session: Session,
    name: str,
    *,
    user_email: str,
    organisation: str | None,
    relay: str | None,
    may_write: bool,
    sees_residents: bool,
    now: datetime,
) -> str:
    """Make a client and give its token, which is stored nowhere. Raises ClientRefused."""
    if not _NAME.fullmatch(name):
        raise ClientRefused("a name is made of a-z, 0-9 and -")
    if session.scalar(select(ApiClient.id).where(ApiClient.name == name)) is not None:
        raise ClientRefused(
            f"the name {name} is or was another client's, which the journal tells of"
        )
    if (organisation is None) == (relay is None):
        raise ClientRefused("give either an organisation or a relay")
    user = session.scalar(select(User).where(User.email == user_email))
    if user is None:
        raise ClientRefused(f"no user {user_email}")
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    client = ApiClient(
        name=name,
        token_digest=digest_of(token),
        organisation_id=_id_of(session, Organisation, organisation),
        relay_id=_id_of(session, Relay, relay),
        user_id=user.id,
        may_write=may_write,
        sees_residents=sees_residents,
        created_at=now,
    )
    session.add(client)
    session.flush()
    if session.scalar(open_clients().where(ApiClient.id == client.id)) is None:
        raise ClientRefused(f"{user_email} has no right there, so nor can the client")
    return token


def remove_client(session: Session, name: str, now: datetime) -> None:
    """Let the client's token open nothing any more. Raises ClientRefused."""
    client = session.scalar(
        select(ApiClient).where(ApiClient.name == name, ApiClient.removed_at.is_(None))
    )
    if client is None:
        raise ClientRefused(f"no client {name}")
    client.removed_at = now


def clients(session: Session) -> list[ApiClient]:
    """List the clients by name, those removed too."""
    return list(
        session.scalars(
            select(ApiClient)
            .order_by(ApiClient.name)
            .options(
                joinedload(ApiClient.organisation),
                joinedload(ApiClient.relay),
                joinedload(ApiClient.user),
            )
        )
    )


def client_of(session: Session, token: str) -> ApiClient | None:
    """Find the client that this token belongs to and that may still act, if any."""
    return session.scalar(
        select(ApiClient)
        .where(
            ApiClient.token_digest == digest_of(token),
            ApiClient.id.in_(open_clients()),
        )
        .options(
            joinedload(ApiClient.organisation),
            joinedload(ApiClient.relay),
            joinedload(ApiClient.user),
        )
    )


def person_of_client(client: ApiClient) -> Person:
    """Give the one as whom a program acts: its user, within the program's own bounds."""
    return Person(
        user_id=client.user_id,
        actor=client.actor,
        relay_id=client.relay_id,
        organisation_id=client.organisation_id,
    )


def open_clients() -> Select[int]:
    """Select the numbers of the clients that may ask, and be told, something now.

    A client loses its rights with the person for whom it acts. Every way in or out of
    the API asks this, each time.
    """
    return (
        select(ApiClient.id)
        .join(User, User.id == ApiClient.user_id)
        .where(
            ApiClient.removed_at.is_(None),
            User.active,
            or_(
                (User.role == UserRole.MANAGER)
                & (User.organisation_id == ApiClient.organisation_id),
                (User.role == UserRole.SECRETARY)
                & (User.relay_id == ApiClient.relay_id),
            ),
        )
    )


def _id_of(
    session: Session, table: type[Organisation] | type[Relay], slug: str | None
) -> int | None:
    if slug is None:
        return None
    found = session.scalar(select(table.id).where(table.slug == slug))
    if found is None:
        raise ClientRefused(f"no {table.__tablename__} {slug}")
    return found
