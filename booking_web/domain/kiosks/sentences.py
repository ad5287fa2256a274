# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sentences that kiosks told counsellors of their prints and scans: their own words."""

from sqlalchemy import Select, update
from sqlalchemy.orm import Session

from booking_web.tables.documents import DeviceJob


def forget_sentences(session: Session, nameless: Select[int]) -> None:
    """Empty those of these appointments: nobody knows whom they name."""
    session.execute(
        update(DeviceJob)
        .where(DeviceJob.appointment_id.in_(nameless), DeviceJob.sentence != "")
        .values(sentence="")
    )
