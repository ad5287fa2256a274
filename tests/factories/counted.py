# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ten appointments of two weeks whose every figure can be counted by hand.

The night from the 25th to the 26th of October 2025 has an hour twice in Paris. Instants are
written in UTC: two hours behind the wall of Wassigny before that night, one hour after it.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking_web.commands.statistics import refresh_figures
from booking_web.domain.statistics.travel import set_distances
from booking_web.tables.appointment import Appointment, Period
from booking_web.tables.conclusions import Conclusion, Outcome
from booking_web.tables.device_jobs import JobState, Operation
from booking_web.tables.documents import DeviceJob
from booking_web.tables.states import AppointmentState as S
from booking_web.tables.states import PeriodKind as P
from provisioning.database.engine import Database
from provisioning.database.models import Organisation, Relay
from stage.appointments import put_appointment

MONDAY, NEXT_MONDAY = date(2025, 10, 20), date(2025, 10, 27)
WASSIGNY, GUISE = "kiosk-wassigny", "kiosk-guise"
MSA, PREFECTURE = "msa", "sous-prefecture-vervins"
KILOMETRES_TO_MSA = 20

Stretches = Sequence[tuple[P, str, str]]


def fill_two_weeks(database: Database) -> dict[str, int]:
    """Put them there, count them, and give their numbers by what happened."""
    with database.write() as session:
        session.execute(
            update(Relay)
            .where(Relay.slug == "guise")
            .values(time_zone="Indian/Reunion")
        )
        numbers = _put_all(session)
        msa = number_of(session, Organisation, MSA)
        set_distances(
            session, number_of(session, Relay, "wassigny"), {msa: KILOMETRES_TO_MSA}
        )
    refresh_figures(database)
    return numbers


def number_of(session: Session, table: Any, slug: str) -> int:
    """Give the number of a relay or an organisation."""
    return int(session.scalars(select(table.id).where(table.slug == slug)).one())


def _put_all(session: Session) -> dict[str, int]:
    put = {
        # Came early, was called a minute late, printed two pages thrice, scanned four.
        "early": _put(
            session,
            (WASSIGNY, MSA, "24 07:00:00", S.DONE),
            [
                (P.WAITING, "24 06:50:00", "24 07:01:00"),
                (P.RINGING, "24 07:01:00", "24 07:01:10"),
                (P.QUEUED, "24 07:01:10", "24 07:01:40"),
                (P.IN_CALL, "24 07:01:40", "24 07:21:40"),
            ],
            was_useful=True,
        ),
        # On Saturday at ten to midnight; came late, spoke into the night of two hours.
        "midnight": _put(
            session,
            (WASSIGNY, PREFECTURE, "25 21:50:00", S.DONE),
            [
                (P.WAITING, "25 21:55:00", "25 21:55:50"),
                (P.RINGING, "25 21:55:50", "25 21:56:00"),
                (P.QUEUED, "25 21:56:00", "25 21:57:30"),
                (P.IN_CALL, "25 21:57:30", "25 22:27:30"),
            ],
            was_useful=False,
        ),
        # On Sunday, in the hour that came twice; handed over to the MSA in the call.
        "handed_over": _put(
            session,
            (WASSIGNY, MSA, "26 01:30:00", S.DONE),
            [
                (P.WAITING, "26 01:30:00", "26 01:30:05"),
                (P.RINGING, "26 01:30:05", "26 01:30:10"),
                (P.QUEUED, "26 01:30:10", "26 01:30:20"),
                (P.IN_CALL, "26 01:30:20", "26 01:40:20"),
                (P.QUEUED, "26 01:40:20", "26 01:41:00"),
                (P.IN_CALL, "26 01:41:00", "26 01:51:00"),
            ],
        ),
        # Late on Sunday in UTC; on the wall of Guise, far to the east, it was Monday.
        "absent": _put(session, (GUISE, MSA, "26 21:00:00", S.NO_SHOW)),
        "empty_chair": _put(
            session,
            (WASSIGNY, MSA, "20 08:00:00", S.NO_SHOW),
            [
                (P.QUEUED, "20 08:00:00", "20 08:00:10"),
                (P.IN_CALL, "20 08:00:10", "20 08:02:00"),
            ],
        ),
        "abandoned": _put(
            session,
            (WASSIGNY, MSA, "21 08:00:00", S.ABANDONED),
            [(P.QUEUED, "21 08:00:00", "21 08:05:00")],
        ),
        "unreachable": _put(session, (WASSIGNY, MSA, "21 09:00:00", S.UNREACHABLE)),
        "cancelled": _put(session, (WASSIGNY, MSA, "22 08:00:00", S.CANCELLED)),
        # Answered after ten seconds; two pages were copied thrice before it broke.
        "interrupted": _put(
            session,
            (WASSIGNY, MSA, "22 09:00:00", S.INTERRUPTED),
            [
                (P.QUEUED, "22 09:00:00", "22 09:00:10"),
                (P.IN_CALL, "22 09:00:10", "22 09:01:50"),
            ],
        ),
        "open": _put(session, (WASSIGNY, MSA, "23 08:00:00", S.BOOKED)),
    }
    _did(session, put["early"], Operation.PRINT, pages=2, copies=3)
    _did(session, put["early"], Operation.SCAN, pages=4)
    _did(session, put["early"], Operation.PRINT, pages=9, state=JobState.ABORTED)
    _did(session, put["interrupted"], Operation.COPY, pages=2, copies=3)
    _concluded(session, put["early"], Outcome.RESOLVED)
    _concluded(session, put["midnight"], Outcome.PAPERS_MISSING)
    return put


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"2025-10-{text}").replace(tzinfo=UTC)


def _put(
    session: Session,
    what: tuple[str, str, str, S],
    stretches: Stretches = (),
    *,
    was_useful: bool | None = None,
) -> int:
    kiosk, organisation, starts_at, state = what
    number = put_appointment(
        session, kiosk, organisation, starts_at=_at(starts_at), state=state
    )
    session.get_one(Appointment, number).was_useful = was_useful
    for kind, began, ended in stretches:
        session.add(
            Period(
                appointment_id=number,
                kind=kind,
                started_at=_at(began),
                ended_at=_at(ended),
            )
        )
    return number


def _did(
    session: Session,
    appointment_id: int,
    operation: Operation,
    *,
    pages: int,
    copies: int = 1,
    state: JobState = JobState.COMPLETED,
) -> None:
    at = datetime(2025, 10, 24, 7, 10, tzinfo=UTC)
    session.add(
        DeviceJob(
            appointment_id=appointment_id,
            uuid=str(uuid.uuid4()),
            operation=operation,
            pages=pages,
            copies=copies,
            state=state,
            created_at=at,
            created_by="user:1",
            changed_at=at,
        )
    )


def _concluded(session: Session, appointment_id: int, outcome: Outcome) -> None:
    session.add(
        Conclusion(
            appointment_id=appointment_id,
            outcome=outcome,
            noted_at=datetime(2025, 10, 26, tzinfo=UTC) + timedelta(hours=12),
            noted_by="user:1",
        )
    )
