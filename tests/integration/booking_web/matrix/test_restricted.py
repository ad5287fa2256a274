# SPDX-License-Identifier: AGPL-3.0-or-later
"""Of a resident whose data are restricted no route tells anybody but the officer."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, update

from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.handovers import Handover
from booking_web.tables.restrictions import Ground, Restriction
from tests.integration.booking_web.matrix.sides import WORDS
from tests.integration.booking_web.matrix.table import (
    CLIENT,
    COUNSELLOR,
    KIOSK,
    MANAGER,
    NAMED,
    OFFICER,
    SCREEN,
    SECRETARY,
    WAYS,
)
from tests.integration.booking_web.matrix.test_matrix import listing, said
from tests.integration.booking_web.matrix.test_readings import is_told_of

# A kiosk shows whoever sits before it, and nobody is restricted in a call; the officer answers.
BESIDES = {KIOSK, SCREEN, OFFICER}
# Each kind of door that tells of residents, or nothing below would mean much.
DOORS = {
    *(
        ("desk.show", SECRETARY),
        ("week.show", SECRETARY),
        ("residents.show", SECRETARY),
    ),
    *(("residents.show_all", SECRETARY), ("waiting.show", SECRETARY)),
    *(("week.day_csv", SECRETARY), ("console.show", SECRETARY)),
    *(("console.home", COUNSELLOR), ("console.show", COUNSELLOR)),
    *(("console.view_document", COUNSELLOR), ("filling.show", COUNSELLOR)),
    ("console.show_handover", COUNSELLOR),
    ("manager.show_appointments", MANAGER),
    ("booking_api.show_appointment", CLIENT),
}


@pytest.fixture
def theirs(world):
    """Have all of the own side be one resident's, and both entries restricted or not."""
    with world.database.write() as session:
        named = Resident.name.contains(WORDS["own"])
        numbers = session.scalars(select(Resident.id).where(named)).all()
        handed = world.objects["own"]["handover"]["handover_id"]
        appointments = [
            world.objects["own"]["appointment"]["appointment_id"],
            session.get_one(Handover, handed).appointment_id,
        ]
        session.execute(
            update(Appointment)
            .where(Appointment.id.in_(appointments))
            .values(resident_id=numbers[0], resident_name=f"Mme {WORDS['own']}")
        )
    return numbers


def test_no_route_tells_of_a_restricted_resident(world, theirs) -> None:
    told = telling(world)
    assert DOORS <= set(told), DOORS - set(told)
    now = datetime.now(UTC)
    with world.database.write() as session:
        session.add_all(
            Restriction(
                resident_id=each,
                ground=Ground.ACCURACY,
                ends_when="vérifié",
                noted_at=now,
                noted_by="user:1",
            )
            for each in theirs
        )
    try:
        left = telling(world, told)
        page = world.ask(COUNSELLOR, way_to("console.show"), "own", {})
    finally:
        with world.database.write() as session:
            session.execute(delete(Restriction))
    assert not left, listing(left.values())
    # Who would have seen it is told that there is something: it is not as if it were not.
    assert page.status_code == 403
    assert telling(world, told).keys() == told.keys()


def telling(world, only=None) -> dict[tuple[str, str], str]:
    """Give each page, and to whom, that tells of the resident, with what it answered."""
    found = {}
    for way in [way for way in WAYS if way.method == "GET"] + NAMED:
        for role in set(way.who) - BESIDES:
            if only is not None and (way.endpoint, role) not in only:
                continue
            answer = world.ask(role, way, "own", way.data)
            if is_told_of(way, answer):
                found[way.endpoint, role] = said(way, role, "own", answer)
            answer.close()
    return found


def way_to(endpoint: str):
    return next(way for way in WAYS if (way.endpoint, way.method) == (endpoint, "GET"))
