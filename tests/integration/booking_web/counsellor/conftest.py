# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor of the MSA at the pages of an appointment in call, its documents kept."""

from datetime import UTC, datetime

import pytest

from booking_web.base.clock import utc_now
from booking_web.domain.cv.cvs import Cvs
from booking_web.tables.appointment import Appointment, Resident
from stage.kiosk_ground import archive_of, documents_settings, in_call
from tests.factories.cv_desk import address, token_of

MSA = "conseiller@msa.example"


@pytest.fixture
def app(new_app, ground, tmp_path):
    return new_app(ground, **documents_settings(tmp_path))


@pytest.fixture
def archive(database, ground, tmp_path):
    return archive_of(database, ground.url, tmp_path)


@pytest.fixture
def counsellor(visitor):
    assert visitor.sign_in(MSA).status_code == 302
    return visitor


@pytest.fixture
def appointment(database):
    return in_call(database)


@pytest.fixture
def resident(database, appointment):
    """Give the appointment a resident with an e-mail address."""
    with database.write() as session:
        found = session.get_one(Appointment, appointment)
        resident = Resident(
            relay_id=found.kiosk.relay_id,
            name="Amélie Œuvrard",
            search_key="amelie oeuvrard",
            email="amelie@exemple.fr",
            telephone="+33612345678",
            commune="Guise",
            created_at=datetime.now(UTC),
            created_by_id=1,
            seen_at=datetime.now(UTC),
        )
        session.add(resident)
        session.flush()
        found.resident_id = resident.id
        return resident.id


@pytest.fixture
def begun(counsellor, database, appointment):
    """Have the CV begun."""
    token = token_of(counsellor, appointment)
    counsellor.client.post(
        address(appointment, "/commencer"), data={"csrf_token": token}
    )
    return appointment


@pytest.fixture
def kept(database, archive):
    """Give a function that reads the fields that are kept of an appointment's CV."""
    cvs = Cvs(database, archive.store.key, utc_now)
    return lambda appointment: cvs.read(appointment).content.fields()
