# SPDX-License-Identifier: AGPL-3.0-or-later
"""Appointments booked with a name alone: the officer says whose they are, and answers for them."""

import html
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.residents.register import create_resident
from booking_web.tables.appointment import Appointment, JournalEntry, Resident
from booking_web.tables.journal_acts import Act
from booking_web.tables.postal_address import AppointmentAddress
from booking_web.tables.states import AppointmentState as S
from provisioning.database.models import Relay, VisitReason
from stage.appointments import put_appointment
from stage.kiosk_ground import documents_settings
from tests.integration.booking_web.conftest import form_with

OFFICER = "rgpd@guichet.example"
NAME = "Mme Zoé Lefèvre"
SEARCH = "/droits/sans-fiche"
WHEN = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def app(new_app, ground, tmp_path):
    return new_app(ground, **documents_settings(tmp_path))


@pytest.fixture
def officer(visitor):
    visitor.sign_in(OFFICER)
    return visitor


@pytest.fixture
def of_two(database) -> tuple[int, int]:
    """Give two appointments of one name that are two people's, and of no entry."""
    with database.write() as session:
        hers = put_appointment(
            session, "kiosk-wassigny", "msa", starts_at=WHEN, state=S.DONE
        )
        anothers = put_appointment(
            session,
            "kiosk-guise",
            "msa",
            starts_at=WHEN + timedelta(days=1),
            state=S.DONE,
        )
        for number, reason in (
            (hers, "rappeler au 06 12 34 56 78"),
            (anothers, "permis de chasse"),
        ):
            appointment = session.get_one(Appointment, number)
            appointment.resident_name, appointment.reason = NAME, reason
        session.add(
            AppointmentAddress(
                appointment_id=anothers, street="9 rue Basse", commune="Guise"
            )
        )
    return hers, anothers


@pytest.fixture
def entry(database) -> int:
    with database.write() as session:
        return create_resident(session, 1, NAME, 1, datetime.now(UTC)).id


def search(officer, **typed: object) -> str:
    form = form_with(officer.client.get(SEARCH).text, "nom")
    return html.unescape(officer.client.post(SEARCH, data=form.values | typed).text)


def rows_of(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'name="rdv" value="(\d+)"', page)]


def tie(officer, *numbers: int, **told: object):
    form = form_with(officer.client.get(SEARCH).text, "nom")
    sent = form.values | {"rdv": list(numbers), "sure": "1"} | told
    sent = {name: value for name, value in sent.items() if value}
    return officer.client.post(f"{SEARCH}/rattacher", data=sent)


def exported(officer, resident: int) -> list[int]:
    answer = officer.client.get(f"/droits/usagers/{resident}/donnees.zip")
    file = zipfile.ZipFile(io.BytesIO(answer.data))
    tables = json.loads(file.read("donnees.json"))["tables"]
    return [each["id"] for each in tables["appointment"]]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"nom": "lefev zo"}, (1, 0)),
        ({"nom": "lefevre", "telephone": "+33 6 12 34 56 78"}, (0,)),
        ({"telephone": "06.12.34.56.78"}, (0,)),
        ({"nom": "lefevre", "jour": "2026-03-04"}, (1,)),
        ({"jour": "2026-03-03"}, (0,)),
        ({"nom": "durand"}, ()),
        ({"jour": "0001-01-01"}, ()),
        ({}, ()),
    ],
)
def test_they_are_found_by_name_telephone_and_day(
    officer, of_two, typed, found
) -> None:
    assert rows_of(search(officer, **typed)) == [of_two[each] for each in found]


def test_why_somebody_comes_discreetly_is_not_told(
    officer, of_two, entry, database
) -> None:
    _, discreet = of_two
    with database.write() as session:
        appointment = session.get_one(Appointment, discreet)
        appointment.discreet = True
        appointment.visit_reason = session.scalars(select(VisitReason)).first()
        subject = appointment.visit_reason.name
    page = search(officer, nom="lefevre")
    assert discreet in rows_of(page) and "discret" in page
    assert tie(officer, discreet, usager=entry).status_code == 303
    page += html.unescape(officer.client.get(f"/droits/usagers/{entry}").text)
    assert f"detacher/{discreet}" in page
    assert "permis de chasse" not in page and subject not in page


def test_of_two_people_of_one_name_the_officer_says_whose_they_are(
    officer, of_two, entry, database
) -> None:
    hers, anothers = of_two
    page = search(officer, nom="lefevre")
    # What tells one from the other is there, and nothing is ticked.
    assert "9 rue Basse" in page and "06 12 34 56 78" in page
    assert "Relais de Guise" in page and " checked" not in page
    assert f"{SEARCH}?usager={entry}" in page
    of_her = html.unescape(officer.client.get(f"{SEARCH}?usager={entry}").text)
    assert rows_of(of_her) == [anothers, hers]
    assert tie(officer, usager=entry).status_code == 422
    assert tie(officer, hers, usager=entry, sure="").status_code == 422
    assert exported(officer, entry) == []
    assert tie(officer, hers, usager=entry).status_code == 303
    assert exported(officer, entry) == [hers]
    # Whose it is by now is not another's.
    assert tie(officer, hers).status_code == 409
    erased = officer.client.post(
        f"/droits/usagers/{entry}/effacer",
        data=form_with(officer.client.get(SEARCH).text, "nom").values | {"sure": "1"},
    )
    assert erased.status_code == 303
    with database.read() as session:
        names = [session.get_one(Appointment, each).resident_name for each in of_two]
        tied = session.scalars(
            select(JournalEntry).where(JournalEntry.act == Act.APPOINTMENT_TIED)
        ).one()
        searched = session.scalars(
            select(JournalEntry.detail).where(JournalEntry.act == Act.JOURNAL_SEARCHED)
        ).all()
    assert names == ["", NAME]
    assert (tied.appointment_id, tied.detail) == (hers, f"resident {entry}")
    assert set(searched) == {"appointments without an entry"}


def test_what_was_tied_to_the_wrong_one_is_untied(officer, of_two, entry) -> None:
    hers, _ = of_two
    tie(officer, hers, usager=entry)
    page = officer.client.get(f"/droits/usagers/{entry}").text
    action = f"/droits/usagers/{entry}/detacher/{hers}"
    assert action in page
    token = form_with(officer.client.get(SEARCH).text, "nom").values
    assert officer.client.post(action, data=token).status_code == 303
    assert exported(officer, entry) == []
    assert hers in rows_of(search(officer, nom="lefevre"))
    assert officer.client.post(action, data=token).status_code == 404


def test_who_has_no_entry_gets_one_at_the_relay_of_the_first(
    officer, of_two, database
) -> None:
    answer = tie(officer, *of_two)
    assert answer.status_code == 303
    number = int(answer.headers["Location"].rsplit("/", 1)[1])
    with database.read() as session:
        opened = session.get_one(Resident, number)
        relay = session.get_one(Relay, opened.relay_id)
        assert (opened.name, relay.slug) == (NAME, "wassigny")
        # It goes with its last appointment, not a while after today.
        assert opened.seen_at == WHEN + timedelta(days=1)
    assert exported(officer, number) == list(of_two)
