# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a person is signed in, as they read it, and what they end there."""

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from booking_web.tables.appointment import JournalEntry
from booking_web.tables.web_sessions import WebSession
from tests.factories.second_factors import read, send
from tests.integration.booking_web.conftest import NEIGHBOUR, SECRETARY, Desk

PAGE = "/mon-compte"
END = "/mon-compte/connexions/fin"


def signed_in_from(app, ground, address: str, email: str = SECRETARY):
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    assert Desk(client, ground.passwords).sign_in(email).status_code == 302
    return client


def handles(page) -> list[str]:
    return re.findall(r'name="which" value="([0-9a-f]{16})"', page.text)


def test_a_person_reads_where_they_are_signed_in_and_ends_what_they_do_not_know(
    app, ground, database
) -> None:
    signed_in_from(app, ground, "192.0.2.1")
    usual = signed_in_from(app, ground, "192.0.2.1")
    strange = signed_in_from(app, ground, "198.51.100.7")
    other = signed_in_from(app, ground, "198.51.100.7", NEIGHBOUR)
    here = signed_in_from(app, ground, "192.0.2.1")
    page = here.get(PAGE)
    assert len(handles(page)) == 3
    assert read(page).count("du même endroit qu'ici") == 2
    assert read(page).count("d'un endroit nouveau pour vous") == 1
    assert "Ici, dans ce navigateur" in read(page)
    assert "192.0.2.1" not in page.text
    seen_there = read(strange.get(PAGE))
    assert seen_there.count("d'un endroit habituel") == 2
    assert seen_there.count("d'un endroit nouveau pour vous") == 2
    for nothing in ("", "%", "0" * 16, "x" * 5000):
        assert send(here, END, PAGE, which=nothing).status_code == 303
    foreign = re.findall(r"which.*", other.get(PAGE).text)
    assert all(client.get("/bureau").status_code == 200 for client in (usual, strange))
    assert foreign == []
    with database.read() as session:
        place = session.scalars(
            select(WebSession.key_digest).order_by(WebSession.created_at.desc())
        ).all()
    others = place[1][:16]
    assert send(here, END, PAGE, which=others).status_code == 303
    assert other.get("/bureau").status_code == 200
    [newest] = [each for each in handles(page) if each == place[2][:16]]
    ended = send(here, END, PAGE, which=newest)
    assert (ended.status_code, ended.location) == (303, PAGE)
    assert "Une connexion est finie" in read(here.get(PAGE))
    assert strange.get("/bureau").status_code == 303
    assert usual.get("/bureau").status_code == 200
    send(here, END, PAGE, which="others")
    assert usual.get("/bureau").status_code == 303
    assert here.get("/bureau").status_code == 200
    assert other.get("/bureau").status_code == 200
    assert len(handles(here.get(PAGE))) == 0
    with database.read() as session:
        lines = session.scalars(
            select(JournalEntry.detail).where(JournalEntry.act == "sign_ins_ended")
        ).all()
    assert lines == ["1", "2"]


def test_what_is_over_is_not_told_as_a_sign_in(app, ground, database) -> None:
    signed_in_from(app, ground, "192.0.2.1")
    with database.write() as session:
        past = datetime.now(UTC) - timedelta(hours=13)
        session.execute(update(WebSession).values(seen_at=past))
    here = signed_in_from(app, ground, "192.0.2.1")
    assert handles(here.get(PAGE)) == []
