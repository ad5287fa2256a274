# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second screen shows the page of a CV that the counsellor writes on."""

import pytest

from booking_web.base.clock import utc_now
from booking_web.domain.cv.content import Section, with_entry
from booking_web.domain.cv.cvs import Cvs
from booking_web.domain.kiosks.second_screen import cv_changed, show_cv
from booking_web.tables.appointment import Appointment
from stage.kiosk_ground import archive_of, documents_settings, in_call
from tests.factories.drafts import anne_of

TASKS = "Accueillir les clients\nTenir la caisse\nRecevoir et ranger les livraisons"


@pytest.fixture
def app(new_app, ground, tmp_path):
    return new_app(ground, **documents_settings(tmp_path))


@pytest.fixture
def screen(app, ground):
    client = app.test_client()
    ground.let_in(client, "kiosk-wassigny")
    return client


@pytest.fixture
def written_at(database, ground, tmp_path):
    """Show a CV of two pages; give what says where it is written."""
    archive = archive_of(database, ground.url, tmp_path)
    appointment = in_call(database)
    cvs = Cvs(database, archive.store.key, utc_now)
    cv = cvs.begin(appointment, "user:1")
    for number in range(1, 17):
        cvs.restructure(
            cv, lambda content: with_entry(content, Section.EXPERIENCE), "user:1"
        )
        said = {f"experience.{number}.title": "Poste"}
        said[f"experience.{number}.tasks"] = TASKS
        cvs.save(cv, 0, said, "user:1")
    revision = cvs.save(cv, 0, {"skills": "Écouter"}, "user:1").revision
    with database.write() as session:
        row = session.get_one(Appointment, appointment)
        show_cv(session, row, cv, revision, anne_of(row.organisation_id), utc_now())

    def write(section: str) -> None:
        with database.write() as session:
            cv_changed(session, cv, revision, section, utc_now())

    return write


def follow(screen, told=None):
    seen = told and {
        "feuille": told["key"],
        "page": told["page"],
        "revision": told["revision"],
    }
    return screen.get("/borne/miroir", query_string=seen).json["sheet"]


def test_it_follows_to_page_two_and_back(screen, written_at) -> None:
    written_at("name")
    first = follow(screen)
    assert (first["page"], first["pages"]) == (1, 2)
    written_at("skills")
    second = follow(screen, first)
    assert (second["page"], second["redraw"]) == (2, True)
    assert second["frame"] is not None
    pictures = [screen.get(each["picture"]) for each in (first, second)]
    assert [each.status_code for each in pictures] == [200, 200]
    assert pictures[0].data != pictures[1].data
    # What is not there yet leaves the screen where it is.
    written_at("interests")
    stays = follow(screen, second)
    assert (stays["page"], stays["redraw"], stays["frame"]) == (2, False, None)
    written_at("experience-12")
    assert follow(screen, stays)["page"] == 1
