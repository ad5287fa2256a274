# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of telephones that are a page: which sign-in has the present secret."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import SLUG_LENGTH


class BrowserTelephone(Base):
    """For whose page the secret of a counsellor's telephone was made.

    The secret itself is in the page alone, and its digest in Asterisk's `ps_auths`.
    """

    __tablename__ = "browser_telephone"

    # A counsellor's, who may be gone from the directory before the registration is.
    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), primary_key=True)
    # As `web_session.key_digest`, which is gone where the sign-in ended. None: the secret
    # opens nothing any more.
    session_digest: Mapped[str | None] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Registrations by an earlier secret are still to be ended at Asterisk.
    ending_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
