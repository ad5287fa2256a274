# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of sign-ins."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime


class WebSession(Base):
    """One sign-in in one browser."""

    __tablename__ = "web_session"

    # SHA-256 of the key in hex: who reads the table cannot sign in with it.
    key_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    # SHA-256 of what the sign-in rests on.
    basis: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    # From where it was opened, as `known_place.place_digest`, and whether that was a usual
    # place by then; None: opened before this was noted.
    place_digest: Mapped[str | None] = mapped_column(String(64))
    at_usual_place: Mapped[bool] = mapped_column(default=False, server_default=false())
    # For which of their relays a secretary works in this browser; None: nobody chose yet. One
    # that is not theirs any more counts as none.
    relay_id: Mapped[int | None] = mapped_column()
    # Nothing but the page that sets a second factor up is open to it.
    owes_second_factor: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )
    # Of who came from the identity provider: what it said, sealed; see `Voucher`.
    sealed_voucher: Mapped[str | None] = mapped_column(Text)
