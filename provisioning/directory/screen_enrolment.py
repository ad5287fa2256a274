# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's second screen is let in by a code, once, and has a secret of its own from then on.

The code is what an administrator hands over: it opens nothing but this exchange. The screen's
secret opens the screen's pages and no API; the token of the kiosk's bridge opens no page.
Works in the caller's transaction and never commits.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from provisioning.database.models import Kiosk, ScreenEnrolment
from provisioning.directory.digests import digest_of

# A bundle is written days before its kiosk is carried to its relay.
SCREEN_CODE_LASTS = timedelta(days=7)


def open_screen_enrolment(
    session: Session, kiosk_id: int, code: str, expires_at: datetime
) -> None:
    """Let whoever brings this code be the kiosk's screen, once; a former code ends.

    The screen that is there now stays until then.
    """
    row = session.get(ScreenEnrolment, kiosk_id)
    if row is None:
        row = ScreenEnrolment(kiosk_id=kiosk_id)
        session.add(row)
    row.code_digest, row.code_expires_at = digest_of_code(code), expires_at
    session.flush()


def shut_out_screen(session: Session, kiosk_id: int) -> None:
    """Let the kiosk's present screen in no more."""
    session.execute(
        update(ScreenEnrolment)
        .where(ScreenEnrolment.kiosk_id == kiosk_id)
        .values(secret_digest=None, enrolled_at=None)
    )


def enrol_screen(session: Session, code: str, now: datetime) -> str | None:
    """Take a code and give the new screen's secret; None where the code is not good.

    Whoever was the kiosk's screen before is it no more.
    """
    secret = secrets.token_urlsafe(32)
    # One statement: of two who bring the same code, one finds the row.
    taken = session.execute(
        update(ScreenEnrolment)
        .where(
            ScreenEnrolment.code_digest == digest_of_code(code),
            ScreenEnrolment.code_expires_at > now,
        )
        .values(
            code_digest=None,
            code_expires_at=None,
            secret_digest=digest_of(secret),
            enrolled_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    return secret if taken.rowcount == 1 else None  # type: ignore[attr-defined]


def kiosk_of_screen(session: Session, secret: str) -> Kiosk | None:
    """Give the kiosk, with its relay, whose screen has this secret."""
    return session.scalar(
        select(Kiosk)
        .join(ScreenEnrolment, ScreenEnrolment.kiosk_id == Kiosk.id)
        .where(ScreenEnrolment.secret_digest == digest_of(secret))
        .options(joinedload(Kiosk.relay))
    )


def digest_of_code(code: str) -> str:
    """Give what is stored of a code; how it is grouped and written makes no difference."""
    return digest_of("".join(each for each in code.lower() if each.isalnum()))
