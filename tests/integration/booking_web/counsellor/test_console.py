# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's pages: who sees what, what the buttons do, what is refused and how."""

import html
import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
from sqlalchemy import select, update

from booking_web.domain.kiosks.reports import (
    DeviceReport,
    LineReport,
    take_heartbeat,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import CodeToPlay, DeviceJob, Document
from provisioning.database.models import Organisation, Relay, VisitReason
from stage.html_forms import forms_of
from stage.kiosk_ground import (
    S,
    acts_of,
    add_document,
    bomb,
    bring_to,
    make_pdf,
    picture,
    with_javascript,
)
from tests.factories.rows import rows

MSA = "conseiller@msa.example"
SOUS_PREFECTURE = "conseiller@sous-prefecture-vervins.example"


def send(person, appointment, act, **values):
    """Send one of the console's forms with its token."""
    page = person.client.get(f"/rendez-vous/{appointment}").text
    token = forms_of(page)[0].values["csrf_token"]
    return person.client.post(
        f"/rendez-vous/{appointment}/{act}", data={"csrf_token": token} | values
    )


def upload(person, appointment, content, name="document.pdf", title=""):
    return send(
        person,
        appointment,
        "documents",
        file=(BytesIO(content), name),
        title=title,
    )


def contents(tmp_path):
    return [
        path
        for folder in ("content", "writing", "incoming")
        for path in (tmp_path / "documents" / folder).rglob("*")
        if path.is_file()
    ]


def test_a_counsellor_comes_to_the_day_and_opens_the_call_on_top(
    counsellor, appointment
):
    home = counsellor.client.get("/", follow_redirects=True)
    assert home.request.path == "/rendez-vous"
    assert "M. Dupont" in home.text
    assert f'href="/rendez-vous/{appointment}"' in home.text


@pytest.mark.parametrize(
    ("person", "place"),
    [(MSA, Organisation), ("mairie@wassigny.example", Relay)],
)
def test_today_is_that_of_the_person_s_own_clock(
    new_app, visitor, ground, database, person, place
):
    # 21:30 in Paris, half past midnight on La Réunion.
    app = new_app(ground, now=lambda: datetime(2026, 11, 24, 20, 30, tzinfo=UTC))
    person_at_home = type(visitor)(app.test_client(), ground.passwords)
    person_at_home.sign_in(person)
    page = html.unescape(person_at_home.client.get("/rendez-vous").text)
    assert "mardi 24 novembre" in page
    with database.write() as session:
        session.execute(update(place).values(time_zone="Indian/Reunion"))
    page = html.unescape(person_at_home.client.get("/rendez-vous").text)
    assert "mercredi 25 novembre" in page


@pytest.mark.parametrize(
    "person, status",
    [
        (MSA, 200),
        (SOUS_PREFECTURE, 404),
        ("mairie@wassigny.example", 200),
        ("mairie@guise.example", 404),
        ("admin@guichet.example", 403),
        ("supervision@guichet.example", 403),
        ("rgpd@guichet.example", 403),
    ],
)
def test_everybody_sees_only_what_is_theirs(
    visitor, database, archive, appointment, person, status
):
    add_document(archive, appointment, make_pdf())
    visitor.sign_in(person)
    base = f"/rendez-vous/{appointment}"
    for address in (
        base,
        f"{base}/documents/1.pdf",
        f"{base}/documents/1.png",
        f"{base}/documents/1/retirer",
    ):
        assert visitor.client.get(address).status_code == status, address


def test_the_counsellor_sees_who_comes_and_why_in_the_list_and_in_the_call(
    counsellor, database, appointment
):
    with database.write() as session:
        found = session.get_one(Appointment, appointment)
        found.visit_reason = session.scalars(
            select(VisitReason).where(VisitReason.name == "Dossier de retraite")
        ).one()
        found.reason = "vient avec sa fille"
        papers = [paper["name"] for paper in found.visit_reason.papers]
    assert papers
    told = ["M. Dupont", "Dossier de retraite", "vient avec sa fille", *papers]
    for address, place in (
        ("/rendez-vous", f'data-appointment="{appointment}"'),
        (f"/rendez-vous/{appointment}", 'id="who"'),
    ):
        page = html.unescape(counsellor.client.get(address).text)
        part = page[page.index(place) :]
        for words in (*told, "Relais de Wassigny"):
            assert words in part, (address, words)


def test_the_counsellor_looks_at_the_days_before_and_after(
    new_app, ground, visitor, database
):
    at_ten = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    visitor.client = new_app(ground, now=lambda: at_ten).test_client()
    visitor.sign_in("mairie@wassigny.example")
    visitor.book(resident_name="M. Demain", when="at", day="2026-11-26", hour="9:00")
    visitor.client = new_app(ground, now=lambda: at_ten).test_client()
    visitor.sign_in(MSA)
    today = visitor.client.get("/rendez-vous").text
    assert 'href="/rendez-vous?jour=2026-11-24"' in today
    assert 'href="/rendez-vous?jour=2026-11-26"' in today
    assert "M. Demain" not in today
    following = visitor.client.get("/rendez-vous?jour=2026-11-26").text
    assert "M. Demain" in following
    assert "jour=2026-11-26" in following.partition("data-live=")[2].split('"')[1]
    for nonsense in ("2026-02-30", "demain", "0001-01-01", "9999-12-31"):
        address = f"/rendez-vous?jour={nonsense}"
        assert visitor.client.get(address).status_code == 404


def test_an_empty_chair_is_said_after_the_call_and_not_before(
    counsellor, database, appointment
):
    address = f"/rendez-vous/{appointment}/absent"
    for page in ("/rendez-vous", f"/rendez-vous/{appointment}"):
        assert f'href="{address}"' not in counsellor.client.get(page).text
    assert counsellor.client.get(address).status_code == 404
    assert send(counsellor, appointment, "absent").status_code == 404
    bring_to(database, appointment, S.DONE)
    for page in ("/rendez-vous", f"/rendez-vous/{appointment}"):
        assert f'href="{address}"' in counsellor.client.get(page).text
    assert "ne comptera pas comme fait" in counsellor.client.get(address).text
    answer = send(counsellor, appointment, "absent")
    assert answer.location == f"/rendez-vous/{appointment}"
    assert "Absent après l'appel" in html.unescape(
        counsellor.client.get(answer.location).text
    )
    [row] = [r for r in rows(database, Appointment) if r.id == appointment]
    assert row.state == S.NO_SHOW


def test_without_sign_in_there_is_the_sign_in(visitor, appointment):
    answer = visitor.client.get(f"/rendez-vous/{appointment}")
    assert answer.status_code == 303 and "/connexion" in answer.location


def test_a_counsellor_has_no_desk(counsellor):
    assert counsellor.client.get("/bureau").location == "/rendez-vous"
    assert counsellor.client.get("/bureau/creneaux").status_code == 403


def test_a_document_is_added_seen_taken_and_each_act_is_in_the_journal(
    counsellor, database, appointment, tmp_path
):
    content = make_pdf(2)
    answer = upload(counsellor, appointment, content, title="Carte <b>grise</b>")
    assert answer.status_code == 303
    page = counsellor.client.get(f"/rendez-vous/{appointment}").text
    assert "Carte &lt;b&gt;grise&lt;/b&gt;" in page
    pdf = f"/rendez-vous/{appointment}/documents/1.pdf"
    shown = counsellor.client.get(pdf)
    assert shown.data == content
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    taken = counsellor.client.get(f"{pdf}?telecharger=1")
    assert taken.headers["Content-Disposition"].startswith("attachment")
    acts = [act for _, act, _ in acts_of(database, appointment)]
    assert [act for act in acts if act != "console_opened"] == [
        "document_added",
        "viewed",
        "downloaded",
    ]
    [stored] = contents(tmp_path)
    assert b"%PDF" not in stored.read_bytes()


def test_what_was_removed_is_gone_from_the_disk_and_its_number_is_not_used_again(
    counsellor, database, appointment, tmp_path
):
    upload(counsellor, appointment, make_pdf())
    counsellor.client.get(f"/rendez-vous/{appointment}/documents/1.png")
    refused = send(counsellor, appointment, "documents/1/retirer", reason="just so")
    assert refused.status_code == 422
    gone = send(counsellor, appointment, "documents/1/retirer", reason="unreadable")
    assert gone.status_code == 303
    assert contents(tmp_path) == []
    assert list((tmp_path / "documents" / "preview").rglob("*.*")) == []
    address = f"/rendez-vous/{appointment}/documents/1.pdf"
    assert counsellor.client.get(address).status_code == 404
    upload(counsellor, appointment, make_pdf())
    assert [
        (each.number, each.removal_reason) for each in rows(database, Document)
    ] == [
        (1, "unreadable"),
        (2, ""),
    ]


def test_a_content_that_another_document_has_too_stays(
    counsellor, appointment, tmp_path
):
    content = make_pdf()
    upload(counsellor, appointment, content)
    upload(counsellor, appointment, content)
    assert len(contents(tmp_path)) == 1
    send(counsellor, appointment, "documents/1/retirer", reason="unreadable")
    kept = counsellor.client.get(f"/rendez-vous/{appointment}/documents/2.pdf")
    assert kept.data == content


@pytest.mark.parametrize(
    "content, status, words",
    [
        (b"", 422, "vide"),
        (b"Bonjour", 422, "ni un PDF, ni une photo"),
        (make_pdf(400), 422, "trop de pages : 200 au plus"),
        (b"%PDF-1.7 broken", 422, "La fin de ce PDF manque"),
        (b"%PDF-1.7 broken startxref", 422, "abîmé"),
        (bomb(400), 422, "démesurés"),
    ],
    ids=["empty", "text", "400-pages", "cut-off", "broken", "bomb"],
)
def test_a_bad_file_is_refused_in_words_and_leaves_nothing(
    counsellor, database, appointment, tmp_path, content, status, words
):
    answer = upload(counsellor, appointment, content)
    assert answer.status_code == status
    assert re.search(words, answer.text.replace("&#39;", "'"))
    assert 'role="alert"' in answer.text
    assert rows(database, Document) == []
    assert contents(tmp_path) == []


def test_a_pdf_with_javascript_is_kept_without_it(counsellor, appointment):
    upload(counsellor, appointment, make_pdf(1, with_javascript))
    kept = counsellor.client.get(f"/rendez-vous/{appointment}/documents/1.pdf").data
    assert kept.startswith(b"%PDF-") and b"JavaScript" not in kept


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, *_arguments):
        """Fail the test."""
        raise AssertionError("the body was read")

    readinto = readline = read


@pytest.mark.parametrize(
    ("person", "headers", "status"),
    [
        (None, {}, 303),
        (SOUS_PREFECTURE, {}, 404),
        ("responsable@msa.example", {}, 403),
        (MSA, {"Sec-Fetch-Site": "cross-site"}, 400),
    ],
    ids=["nobody", "another organisation", "a manager", "another site's form"],
)
def test_of_a_strangers_upload_nothing_is_read(
    visitor, appointment, person, headers, status
):
    if person:
        visitor.sign_in(person)
    answer = visitor.client.post(
        f"/rendez-vous/{appointment}/documents",
        input_stream=Unread(),
        content_length=24_000_000,
        content_type="multipart/form-data; boundary=x",
        headers=headers,
    )
    assert answer.status_code == status


def test_a_photograph_is_taken_as_a_page(counsellor, database, appointment):
    upload(counsellor, appointment, picture("JPEG"), "photo.jpg")
    [document] = rows(database, Document)
    assert (document.title, document.pages) == ("photo", 1)


def test_the_print_button_stores_a_job_and_its_code(
    counsellor, database, archive, appointment
):
    add_document(archive, appointment, make_pdf())
    values = {"document": "1", "copies": "3", "colour": "gray", "duplex": "1"}
    assert send(counsellor, appointment, "imprimer", **values).status_code == 303
    [job] = rows(database, DeviceJob)
    assert (job.number, job.document, job.copies) == (1, 1, 3)
    assert (job.colour, job.duplex, job.state) == (False, True, "pending")
    [code] = rows(database, CodeToPlay)
    assert (code.code, code.call) == ("*71#", f"gv-{appointment}-1")


def test_scan_copy_cancel_and_state_each_key_their_code(
    counsellor, database, appointment
):
    send(counsellor, appointment, "numeriser", preset="card", resolution="600")
    send(counsellor, appointment, "copier", copies="2")
    send(counsellor, appointment, "annuler-operations")
    send(counsellor, appointment, "etat")
    codes = [each.code for each in rows(database, CodeToPlay)]
    assert codes == ["*71#", "*72#", "*0#", "*9#"]
    scan, copy = rows(database, DeviceJob)
    assert (scan.operation, scan.preset, scan.resolution_dpi) == ("scan", "card", 600)
    assert (copy.operation, copy.copies) == ("copy", 2)


@pytest.mark.parametrize(
    "act, values",
    [
        ("imprimer", {}),
        ("imprimer", {"document": "1; DROP TABLE"}),
        ("imprimer", {"document": "1", "copies": "1000"}),
        ("numeriser", {"preset": "everything"}),
        ("numeriser", {"resolution": "99999"}),
        ("copier", {"copies": "0"}),
    ],
)
def test_what_no_page_offers_is_refused(counsellor, database, appointment, act, values):
    assert send(counsellor, appointment, act, **values).status_code == 422
    assert rows(database, CodeToPlay) == []


def test_after_the_call_the_buttons_say_so_and_key_nothing(
    counsellor, database, appointment
):
    bring_to(database, appointment, S.DONE)
    answer = send(counsellor, appointment, "numeriser", preset="a4")
    page = counsellor.client.get(answer.location.partition("#")[0]).text
    assert "la borne n&#39;écoute plus" in page
    assert rows(database, CodeToPlay) == []


def test_the_devices_are_told_in_words(counsellor, database, appointment):
    with database.write() as session:
        take_heartbeat(
            session,
            1,
            DeviceReport("stopped", ["paper_out"]),
            DeviceReport("idle", []),
            "1",
            datetime.now(UTC),
        )
    page = counsellor.client.get(f"/rendez-vous/{appointment}").text
    assert "L&#39;imprimante n&#39;a plus de papier." in page
    assert "<dd>prêt</dd>" in page
    with database.write() as session:
        ready = DeviceReport("idle", [])
        take_heartbeat(session, 1, ready, ready, "1", datetime.now(UTC))
    page = counsellor.client.get(f"/rendez-vous/{appointment}").text
    assert "<dd>prête</dd>" in page


def test_the_sound_goes_a_step_softer_or_louder_from_what_the_kiosk_tells(
    counsellor, database, appointment
):
    page = f"/rendez-vous/{appointment}"
    assert "La borne ne dit pas son volume" in counsellor.client.get(page).text
    idle = DeviceReport("idle", [])
    with database.write() as session:
        now = datetime.now(UTC)
        take_heartbeat(session, 1, idle, idle, "1", now, volume=4)
    told = counsellor.client.get(page).text
    assert "Son de la borne : 4 sur 5, fort" in told
    assert re.findall(r'name="volume" value="(\d)"', told) == ["3", "5"]
    for level in ("5", "1", "0", "6", "", "x"):
        assert send(counsellor, appointment, "volume", volume=level).status_code == 303
    assert "Le volume va de 1 à 5." in counsellor.client.get(page).text
    assert [each.code for each in rows(database, CodeToPlay)] == ["*85#", "*81#"]
    bring_to(database, appointment, S.DONE)
    send(counsellor, appointment, "volume", volume="3")
    assert "n&#39;écoute plus" in counsellor.client.get(page).text
    assert len(rows(database, CodeToPlay)) == 2


def test_what_is_wrong_with_the_line_is_said_each_way_and_nothing_where_all_is_well(
    counsellor, database, appointment
):
    def page_with(line: LineReport) -> str:
        with database.write() as session:
            take_heartbeat(
                session,
                1,
                DeviceReport("idle", []),
                DeviceReport("idle", []),
                "1",
                datetime.now(UTC),
                line=line,
            )
        return counsellor.client.get(f"/rendez-vous/{appointment}").text

    page = page_with(LineReport("broken", "no_picture"))
    assert "Vous entendez mal l&#39;usager" in page
    assert "L&#39;usager ne vous voit plus mais vous entend" in page
    for well in LineReport("good", "good"), LineReport("of_a_newer_kiosk", ""):
        assert "line-quality" not in page_with(well)
    page_with(LineReport("coarse", "coarse"))
    bring_to(database, appointment, S.DONE)
    page = counsellor.client.get(f"/rendez-vous/{appointment}").text
    assert "line-quality" not in page


def test_a_site_without_documents_says_so(new_app, ground, database, appointment):
    client = new_app(ground).test_client()
    person = type("Person", (), {"client": client})
    token = forms_of(client.get("/connexion").text)[0].values
    client.post(
        "/connexion", data=token | {"email": MSA, "password": ground.passwords[MSA]}
    )
    page = client.get(f"/rendez-vous/{appointment}").text
    assert "n'est pas réglé pour garder des documents" in page
    assert upload(person, appointment, make_pdf()).status_code == 503
