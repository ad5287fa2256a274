# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sends what waits in the outbox: claims, sends, notes what came of it.

A message is claimed in a transaction of its own before it goes out, so that two senders
never hold the same one; a sender that is killed in between leaves it to the next after
CLAIM. No address, name or text is logged.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.transactions import in_transaction
from booking_web.domain.journal.addresses import addresses_of, resident_of
from booking_web.domain.rights.restriction import is_restricted
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.messages import (
    Channel,
    Message,
    MessageKind,
    MessageState,
    Trouble,
)
from booking_web.tables.states import AppointmentState
from booking_web.telling.messages.composition import write_mail, write_sms
from booking_web.telling.messages.ports import (
    Mailer,
    NotDelivered,
    ServerDown,
    SmsSender,
)
from provisioning.database.engine import Database
from provisioning.database.models import Kiosk

BATCH = 20
CLAIM = timedelta(minutes=10)
# After each failed attempt; after the last one the message is given up, a day later in all.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Passed:
    """What one pass over the outbox did."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    dropped: int = 0


@dataclass(frozen=True)
class _Verdict:
    state: MessageState
    trouble: Trouble | None = None


class MessageSender:
    """Sends by e-mail and SMS; a channel whose port is None is off."""

    def __init__(
        self,
        database: Database,
        *,
        mailer: Mailer | None,
        sms_sender: SmsSender | None,
        mail_from: str,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._sms_sender = sms_sender
        self._mail_from = mail_from
        self._now = now

    def send_due(self) -> Passed:
        """Send everything that is due; a server that is down is not tried twice."""
        passed = Passed()
        down: dict[Channel, Trouble] = {}
        try:
            while claimed := in_transaction(self._database, self._claim):
                for message_id, channel in claimed:
                    verdict = self._deliver(message_id, channel, down)
                    passed = self._note(message_id, verdict, passed)
        finally:
            for port in (self._mailer, self._sms_sender):
                if port is not None:
                    port.close()
        return passed

    def _claim(self, session: Session) -> list[tuple[int, Channel]]:
        now = self._now()
        due = session.scalars(
            select(Message)
            .where(Message.state == MessageState.WAITING)
            .where(Message.next_attempt_at <= now)
            .order_by(Message.next_attempt_at, Message.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        for message in due:
            message.attempts += 1
            message.next_attempt_at = now + CLAIM
        return [(message.id, Channel(message.channel)) for message in due]

    def _deliver(
        self, message_id: int, channel: Channel, down: dict[Channel, Trouble]
    ) -> _Verdict:
        try:
            if channel in down:
                raise NotDelivered(down[channel])
            with self._database.read() as session:
                message = session.scalar(_WHOLE_MESSAGE.where(Message.id == message_id))
                if message is None:
                    # Removed meanwhile, with its appointment's other old messages.
                    return _Verdict(MessageState.DROPPED, Trouble.TOO_LATE)
                resident = resident_of(session, message.appointment)
                address = addresses_of(resident).get(channel)
                useless = self._why_useless(
                    message,
                    address,
                    is_restricted=_is_restricted(session, resident),
                )
                if useless is not None:
                    return useless
                self._hand_over(message, str(address))
        except NotDelivered as error:
            if isinstance(error, ServerDown):
                down[channel] = error.trouble
            state = MessageState.GIVEN_UP if error.is_final else MessageState.WAITING
            return _Verdict(state, error.trouble)
        except Exception:
            # One message that cannot be written must not keep the others from going out.
            logger.exception("message failed", message=message_id)
            return _Verdict(MessageState.WAITING, Trouble.INTERNAL)
        return _Verdict(MessageState.SENT)

    def _why_useless(
        self, message: Message, address: str | None, *, is_restricted: bool
    ) -> _Verdict | None:
        appointment = message.appointment
        is_cancelled = appointment.state == AppointmentState.CANCELLED
        if message.sequence != appointment.sequence or is_cancelled != (
            message.kind == MessageKind.CANCELLED
        ):
            return _Verdict(MessageState.DROPPED, Trouble.SUPERSEDED)
        if is_restricted:
            return _Verdict(MessageState.DROPPED, Trouble.RESTRICTED)
        if appointment.starts_at <= self._now():
            failed = message.attempts > 1
            state = MessageState.GIVEN_UP if failed else MessageState.DROPPED
            return _Verdict(state, Trouble.TOO_LATE)
        if address is None:
            return _Verdict(MessageState.DROPPED, Trouble.ADDRESS_GONE)
        is_email = message.channel == Channel.EMAIL
        if (self._mailer if is_email else self._sms_sender) is None:
            return _Verdict(MessageState.DROPPED, Trouble.CHANNEL_OFF)
        return None

    def _hand_over(self, message: Message, address: str) -> None:
        if message.channel == Channel.EMAIL and self._mailer is not None:
            self._mailer.send(
                write_mail(message, self._mail_from, address, self._now())
            )
        elif self._sms_sender is not None:
            self._sms_sender.send(write_sms(message, address))

    def _note(self, message_id: int, verdict: _Verdict, passed: Passed) -> Passed:
        state = in_transaction(
            self._database, lambda session: self._write(session, message_id, verdict)
        )
        counted = {
            MessageState.SENT: "sent",
            MessageState.WAITING: "failed",
            MessageState.GIVEN_UP: "given_up",
            MessageState.DROPPED: "dropped",
        }[state]
        return replace(passed, **{counted: getattr(passed, counted) + 1})

    def _write(
        self, session: Session, message_id: int, verdict: _Verdict
    ) -> MessageState:
        message = session.get(Message, message_id)
        if message is None:
            return MessageState.DROPPED
        now = self._now()
        state = verdict.state
        if state is MessageState.WAITING:
            if message.attempts > len(PAUSES):
                state = MessageState.GIVEN_UP
            else:
                message.next_attempt_at = now + PAUSES[message.attempts - 1]
        if state is MessageState.SENT and not self._is_still_theirs(session, message):
            state, verdict = MessageState.DROPPED, _GONE
        message.reason = str(verdict.trouble or "")
        if message.state != state:
            message.state = state
            message.state_since = now
        logger.info(
            "message handled",
            message=message.id,
            appointment=message.appointment_id,
            kind=str(message.kind),
            channel=str(message.channel),
            state=str(state),
            reason=message.reason,
            attempts=message.attempts,
        )
        return state

    def _is_still_theirs(self, session: Session, message: Message) -> bool:
        """Take an SMS back whose resident was erased or restricted while it was written.

        Either removes the files that it finds; the lock has it end before or after.
        """
        if message.channel != Channel.SMS or self._sms_sender is None:
            return True
        appointment = session.get_one(
            Appointment, message.appointment_id, with_for_update=True
        )
        resident = resident_of(session, appointment)
        if resident is not None and not _is_restricted(session, resident):
            return True
        try:
            self._sms_sender.take_back(message.id)
        except NotDelivered as error:
            logger.error("sms not taken back", message=message.id, reason=str(error))
        return False


def _is_restricted(session: Session, resident: Resident | None) -> bool:
    return resident is not None and is_restricted(session, resident.id)


_GONE = _Verdict(MessageState.DROPPED, Trouble.ADDRESS_GONE)
_WHOLE_MESSAGE = select(Message).options(
    joinedload(Message.appointment).options(
        joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
        joinedload(Appointment.organisation),
        joinedload(Appointment.visit_reason),
    )
)
