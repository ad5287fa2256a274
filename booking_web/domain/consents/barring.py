# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is not done where the resident does not agree: the one place that decides it.

Nothing of the call is scanned or kept, no third person is brought in, and no other
organisation is given the call. Where nobody was asked, nothing is barred.
"""

from sqlalchemy.orm import Session

from booking_web.domain.consents.answers import last_answer
from booking_web.tables.consents import ConsentAnswer


class ResidentDisagrees(Exception):
    """The resident said no, or does not agree any more: nothing was done."""


def is_barred(session: Session, appointment_id: int) -> bool:
    """Tell whether the appointment's resident does not agree."""
    last = last_answer(session, appointment_id)
    return last is not None and last.answer != ConsentAnswer.AGREED


def check_agrees(session: Session, appointment_id: int) -> None:
    """Return where nothing is barred; raises ResidentDisagrees."""
    if is_barred(session, appointment_id):
        raise ResidentDisagrees
