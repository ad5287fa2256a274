# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which kiosk is asking, and what of which appointment it may have.

A kiosk is known by its token alone. It sees its own appointments: the one now in call
whole; of one that was in call before, only what it still has to deliver.
"""

import hmac
from collections.abc import Collection
from datetime import datetime

import structlog
from flask import abort, g, request
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.fleet.enrolled_machine import settle_rotation
from booking_web.domain.rights.kiosks import appointment_at
from booking_web.domain.rights.person import NotVisible
from booking_web.shell.asking_place import asking_place
from booking_web.shell.rate_limits import DatabaseStorage
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment, Period
from booking_web.tables.states import AppointmentState, PeriodKind
from provisioning.database.models import Kiosk
from provisioning.directory.digests import digest_of
from provisioning.directory.kiosk_secrets import kiosk_of_token, note_new_token_shown
from provisioning.directory.kiosk_tokens import read_token
from provisioning.directory.returning import take_back

# A wrong token is counted by address; a kiosk with the right one is never held up by it.
REFUSALS_PER_WINDOW = 30
WINDOW_SECONDS = 300
# What a kiosk was told with the call. One that could not ask then shows none.
NONCE_HEADER = "Guichet-Nonce"
_SCHEME = "Bearer "

logger = structlog.get_logger(__name__)


def require_kiosk() -> None:
    """Let the request pass as one kiosk's, or end it (401, 429)."""
    kiosk = asking_kiosk()
    if kiosk is not None:
        g.kiosk = kiosk
        return
    storage = DatabaseStorage(database=services().database)
    key = f"kiosk-api:{asking_place()}"
    if storage.incr(key, WINDOW_SECONDS) > REFUSALS_PER_WINDOW:
        abort(429)
    logger.warning("token refused", api="kiosk")
    abort(401)


def asking_kiosk() -> Kiosk | None:
    """Give the kiosk whose token the request bears; None for anybody else."""
    header = request.headers.get("Authorization", "")
    if not _is_bearer(header):
        return None
    now, token = services().now(), header.removeprefix(_SCHEME)
    with services().database.read() as session:
        found = kiosk_of_token(session, token, now)
    if found is None:
        return _returning(token, now)
    kiosk, is_first_showing = found
    if is_first_showing:

        def work(session: Session) -> None:
            note_new_token_shown(session, kiosk.id, now)
            settle_rotation(session, kiosk.id, now)

        in_transaction(services().database, work)
    return kiosk


def _returning(token: str, now: datetime) -> Kiosk | None:
    """Give the kiosk that got its token after the copy of the database that came back."""
    restored_at = services().settings.restored
    if restored_at is None:
        return None
    # Nobody guesses a signature: most of those who come here are turned away unwritten.
    if read_token(token, services().settings.secret_key) is None:
        return None
    return in_transaction(
        services().database,
        lambda session: take_back(session, token, restored_at, now),
    )


def this_kiosk() -> Kiosk:
    """Give the kiosk that asks."""
    kiosk: Kiosk = g.kiosk
    return kiosk


def shown_token_digest() -> str:
    """Give the SHA-256 (hex) of the token that the kiosk shows."""
    return digest_of(request.headers["Authorization"].removeprefix(_SCHEME))


def this_actor() -> str:
    """Name the kiosk in the journal."""
    return f"kiosk:{this_kiosk().slug}"


def own_appointment(
    session: Session, appointment_id: int, *, to_change: bool = False
) -> Appointment:
    """Give an appointment of this kiosk; another one's is not found (404)."""
    try:
        return appointment_at(
            session, this_kiosk().id, appointment_id, to_change=to_change
        )
    except NotVisible:
        logger.warning("not theirs", endpoint=request.endpoint, kiosk=this_kiosk().slug)
        abort(404)


def appointment_in_call(
    session: Session, appointment_id: int, *, to_change: bool = False
) -> Appointment:
    """Give the appointment if it is in call now; else 409."""
    appointment = own_appointment(session, appointment_id, to_change=to_change)
    if appointment.state != AppointmentState.IN_CALL:
        abort(409)
    return appointment


def appointment_once_in_call(session: Session, appointment_id: int) -> Appointment:
    """Give the appointment, to change, if it is or was in call here; else 409 or 410.

    What a kiosk has done in a call it may deliver a day later.
    """
    return _once(session, appointment_id, (PeriodKind.IN_CALL,))


def appointment_once_called(session: Session, appointment_id: int) -> Appointment:
    """Give the appointment, to change, if the kiosk was ever called for it; else 409, 410."""
    kinds = (PeriodKind.RINGING, PeriodKind.QUEUED, PeriodKind.IN_CALL)
    return _once(session, appointment_id, kinds)


def _once(
    session: Session, appointment_id: int, kinds: Collection[PeriodKind]
) -> Appointment:
    shown = request.headers.get(NONCE_HEADER, "")
    if shown and session.get(Appointment, appointment_id) is None:
        # It was given the number with a call, and an older copy knows of none.
        abort(410)
    appointment = own_appointment(session, appointment_id, to_change=True)
    had_call = exists().where(
        Period.appointment_id == appointment.id, Period.kind.in_(kinds)
    )
    if not session.scalar(select(had_call)):
        abort(409)
    if (
        shown
        and appointment.nonce
        and not hmac.compare_digest(shown.encode(), appointment.nonce.encode())
    ):
        # Of another resident, who had this number before an older copy came back.
        abort(410)
    return appointment


def _is_bearer(header: str) -> bool:
    return header.startswith(_SCHEME) and header.isascii()
