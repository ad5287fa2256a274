# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes the notices that are due from the outbox, and notes what came of them.

Notices are claimed in a transaction of their own before they go out, so that two senders
never hold the same one; a sender that is killed leaves them to the next after CLAIM.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.transactions import in_transaction
from booking_web.tables.alerts import AlertNotice, NoticeChannel, NoticeState
from provisioning.database.engine import Database

CLAIM = timedelta(minutes=10)
# After each failed attempt; a day later it is given up.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
# More at once are in the next e-mail.
MOST_AT_ONCE = 100

logger = structlog.get_logger(__name__)


class Notices:
    """The notices of one channel, on their way."""

    def __init__(
        self, database: Database, channel: NoticeChannel, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._channel = channel
        self._now = now

    def take(self) -> Sequence[AlertNotice]:
        """Claim what is due, the first first; each comes with its alert."""
        numbers = in_transaction(self._database, self._claim)
        query = select(AlertNotice).where(AlertNotice.id.in_(numbers))
        query = query.options(
            joinedload(AlertNotice.alert), joinedload(AlertNotice.user)
        ).order_by(AlertNotice.id)
        with self._database.read() as session:
            return session.scalars(query).all()

    def settle(self, notices: Sequence[AlertNotice], reason: str = "") -> None:
        """Note that they went out, or for which `reason` not: they are tried again then."""
        numbers = [each.id for each in notices]

        def work(session: Session) -> None:
            for notice in session.scalars(
                select(AlertNotice).where(AlertNotice.id.in_(numbers))
            ):
                self._settle(notice, reason)

        in_transaction(self._database, work)

    def drop(self, notices: Sequence[AlertNotice], reason: str) -> None:
        """Forget those that nobody is to be sent any more, for this `reason`."""
        numbers = [each.id for each in notices]
        removal = delete(AlertNotice).where(AlertNotice.id.in_(numbers))
        in_transaction(self._database, lambda session: session.execute(removal))
        logger.info("alert notices dropped", notices=numbers, reason=reason)

    def _claim(self, session: Session) -> list[int]:
        now = self._now()
        due = session.scalars(
            select(AlertNotice)
            .where(
                AlertNotice.channel == self._channel,
                AlertNotice.state == NoticeState.WAITING,
                AlertNotice.next_attempt_at <= now,
            )
            # A person's stay together, as far as may be: they are one e-mail.
            .order_by(AlertNotice.user_id, AlertNotice.id)
            .limit(MOST_AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        for notice in due:
            notice.attempts += 1
            notice.next_attempt_at = now + CLAIM
        return [notice.id for notice in due]

    def _settle(self, notice: AlertNotice, reason: str) -> None:
        notice.reason = reason
        if not reason:
            notice.state = NoticeState.SENT
        elif notice.attempts > len(PAUSES):
            notice.state = NoticeState.GIVEN_UP
        else:
            notice.next_attempt_at = self._now() + PAUSES[notice.attempts - 1]
        log = logger.warning if reason else logger.info
        log(
            "alert notice handled",
            notice=notice.id,
            alert=notice.alert_id,
            channel=str(notice.channel),
            state=str(notice.state),
            reason=reason,
        )
