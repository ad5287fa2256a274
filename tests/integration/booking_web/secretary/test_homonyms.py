# SPDX-License-Identifier: AGPL-3.0-or-later
"""Several persons of one name: told apart, never chosen for the secretary, always found."""

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.tables.appointment import Appointment, Resident
from stage.keyboard_desk import know_resident

FATHER = {"resident_name": "M. Jean Dupont", "birth_date": "1950-03-31"}
SON = {"resident_name": "M. Jean Dupont", "birth_date": "12/07/1980"}
OTHER_ORGANISATION = {"organisation": "sous-prefecture-vervins"}


def read(answer) -> str:
    return html.unescape(answer.text).replace("\u00a0", " ")


def residents(database) -> list[Resident]:
    with database.read() as session:
        return list(session.scalars(select(Resident).order_by(Resident.id)))


def whose(database) -> list[int | None]:
    with database.read() as session:
        query = select(Appointment.resident_id).order_by(Appointment.id)
        return list(session.scalars(query))


def options(desk, typed: str) -> str:
    """Give the list under the field for what is typed."""
    token = desk.form().values["csrf_token"]
    values = {"csrf_token": token, "relay": "wassigny", "resident_name": typed}
    return read(desk.client.post("/bureau/usagers/chercher", data=values))


def test_two_birth_dates_are_two_persons_and_each_is_known_again(
    desk, database
) -> None:
    desk.book(**FATHER)
    desk.book(**SON, **OTHER_ORGANISATION)
    father, son = residents(database)
    assert (father.birth_date, son.birth_date) == (date(1950, 3, 31), date(1980, 7, 12))
    again = {"when": "at", "day": "2027-03-02", "hour": "10:00"}
    desk.book(**SON, **again)
    assert whose(database) == [father.id, son.id, son.id]
    assert len(residents(database)) == 2


def test_a_name_that_several_bear_is_asked_about_with_their_birth_dates(
    desk, database
) -> None:
    desk.book(**FATHER)
    desk.book(**SON, **OTHER_ORGANISATION)
    asked = desk.book(resident_name="Jean Dupont")
    assert asked.status_code == 422
    page = read(asked)
    assert "né(e) le 31 mars 1950" in page and "né(e) le 12 juillet 1980" in page
    assert len(whose(database)) == 2


def test_a_birth_date_beside_somebody_without_one_is_asked_about(
    desk, database
) -> None:
    known = know_resident(database, "wassigny", "M. Jean Dupont")
    form = desk.form()
    assert desk.book(form, **SON).status_code == 422
    answer = {"asked_about": "M. Jean Dupont", "resident_choice": str(known)}
    assert desk.book(form, **SON, **answer).status_code == 303
    [resident] = residents(database)
    assert resident.birth_date == date(1980, 7, 12)


def test_whom_the_list_gave_is_asked_about_beside_another_birth_date(
    desk, database
) -> None:
    desk.book(**FATHER)
    [father] = residents(database)
    asked = desk.book(**SON, resident_id=str(father.id))
    assert asked.status_code == 422
    assert residents(database)[0].birth_date == date(1950, 3, 31)
    assert len(whose(database)) == 1


def test_of_several_that_fit_none_is_first(desk, database) -> None:
    for name in ("M. Jean Dupont", "Mme Marie Dupont", "M. Paul Dupont"):
        know_resident(database, "wassigny", name)
    several = options(desk, "dupont")
    assert several.count('role="option"') == 4
    assert 'aria-selected="true"' not in several
    first = re.search(r'aria-selected="true" data-id="(\d+)"', options(desk, "marie"))
    assert first is not None and first[1] == "2"
    assert re.search(r'aria-selected="true" data-id="new"', options(desk, "durand"))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("obrien", "Mme Kate O'Brien"),
        ("dhauss", "M. Paul d\u2019Haussy"),
        ("latour", "Mme Anne de La Tour"),
        ("st martin", "M. Luc Saint-Martin"),
    ],
)
def test_apostrophes_and_particles_are_forgiven(desk, database, typed, name) -> None:
    know_resident(database, "wassigny", name)
    assert 'data-id="1"' in options(desk, typed)
    found = desk.client.post(
        "/bureau/usagers",
        data={"csrf_token": desk.form().values["csrf_token"], "cherche": typed},
    )
    assert name in read(found)


def test_nobody_was_seen_on_a_day_to_come(desk, database) -> None:
    coming = datetime.now(UTC) + timedelta(days=9)
    day = {"day": coming.date().isoformat(), "hour": "10:00"}
    desk.book(resident_name="Mme Roy", when="at", **day)
    assert "attendu le" in options(desk, "roy") and "vu le" not in options(desk, "roy")
    desk.press(1, "annuler")
    assert "inscrit le" in options(desk, "roy")
    desk.book(resident_name="M. Benali", **OTHER_ORGANISATION)
    assert "vu le" in options(desk, "benali")


@pytest.mark.parametrize("typed", ["none", "31/02/1950", "1850-01-01", "2999-01-01"])
def test_a_birth_date_that_is_none_is_refused_and_kept_in_the_form(
    desk, database, typed
) -> None:
    refused = desk.book(resident_name="Mme Roy", birth_date=typed)
    assert refused.status_code == 422
    assert f'value="{typed}"' in read(refused)
    assert whose(database) == []


def test_a_birth_date_is_edited_and_shown(desk, database) -> None:
    number = know_resident(database, "wassigny", "Mme Roy")
    address = f"/bureau/usagers/{number}"
    token = desk.form().values["csrf_token"]
    values = {"csrf_token": token, "resident_name": "Mme Roy"}
    desk.client.post(address, data=values | {"birth_date": "1950-03-31"})
    assert "né(e) le 31 mars 1950" in read(desk.client.get("/bureau/usagers"))
    assert "né(e) le 31 mars 1950" in options(desk, "roy")
    desk.client.post(address, data=values | {"birth_date": ""})
    assert residents(database)[0].birth_date is None
