# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a machine of the server tells of itself, the latest word alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from booking_web.tables.fleet import FAILING_LENGTH, NodeReport

# A host that has another name now, or is no more.
FORGOTTEN_AFTER = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class TellsOfNode:
    """What a machine of the server told."""

    name: str
    version: str
    booted_at: datetime | None = None
    disk_free_bytes: int | None = None
    disk_bytes: int | None = None
    certificate_ends: datetime | None = None
    is_backup_watched: bool = False
    backed_up_at: datetime | None = None
    # The checks that fail, by name; None: nobody looks.
    failing: tuple[str, ...] | None = None


def take_node_report(session: Session, told: TellsOfNode, now: datetime) -> None:
    """Write it down, and forget the machines of which nothing was heard for a week."""
    session.merge(
        NodeReport(
            name=told.name,
            heard_at=now,
            version=told.version,
            booted_at=told.booted_at,
            disk_free_bytes=told.disk_free_bytes,
            disk_bytes=told.disk_bytes,
            certificate_ends=told.certificate_ends,
            is_backup_watched=told.is_backup_watched,
            backed_up_at=told.backed_up_at,
            failing=_in_column(told.failing),
        )
    )
    old = NodeReport.heard_at < now - FORGOTTEN_AFTER
    session.execute(delete(NodeReport).where(old))


def _in_column(failing: tuple[str, ...] | None) -> str | None:
    return None if failing is None else " ".join(failing)[:FAILING_LENGTH]
