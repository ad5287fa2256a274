# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which client is asking, how often it may, and what it may reach."""

import structlog
from flask import Response, abort, g, request
from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, joinedload

from booking_web.api.problems import Problem, problem
from booking_web.domain.appointments.interpreters.services import (
    interpreting_organisations,
)
from booking_web.domain.rights.clients import client_of, person_of_client
from booking_web.domain.rights.person import NotVisible, Person
from booking_web.shell.asking_place import asking_place
from booking_web.shell.rate_limits import DatabaseStorage
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment
from booking_web.tables.clients import ApiClient
from booking_web.words.interpreters import (
    not_for_residents_sentence,
    unknown_interpreter_sentence,
)
from provisioning.database.models import Kiosk, Organisation, Relay

REQUESTS_PER_MINUTE = 300
# The largest number that the column holds.
MAX_ID = 2**31 - 1
# A wrong token is counted by address.
REFUSALS_PER_WINDOW = 30
REFUSAL_WINDOW_SECONDS = 300
_SCHEME = "Bearer "

logger = structlog.get_logger(__name__)


def require_client() -> Response | None:
    """Let the request pass as one client's, or end it (401, 403, 429)."""
    header = request.headers.get("Authorization", "")
    client = None
    if header.startswith(_SCHEME) and header.isascii():
        with services().database.read() as session:
            client = client_of(session, header.removeprefix(_SCHEME))
    if client is None:
        refused = _count(f"api-refused:{asking_place()}", REFUSAL_WINDOW_SECONDS)
        if refused > REFUSALS_PER_WINDOW:
            return _too_many(REFUSAL_WINDOW_SECONDS)
        logger.warning("token refused", api="booking")
        return problem(401)
    if _count(f"api:{client.id}", 60) > REQUESTS_PER_MINUTE:
        return _too_many(60)
    if request.method not in ("GET", "HEAD", "OPTIONS") and not client.may_write:
        logger.warning("not allowed", endpoint=request.endpoint, client=client.id)
        return problem(403, "read-only", gettext("Ce client ne peut que lire."))
    g.api_client = client
    return None


def this_client() -> ApiClient:
    """Give the client that asks."""
    client: ApiClient = g.api_client
    return client


def acting() -> Person:
    """Give the one as whom the client acts."""
    return person_of_client(this_client())


def reachable_appointments() -> Select[Appointment]:
    """Start a query of the appointments that the client may reach, with what is told."""
    return acting().appointments().options(*_TOLD)


def reachable_appointment(
    session: Session, appointment_id: int, *, to_change: bool = False
) -> Appointment:
    """Give one appointment; one out of the client's reach is not found (404)."""
    if appointment_id > MAX_ID:
        abort(404)
    try:
        return acting().appointment(
            session, appointment_id, *_TOLD, to_change=to_change
        )
    except NotVisible:
        logger.warning("not theirs", endpoint=request.endpoint, client=this_client().id)
        abort(404)


def organisations(session: Session) -> list[Organisation]:
    """List the organisations that the client may book for."""
    own = this_client().organisation_id
    query = select(Organisation).where(Organisation.interprets == "")
    if own is not None:
        query = query.where(Organisation.id == own)
    return list(session.scalars(query.order_by(Organisation.name)))


def relays(session: Session) -> list[Relay]:
    """List the relays that the client may book at."""
    own = this_client().relay_id
    query = select(Relay).order_by(Relay.name)
    if own is not None:
        query = query.where(Relay.id == own)
    return list(session.scalars(query))


def organisation_named(session: Session, slug: str) -> Organisation:
    """Give the organisation; one out of reach is a problem of the value (422)."""
    own = this_client().organisation_id
    found = session.scalar(select(Organisation).where(Organisation.slug == slug))
    if found is None or own not in (None, found.id):
        raise Problem(
            422,
            "unknown-organisation",
            gettext("Cet organisme n'existe pas pour ce client."),
        )
    if found.interprets:
        raise Problem(422, "not-for-residents", not_for_residents_sentence())
    return found


def interpreter_named(session: Session, slug: str | None) -> Organisation | None:
    """Give the service of interpreters; one that is none is a problem of the value (422)."""
    if slug is None:
        return None
    offered = {each.slug: each for each in interpreting_organisations(session)}
    if slug not in offered:
        raise Problem(422, "unknown-interpreter", unknown_interpreter_sentence())
    return offered[slug]


def relay_named(session: Session, slug: str) -> Relay:
    """Give the relay; one out of reach is a problem of the value (422)."""
    own = this_client().relay_id
    found = session.scalar(select(Relay).where(Relay.slug == slug))
    if found is None or own not in (None, found.id):
        raise Problem(
            422, "unknown-relay", gettext("Ce relais n'existe pas pour ce client.")
        )
    return found


def _count(key: str, seconds: int) -> int:
    try:
        return DatabaseStorage(database=services().database).incr(key, seconds)
    except OperationalError:
        # A database that is being written to for long is no reason to refuse a reader.
        logger.warning("request not counted")
        return 0


def _too_many(seconds: int) -> Response:
    answer = problem(429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


_TOLD = (
    joinedload(Appointment.organisation),
    joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
    joinedload(Appointment.visit_reason),
)
