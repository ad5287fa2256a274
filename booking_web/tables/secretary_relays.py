# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of the relays for which a secretary works besides her own."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base


class SecretaryRelay(Base):
    """One relay more; it counts while the account is a secretary's."""

    __tablename__ = "secretary_relay"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    relay_id: Mapped[int] = mapped_column(
        ForeignKey("relay.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )
