# SPDX-License-Identifier: AGPL-3.0-or-later
"""The clock of a site where no place is named: that of its relays, wherever they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from provisioning.database.engine import Base, Database
from provisioning.database.models import Relay
from provisioning.directory.usual_time_zone import usual_time_zone

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path / 'guichet.db'}")
    with database.write() as session:
        Base.metadata.tables["relay"].create(session.connection())
        yield session
    database.dispose()


@pytest.mark.parametrize(
    ("zones", "usual"),
    [
        ((), "Europe/Paris"),
        (("Indian/Reunion",), "Indian/Reunion"),
        (("Europe/Paris", "Indian/Reunion", "Indian/Reunion"), "Indian/Reunion"),
        (("Indian/Reunion", "Europe/Paris"), "Europe/Paris"),
    ],
)
def test_most_relays_decide(
    session: Session, zones: tuple[str, ...], usual: str
) -> None:
    for number, zone in enumerate(zones):
        session.add(
            Relay(slug=f"r{number}", name="Relais", commune="Ici", time_zone=zone)
        )
    session.flush()
    assert usual_time_zone(session) == usual


def test_no_other_module_knows_a_zone_by_name() -> None:
    rooms = ("booking_web", "device_bridge", "provisioning", "sip_endpoints")
    assert {
        str(file.relative_to(REPOSITORY))
        for room in rooms
        for file in (REPOSITORY / room).rglob("*.py")
        if "Europe/Paris" in file.read_text()
    } == {
        "provisioning/database/models.py",
        # As it was when the column was made.
        "provisioning/database/migrations/versions/0003_relay_places_and_reasons.py",
        # One of those to choose from.
        "booking_web/pages/administrator/entries/entry_form.py",
    }
