# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether pages can be served and kiosks be called: for a supervisor, signed in or not."""

from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from booking_web.domain.kiosks.watch import is_heard
from provisioning.database.engine import Database

OK, AWAY, SILENT, UNKNOWN = "ok", "away", "silent", "unknown"


def health_of(database: Database, now: datetime) -> dict[str, str]:
    """Ask both; `status` is "ok" unless one of them is known to be away.

    Asterisk is heard by the dispatcher: "unknown" until one was started here.
    """
    try:
        with database.read() as session:
            heard = is_heard(session, now)
    except SQLAlchemyError:
        return {"status": "failing", "database": AWAY, "asterisk": UNKNOWN}
    asterisk = {True: OK, False: SILENT, None: UNKNOWN}[heard]
    status = "failing" if asterisk == SILENT else OK
    return {"status": status, "database": OK, "asterisk": asterisk}
