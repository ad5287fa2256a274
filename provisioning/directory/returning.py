# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk that got its secrets after the copy of the database was made which came back.

Its token is signed: the site knows that it made it, for whom and when. It is believed where it
is newer than what the copy knows of that kiosk and older than the restoration. Of two such
tokens the newer one wins for ever. Works in the caller's transaction.
"""

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioning.database.engine import SIGNING_KEY
from provisioning.database.models import Kiosk
from provisioning.database.realtime import PjsipAuth
from provisioning.directory.credentials import secrets_with, sip_password_digest
from provisioning.directory.digests import digest_of
from provisioning.directory.kiosk_secrets import end_former_secrets
from provisioning.directory.kiosk_tokens import read_token
from provisioning.directory.screen_enrolment import (
    SCREEN_CODE_LASTS,
    open_screen_enrolment,
)

logger = structlog.get_logger(__name__)


def take_back(
    session: Session, token: str, restored_at: datetime, now: datetime
) -> Kiosk | None:
    """Give the kiosk whose token this is, all that it has being good again; None: nobody's."""
    told = read_token(token, session.info.get(SIGNING_KEY, ""))
    if told is None or told.made_at >= restored_at:
        return None
    kiosk = session.scalar(
        select(Kiosk).where(Kiosk.slug == told.slug).with_for_update()
    )
    auth = session.get(PjsipAuth, told.slug)
    if kiosk is None or auth is None:
        # It is let in as soon as it is in the directory again.
        return None
    if not _is_newer(told.made_at, kiosk.secrets_since):
        return None
    has = secrets_with(told.slug, token)
    end_former_secrets(session, [kiosk.id])
    kiosk.token_digest = digest_of(token)
    kiosk.secrets_since = told.made_at
    # Which machine it is may have changed too: it tells so with its next report.
    kiosk.machine_id = kiosk.machine_name = None
    kiosk.rotation_wanted_at = None
    auth.password_digest = sip_password_digest(has, with_md5=False)
    # The screen that was let in before stays until another browser brings the code.
    ends_at = now + SCREEN_CODE_LASTS
    open_screen_enrolment(session, kiosk.id, has.screen_code or "", ends_at)
    session.flush()
    logger.warning("kiosk let in by what it got after the copy", kiosk=kiosk.slug)
    return kiosk


def _is_newer(made_at: datetime, since: datetime | None) -> bool:
    """Tell whether a token is newer than what is known; it tells its whole second alone."""
    if since is None:
        return True
    return made_at >= since.replace(microsecond=0) and made_at != since
