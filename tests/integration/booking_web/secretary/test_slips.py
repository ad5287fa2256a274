# SPDX-License-Identifier: AGPL-3.0-or-later
"""The slip: what stands on it, what its QR code says, that it can be read aloud."""

import base64
import io
import re
import subprocess
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
import segno
from flask_babel import force_locale
from icalendar import Calendar
from PIL import Image
from sqlalchemy import select, update

from booking_web.domain.appointments import acts
from booking_web.domain.appointments.booking import book
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.telling.calendars.entry import text_for_phones
from booking_web.telling.slips import paper
from booking_web.telling.slips.slip import entry_of
from booking_web.telling.slips.slip import slip_of as slip_words
from booking_web.words.dates import clock, long_date
from provisioning.database.models import Organisation, Relay, VisitReason
from tests.factories.orders import an_order

# 14:30 on the wall of Wassigny.
STARTS_AT = datetime(2031, 1, 2, 13, 30, tzinfo=UTC)
BEFORE = datetime(2030, 12, 30, 9, 0, tzinfo=UTC)
PAPERS = [
    {"name": "Pièce d'identité", "pictogram": "person-vcard"},
    {"name": "Justificatif de domicile de moins de 6 mois", "pictogram": "house"},
    {"name": "Certificat d'immatriculation barré", "pictogram": "car-front"},
]


@pytest.fixture
def furnished(database):
    """Give the relay a room and a telephone, and the sub-prefecture a visit reason."""
    with database.write() as session:
        session.execute(
            update(Relay)
            .where(Relay.slug == "wassigny")
            .values(room="Bureau 2, rez-de-chaussée", telephone="+33199000101")
        )
        organisation = session.scalar(
            select(Organisation).where(Organisation.slug == "sous-prefecture-vervins")
        )
        session.add(
            VisitReason(
                slug="carte-grise-fiche",
                organisation_id=organisation.id,
                name="Carte grise",
                pictogram="car-front",
                minutes=None,
                papers=PAPERS,
                position=0,
            )
        )


def make_appointment(database, starts_at=STARTS_AT, papers=None) -> int:
    with database.write() as session:
        reason = session.scalar(
            select(VisitReason).where(VisitReason.slug == "carte-grise-fiche")
        )
        if papers is not None:
            reason.papers = papers
        request = an_order(
            token="slip",
            organisation="sous-prefecture-vervins",
            resident_name="Mme Zoé Lefèvre",
            details="perdue rue Haute",
            starts_at=starts_at,
        )
        now = min(BEFORE, starts_at)
        appointment = book(session, request, now).appointment
        appointment.visit_reason_id = reason.id
        return appointment.id


def slip_of(desk, appointment_id: int, query: str = "") -> bytes:
    answer = desk.client.get(f"/bureau/rendez-vous/{appointment_id}/fiche.pdf{query}")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    return answer.data


def words_of(pdf: bytes) -> str:
    """Read the PDF as a person would, in the order of its lines."""
    run = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return re.sub(r"\s+", " ", run.stdout.decode())


def test_the_slip_says_when_where_what_to_bring_and_whom_to_call(
    desk, database, furnished
) -> None:
    appointment_id = make_appointment(database)
    words = words_of(slip_of(desk, appointment_id))
    for expected in (
        "Sous-préfecture de Vervins",
        "jeudi 2 janvier 2031",
        "14 h 30",
        "Relais de Wassigny",
        "Bureau 2, rez-de-chaussée",
        "1 place de la Mairie",
        "Pièce d'identité",
        "Justificatif de domicile de moins de 6 mois",
        "01 99 00 01 01",
    ):
        assert expected in words
    assert "Lefèvre" not in words and "rue Haute" not in words
    with database.read() as session:
        journal = session.scalars(select(JournalEntry.act)).all()
    assert journal == ["booked", "slip_made"]


def test_the_slip_is_one_tagged_page_of_a5_in_the_language_it_says(
    desk, database, furnished
) -> None:
    appointment_id = make_appointment(database, papers=PAPERS * 3)
    pdf = pikepdf.open(io.BytesIO(slip_of(desk, appointment_id)))
    [page] = pdf.pages
    width, height = (float(edge) / 72 * 25.4 for edge in page.mediabox[2:])
    assert (round(width), round(height)) == (148, 210)
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "fr"
    assert "pdfuaid:part" in pdf.Root.Metadata.read_bytes().decode()
    elements = list(structure_of(pdf.Root.StructTreeRoot))
    kinds = {str(each.S) for each in elements}
    assert {"/H1", "/H2", "/L", "/LI", "/P"} <= kinds
    figures = [each for each in elements if each.S == "/Figure"]
    # Each paper, the place, the telephone and the QR code.
    assert len(figures) == 9 + 3
    assert all(str(figure.Alt) for figure in figures)


def structure_of(element):
    """Walk through a PDF's structure elements."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from structure_of(kid)


def test_a_slip_in_english_is_asked_for(desk, database, furnished) -> None:
    appointment_id = make_appointment(database)
    words = words_of(slip_of(desk, appointment_id, "?langue=en"))
    assert "Thursday 2 January 2031" in words
    desk.client.set_cookie("langue", "en")
    assert "jeudi 2 janvier" in words_of(slip_of(desk, appointment_id))


def test_a_slip_is_in_the_language_that_was_chosen_for_the_appointment(
    desk, database, furnished
) -> None:
    appointment_id = make_appointment(database)
    with database.write() as session:
        session.get_one(Appointment, appointment_id).language = "en"
    pdf = slip_of(desk, appointment_id)
    words = words_of(pdf)
    assert "Thursday 2 January 2031" in words and "Your appointment" in words
    assert str(pikepdf.open(io.BytesIO(pdf)).Root.Lang) == "en"


@pytest.mark.parametrize(
    ("zone", "starts_at", "day", "hour"),
    [
        # The morning that summer time begins, and the night that it ends.
        ("Europe/Paris", datetime(2031, 3, 30, 7, 0, tzinfo=UTC), "30 mars", "9 h 00"),
        ("Europe/Paris", datetime(2031, 3, 29, 8, 0, tzinfo=UTC), "29 mars", "9 h 00"),
        (
            "Europe/Paris",
            datetime(2031, 10, 26, 1, 30, tzinfo=UTC),
            "26 octobre",
            "2 h 30",
        ),
        ("Indian/Reunion", datetime(2031, 1, 1, 21, 0, tzinfo=UTC), "2 jan", "1 h 00"),
        (
            "America/Martinique",
            datetime(2028, 2, 29, 13, 0, tzinfo=UTC),
            "29 février",
            "9 h 00",
        ),
    ],
)
def test_the_slip_shows_the_hour_on_the_relays_wall(
    app, database, furnished, zone, starts_at, day, hour
) -> None:
    appointment_id = make_appointment(database, starts_at - timedelta(days=1))
    with database.write() as session:
        session.execute(update(Relay).values(time_zone=zone))
        appointment = session.get_one(Appointment, appointment_id)
        appointment.starts_at = starts_at
        appointment.ends_at = starts_at + timedelta(minutes=30)
        with app.test_request_context(), force_locale("fr"):
            slip = slip_words(appointment)
            assert day in long_date(slip.day)
            assert clock(slip.starts_at, slip.zone) == hour
        entry = entry_of(appointment)
    text = text_for_phones(entry, BEFORE).decode()
    assert f"DTSTART:{starts_at:%Y%m%dT%H%M%SZ}" in text


def test_the_qr_code_holds_the_entry_itself_and_nobodys_name(
    app, database, furnished
) -> None:
    appointment_id = make_appointment(database)
    with database.read() as session, app.test_request_context(), force_locale("fr"):
        entry = entry_of(session.get_one(Appointment, appointment_id))
    text = text_for_phones(entry, BEFORE).decode()
    [event] = Calendar.from_ical(text).walk("VEVENT")
    assert event["SUMMARY"] == "Rendez-vous Sous-préfecture"
    assert event["LOCATION"].startswith("Relais de Wassigny, Bureau 2, rez-de-chaussée")
    assert event["DTSTART"].dt == STARTS_AT
    assert event["DTEND"].dt == STARTS_AT + timedelta(minutes=30)
    assert not any(word in text for word in ("Lefèvre", "rue Haute", "Carte", "http"))
    assert segno.make(text, error="m", encoding="utf-8", eci=True).version <= 16


def test_an_appointment_that_is_over_has_no_slip(desk, database, furnished) -> None:
    appointment_id = make_appointment(database)
    with database.write() as session:
        appointment = session.get_one(Appointment, appointment_id)
        acts.cancel(session, appointment, "user:1", BEFORE)
    answer = desk.client.get(f"/bureau/rendez-vous/{appointment_id}/fiche.pdf")
    assert answer.status_code == 303
    with desk.client.session_transaction() as session:
        assert "n'a plus de fiche" in session["_flashes"][0][1]


def test_only_the_own_town_hall_gets_the_slip(
    visitor, database, furnished, ground
) -> None:
    appointment_id = make_appointment(database)
    address = f"/bureau/rendez-vous/{appointment_id}/fiche.pdf"
    assert "/connexion" in visitor.client.get(address).location
    visitor.sign_in("mairie@guise.example")
    assert visitor.client.get(address).status_code == 404


def test_a_slip_loads_nothing_but_its_fonts(tmp_path) -> None:
    picture = tmp_path / "red.png"
    Image.new("RGB", (4, 4), "red").save(picture)

    def images_of(address: str) -> int:
        page = f'<html lang="fr"><title>a</title><img alt="a" src="{address}">'
        pdf = pikepdf.open(io.BytesIO(paper.pdf_of(paper.pages_of(page))))
        return len(pdf.pages[0].Resources.XObject.keys())

    inline = base64.b64encode(picture.read_bytes()).decode()
    assert images_of(f"data:image/png;base64,{inline}") == 1
    assert images_of(picture.as_uri()) == 0
