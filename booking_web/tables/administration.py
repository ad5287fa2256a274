# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of what was done on the administrator's pages, and to libraries of forms."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

SUBMISSION_LENGTH = 64
DETAIL_LENGTH = 400


class DirectoryAct(Base):
    """An act on the directory. Append-only: triggers refuse updates and deletes.

    Never holds a secret: `detail` names the fields that changed.
    """

    __tablename__ = "directory_act"
    __table_args__ = (Index("ix_directory_act_kind_key", "kind", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # The form's token: a form that is sent again finds what it did the first time.
    submission: Mapped[str] = mapped_column(String(SUBMISSION_LENGTH), unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    # `user:<id>`.
    actor: Mapped[str] = mapped_column(String(80))
    # A past participle: `added`, `changed`, `removed`, `closed`.
    act: Mapped[str] = mapped_column(String(40))
    # What it was done to: a value of `provisioning.inventory.plan.Kind`, and the slug or address;
    # or `form`, and its number.
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(254))
    detail: Mapped[str] = mapped_column(String(DETAIL_LENGTH), default="")
