# SPDX-License-Identifier: AGPL-3.0-or-later
"""The language of an appointment's kiosk, from the desk to the counsellor's page."""

import html

from sqlalchemy import select

from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.waiting import WaitingEntry
from stage.keyboard_desk import publish_hours

NAME = {"resident_name": "Mrs Jane Doe"}
OTHER = {"organisation": "sous-prefecture-vervins"}
REFUSAL = "La borne ne parle pas cette langue. Choisissez : français, anglais."


def read(answer) -> str:
    return html.unescape(answer.text).replace("\u00a0", " ")


def languages(database) -> list[str]:
    with database.read() as session:
        return list(
            session.scalars(select(Appointment.language).order_by(Appointment.id))
        )


def post(desk, address: str, **values: str):
    token = desk.form().values["csrf_token"]
    return desk.client.post(address, data={"csrf_token": token} | values)


def test_french_is_ticked_and_another_language_is_kept_and_shown(
    desk, database
) -> None:
    page = read(desk.client.get("/bureau"))
    assert 'name="language" value="fr" checked> français' in page
    assert 'name="language" value="en"> anglais' in page
    assert desk.book(**NAME).status_code == 303
    assert "La borne parle" not in read(desk.client.get("/bureau")).split("day-list")[1]
    later = {"when": "at", "day": "2027-03-02", "hour": "10:00"}
    desk.book(**NAME, **later, language="en")
    assert languages(database) == ["fr", "en"]
    shown = read(desk.client.get("/bureau?jour=2027-03-02"))
    assert "La borne parle : anglais" in shown.split("day-list")[1]


def test_a_language_that_is_not_offered_is_refused_and_nothing_is_lost(
    desk, database
) -> None:
    refused = desk.book(**NAME, reason="achat", language="xx")
    assert refused.status_code == 422
    page = read(refused)
    assert page.count(REFUSAL) == 2 and 'value="achat"' in page
    asked = read(desk.book(**NAME, language="en", telephone="06"))
    assert 'value="en" checked' in asked
    assert languages(database) == []


def test_what_is_ticked_after_back_corrects_what_was_booked(desk, database) -> None:
    form = desk.form()
    desk.book(form, **NAME)
    desk.book(form, **NAME, language="en")
    assert languages(database) == ["en"]
    with database.read() as session:
        told = session.scalars(
            select(JournalEntry.detail).where(JournalEntry.act == "language_chosen")
        )
        assert told.all() == ["en"]


def test_the_waiting_list_and_the_line_keep_it(desk, database) -> None:
    publish_hours(database, "sous-prefecture-vervins")
    desk.book(**NAME, **OTHER, language="en", wait="1")
    with database.read() as session:
        assert session.scalars(select(WaitingEntry.language)).all() == ["en"]
    desk.book(**NAME)
    desk.book(resident_name="Mr Roe", language="en")
    with database.read() as session:
        waits = select(Appointment.language).where(Appointment.in_line)
        assert session.scalars(waits).all() == ["en"]


def test_it_is_changed_later_on_the_appointments_page(desk, database) -> None:
    desk.book(**NAME)
    page = read(desk.client.get("/rendez-vous/1"))
    assert 'value="fr" aria-pressed="true">français' in page
    assert post(desk, "/rendez-vous/1/langue", langue="en").status_code == 303
    assert languages(database) == ["en"]
    page = read(desk.client.get("/rendez-vous/1"))
    assert 'value="en" aria-pressed="true">anglais' in page
    assert "La borne parle : anglais" in page
    post(desk, "/rendez-vous/1/langue", langue="xx")
    assert languages(database) == ["en"]
    assert REFUSAL in read(desk.client.get("/rendez-vous/1"))
