# SPDX-License-Identifier: AGPL-3.0-or-later
"""A resident's data are restricted: kept, and nobody works with them until it is lifted.

That no page tells of them is walked through in `matrix/test_restricted.py`.
"""

import html
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from booking_web.base.sms_spool import SmsSpool
from booking_web.base.transactions import in_transaction
from booking_web.dispatcher.placing.claims import take_claims
from booking_web.domain.documents.expiry import expire_documents, expire_originals
from booking_web.domain.documents.keeping import Keeper
from booking_web.domain.journal.telling import remind
from booking_web.domain.retention.due import due
from booking_web.domain.retention.periods import Held
from booking_web.domain.retention.pruning import prune
from booking_web.domain.retention.terms import Terms
from booking_web.tables.appointment import Appointment, JournalEntry, Resident
from booking_web.tables.calendar_feeds import CalendarFeed
from booking_web.tables.journal_acts import Act
from booking_web.tables.messages import Message, MessageState
from booking_web.tables.restrictions import Restriction
from booking_web.tables.states import AppointmentState as S
from booking_web.telling.calendars.feeds import entries_of
from booking_web.telling.messages.reminders import forget_old
from booking_web.telling.messages.sending import MessageSender, Passed
from stage.appointments import put_appointment
from stage.kiosk_ground import archive_of, documents_settings
from tests.factories.rare_name import NAME, RARE, lay_sms, seed_rare
from tests.integration.booking_web.conftest import Desk, form_with

SECRETARY = "mairie@wassigny.example"
OFFICER = "rgpd@guichet.example"
CONTACT = "dpo@mairie.example, 03 23 00 00 00"
ENDS = "quand l'état civil aura confirmé le nom"


@pytest.fixture
def spool(tmp_path):
    (tmp_path / "sms").mkdir()
    return SmsSpool(tmp_path / "sms")


@pytest.fixture
def app(new_app, ground, tmp_path, spool):
    settings = documents_settings(tmp_path) | {"sms_spool": str(tmp_path / "sms")}
    return new_app(ground, **settings, data_officer=CONTACT)


@pytest.fixture
def archive(database, ground, tmp_path):
    return archive_of(database, ground.url, tmp_path)


@pytest.fixture
def rare(database, archive):
    return seed_rare(database, archive, datetime.now(UTC))


@pytest.fixture
def person(app, ground):
    """Give a function that signs somebody in, in a browser of their own."""

    def sign_in(email: str) -> Desk:
        found = Desk(app.test_client(), ground.passwords)
        found.sign_in(email)
        return found

    return sign_in


@pytest.fixture
def officer(person):
    return person(OFFICER)


@pytest.fixture
def today(database, rare) -> int:
    """Have the resident come today, and wait to be called."""
    with database.write() as session:
        number = put_appointment(session, "kiosk-wassigny", "msa", state=S.ARRIVED)
        appointment = session.get_one(Appointment, number)
        appointment.resident_id, appointment.resident_name = rare.resident, NAME
    return number


def post(officer, rare, act: str, **told: str):
    token = form_with(officer.client.get("/droits/usagers").text, "cherche").values
    address = f"/droits/usagers/{rare.resident}/{act}"
    return officer.client.post(address, data={"csrf_token": token["csrf_token"]} | told)


def restrict(officer, rare, **told: str):
    return post(
        officer, rare, "limiter", **{"ground": "legal_claim", "ends_when": ENDS} | told
    )


def read(person, address: str) -> str:
    return html.unescape(person.client.get(address).text)


def test_it_needs_a_ground_and_an_end_is_told_and_lifted_once_the_resident_knows(
    officer, rare, spool, database
) -> None:
    page = f"/droits/usagers/{rare.resident}"
    lay_sms(database, rare, spool)
    assert "18.1.c" in read(officer, f"{page}/limiter")
    assert restrict(officer, rare, ground="because").status_code == 422
    assert restrict(officer, rare, ends_when=" ").status_code == 422
    assert post(officer, rare, "lever", told="1").status_code == 404
    assert restrict(officer, rare).status_code == 303
    # Nobody writes to them: what the modem has not taken is taken back.
    assert spool.waiting() == {}
    shown = read(officer, page)
    assert ENDS in shown and "18.1.c" in shown
    assert restrict(officer, rare).status_code == 409
    file = zipfile.ZipFile(io.BytesIO(officer.client.get(f"{page}/donnees.zip").data))
    row, double = json.loads(file.read("donnees.json"))["tables"]["restriction"]
    assert (row["ground"], row["ends_when"]) == ("legal_claim", ENDS)
    assert double["ground"] == "legal_claim"
    erased = post(officer, rare, "effacer", sure="1")
    assert erased.status_code == 409 and "sous limitation" in erased.text
    post(officer, rare, "lever")
    assert "La limitation n'est pas levée." in read(officer, page)
    post(officer, rare, "lever", told="1")
    assert "La limitation est levée." in read(officer, page)
    with database.read() as session:
        assert session.scalars(select(Restriction)).all() == []
        lines = session.execute(
            select(JournalEntry.act, JournalEntry.detail, JournalEntry.resident_id)
            .where(JournalEntry.act.in_([Act.RESTRICTED, Act.RESTRICTION_LIFTED]))
            .order_by(JournalEntry.id)
        ).all()
    number = rare.resident
    assert [tuple(each) for each in lines] == [
        ("restricted", f"resident {number} legal_claim", number),
        ("restriction_lifted", f"resident {number}", number),
    ]


def test_who_is_in_a_call_is_not_restricted(officer, rare, today, database) -> None:
    with database.write() as session:
        session.get_one(Appointment, today).state = S.IN_CALL
    assert restrict(officer, rare).status_code == 409
    with database.read() as session:
        assert session.scalars(select(Restriction)).all() == []


def test_who_comes_today_is_not_called_nor_sent_away_without_a_word(
    officer, person, rare, today, database
) -> None:
    secretary, counsellor = person(SECRETARY), person("conseiller@msa.example")
    now = datetime.now(UTC)
    with database.read() as session:
        told = entries_of(session, CalendarFeed(relay_id=1), "initials", now)
    assert len(told) == 2
    assert NAME in read(secretary, "/bureau") and NAME in read(
        counsellor, "/rendez-vous"
    )
    restrict(officer, rare)
    for page in (read(secretary, "/bureau"), read(counsellor, "/rendez-vous")):
        assert RARE not in page
        assert "Z. B." in page and CONTACT in page
    # Who asks by an address that was noted is told too.
    refused = secretary.client.get(f"/bureau/usagers/{rare.resident}")
    assert refused.status_code == 403 and CONTACT in refused.text
    with database.write() as session:
        assert take_claims(session, datetime.now(UTC)) == []
        assert entries_of(session, CalendarFeed(relay_id=1), "initials", now) == []
    post(officer, rare, "lever", told="1")
    assert NAME in read(secretary, "/bureau")
    with database.write() as session:
        [claim] = take_claims(session, datetime.now(UTC))
    assert claim.appointment_id == today


def test_the_register_says_no_more_than_that_there_is_such_an_entry(
    officer, person, rare, database
) -> None:
    secretary = person(SECRETARY)
    restrict(officer, rare)
    search = form_with(secretary.client.get("/bureau/usagers").text, "cherche")
    found = html.unescape(
        secretary.client.post(
            search.action, data=search.values | {"cherche": NAME}
        ).text
    )
    assert "Une fiche de ce nom est sous limitation" in found
    assert f"/bureau/usagers/{rare.resident}" not in found
    asked = secretary.book(resident_name=NAME)
    assert asked.status_code == 422
    words = html.unescape(asked.text)
    assert "ne prenez pas le rendez-vous" in words and "1948" not in words
    # Another person of the same name is booked for.
    another = {"asked_about": NAME, "resident_choice": "new"}
    assert secretary.book(resident_name=NAME, **another).status_code == 303
    with database.read() as session:
        booked = session.scalars(select(Appointment).order_by(Appointment.id)).all()[-1]
        assert booked.resident_id not in (None, rare.resident)


def test_nobody_writes_to_them(officer, rare, today, database) -> None:
    now = datetime.now(UTC)
    later = now + timedelta(days=1)
    with database.write() as session:
        appointment = session.get_one(Appointment, today)
        appointment.state = S.BOOKED
        appointment.starts_at, appointment.ends_at = later, later + timedelta(hours=1)
        session.flush()
        assert remind(session, appointment, now) == 1
    restrict(officer, rare)
    with database.write() as session:
        session.execute(update(Message).values(sequence=9))
        assert remind(session, session.get_one(Appointment, today), now) == 0
        session.execute(update(Message).values(sequence=0))
    with database.write() as session:
        waiting = Message.state == MessageState.WAITING
        session.execute(update(Message).where(waiting).values(next_attempt_at=now))
    sender = MessageSender(
        database, mailer=None, sms_sender=None, mail_from="", now=lambda: now
    )
    assert sender.send_due() == Passed(dropped=1)
    with database.read() as session:
        query = select(Message.reason).where(Message.appointment_id == today)
        assert session.scalars(query).all() == ["restricted"]


def test_nothing_of_them_is_purged_until_it_is_lifted(
    officer, rare, database, archive
) -> None:
    later = datetime.now(UTC) + timedelta(days=4000)
    restrict(officer, rare)
    page = read(officer, "/droits/durees")
    assert "1 dossier est sous limitation" in page

    def purge() -> set[Held]:
        with database.read() as session:
            is_due = due(session, Terms.at_most(365), later)
        in_transaction(database, lambda session: prune(session, 365, later))
        in_transaction(database, lambda session: forget_old(session, later))
        expire_documents(database, archive, 365, later)
        expire_originals(database, Keeper(database, archive, lambda: later), later)
        return {each.held for each in is_due if each.count}

    assert purge() == set()
    page = f"/droits/usagers/{rare.resident}/donnees.zip"
    file = zipfile.ZipFile(io.BytesIO(officer.client.get(page).data))
    tables = json.loads(file.read("donnees.json"))["tables"]
    for name in ("resident", "appointment", "appointment_address", "draft", "cv"):
        assert RARE in json.dumps(tables[name]), name
    assert len(tables["message"]) == 2
    assert all(each["file"] for each in tables["document"])
    post(officer, rare, "lever", told="1")
    assert {Held.RESIDENT, Held.DOCUMENTS, Held.DRAFTS, Held.CVS} <= purge()
    with database.read() as session:
        assert session.scalars(select(Resident)).all() == []
