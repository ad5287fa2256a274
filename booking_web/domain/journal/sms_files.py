# SPDX-License-Identifier: AGPL-3.0-or-later
"""SMS that lie in a file until a modem's program takes them: which are whose, and of no use."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.sms_spool import SmsSpool
from booking_web.tables.appointment import Appointment
from booking_web.tables.messages import Channel, Message

# No sender takes as long to write one.
HALF_WRITTEN = timedelta(hours=1)


def remove_sms_files(
    session: Session, spool: SmsSpool, residents: Collection[int]
) -> int:
    """Remove those that are for these residents; raises SpoolUnreachable.

    Call it while their appointments are locked, before they refer to nobody: whoever sends
    looks again after it has written (`MessageSender`).
    """
    theirs = _SMS.where(Appointment.resident_id.in_(residents))
    return spool.remove(set(session.scalars(theirs)))


def remove_old_sms_files(
    session: Session, spool: SmsSpool, now: datetime, *, dry_run: bool = False
) -> int:
    """Remove those whose appointment is over, or forgotten; count them.

    With `dry_run` they are counted only. Raises SpoolUnreachable.
    """
    lying = spool.numbers()
    if not lying:
        return 0 if dry_run else spool.remove_halves(now - HALF_WRITTEN)
    of_use = session.scalars(
        _SMS.where(
            Message.id.in_(lying),
            Appointment.ends_at > now,
            Appointment.resident_id.is_not(None),
        )
    )
    old = lying - set(of_use)
    if dry_run:
        return len(old)
    return spool.remove(old) + spool.remove_halves(now - HALF_WRITTEN)


_SMS = (
    select(Message.id)
    .join(Appointment, Appointment.id == Message.appointment_id)
    .where(Message.channel == Channel.SMS)
)
