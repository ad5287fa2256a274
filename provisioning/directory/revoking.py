# SPDX-License-Identifier: AGPL-3.0-or-later
"""Shuts a stolen machine out, kiosk or counsellor's telephone. In the caller's transaction.

From the commit on none of its secrets opens anything; the dispatcher then ends its
registration and its call, within a second or two.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from provisioning.database.models import Counsellor, Kiosk
from provisioning.directory.credentials import new_sip_secret, sip_password_digest
from provisioning.directory.cutting import ask_to_cut
from provisioning.directory.enrolment import close_enrolment
from provisioning.directory.errors import UnknownEntry
from provisioning.directory.kiosk_secrets import replace_secrets
from provisioning.directory.rows import auth_of
from provisioning.directory.softphone_links import end_links


def revoke(session: Session, slug: str, now: datetime) -> None:
    """Take everything away from the kiosk or counsellor; raises DirectoryError."""
    kiosk = session.scalar(
        select(Kiosk).where(Kiosk.slug == slug).options(joinedload(Kiosk.relay))
    )
    if kiosk is not None:
        close_enrolment(session, kiosk.id)
        # Secrets that nobody is told.
        replace_secrets(session, kiosk, now)
    else:
        _take_secret_of_counsellor(session, slug, now)
    ask_to_cut(session, slug, now, is_revoked=True)


def _take_secret_of_counsellor(session: Session, slug: str, now: datetime) -> None:
    counsellor = session.scalar(select(Counsellor).where(Counsellor.slug == slug))
    if counsellor is None:
        raise UnknownEntry(slug)
    auth_of(session, slug).password_digest = sip_password_digest(
        new_sip_secret(slug, with_token=False),
        with_md5=counsellor.softphone or counsellor.browser,
    )
    session.flush()
    end_links(session, slug, now)
