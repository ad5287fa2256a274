# SPDX-License-Identifier: AGPL-3.0-or-later
"""How an organisation's counsellors are rung: its two limits, changed by its manager."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.tables.administration import SUBMISSION_LENGTH, DirectoryAct
from provisioning.database.models import Organisation

# As the organisation's table holds them.
LONGEST_WRAP_UP_SECONDS = 3600
MOST_MISSED_RINGS = 100


def set_call_rules(
    session: Session,
    organisation: Organisation,
    *,
    wrap_up_seconds: int,
    missed_rings_allowed: int,
    actor: str,
    at: datetime,
) -> None:
    """Set both, and write down which of them changed, where the administrator reads it."""
    wished = {
        "missed_rings_allowed": missed_rings_allowed,
        "wrap_up_seconds": wrap_up_seconds,
    }
    changed = [
        name for name, value in wished.items() if getattr(organisation, name) != value
    ]
    if not changed:
        return
    for name in changed:
        setattr(organisation, name, wished[name])
    session.add(
        DirectoryAct(
            submission=secrets.token_hex(SUBMISSION_LENGTH // 2),
            at=at,
            actor=actor,
            act="changed",
            kind="organisation",
            key=organisation.slug,
            detail=", ".join(changed),
        )
    )
