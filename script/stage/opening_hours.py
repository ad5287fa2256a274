# SPDX-License-Identifier: AGPL-3.0-or-later
"""The hours that the demo's organisations publish, so that its pages offer free slots."""

from datetime import UTC, date, datetime

from sqlalchemy import select

from booking_web.domain.places.usual_week import usual_week
from booking_web.tables.hours import Opening
from provisioning.database.engine import Database
from provisioning.database.models import Counter
from stage.stack import Stage


def publish_usual_week(database: Database, today: date) -> None:
    """Open every counter on working days, as the manager's one button does.

    Does nothing where any hours are published: they may be somebody's own.
    """
    with database.write() as session:
        if session.scalar(select(Opening.id).limit(1)) is not None:
            return
        for counter_id in session.scalars(select(Counter.id)).all():
            session.add_all(usual_week(counter_id, today))


def publish_on(stage: Stage) -> None:
    """Publish them in the stage's database, from today on."""
    database = stage.database()
    try:
        publish_usual_week(database, datetime.now(UTC).date())
    finally:
        database.dispose()
