# SPDX-License-Identifier: AGPL-3.0-or-later
"""A resident's postal address at the desk: asked for once, kept, corrected, lost by nothing."""

import html

import pytest
from sqlalchemy import delete, select, text
from structlog.processors import format_exc_info
from structlog.testing import capture_logs

from booking_web.tables.appointment import Appointment, JournalEntry, Resident
from booking_web.tables.waiting import WaitingEntry
from booking_web.tables.web_sessions import WebSession
from stage.keyboard_desk import know_resident, publish_hours

NAME = {"resident_name": "Mme Martine Lefèvre"}
ADDRESS = {"street": "12 rue des Lilas", "postcode": "02 120", "commune": "Guise"}
KEPT = ("12 rue des Lilas", "02120", "Guise", "")
OTHER = {"organisation": "sous-prefecture-vervins"}


def read(answer) -> str:
    return html.unescape(answer.text).replace("\u00a0", " ")


def addresses(database) -> list[tuple[str, str, str, str]]:
    with database.read() as session:
        rows = session.scalars(select(Resident).order_by(Resident.id))
        return [
            (each.street, each.postcode, each.commune, each.country) for each in rows
        ]


def post(desk, address: str, **values: str):
    token = desk.form().values["csrf_token"]
    return desk.client.post(address, data={"csrf_token": token} | values)


def test_an_address_is_told_once_and_stays_when_the_resident_comes_again(
    desk, database
) -> None:
    assert desk.book(**NAME, **ADDRESS).status_code == 303
    assert desk.book(**NAME, **OTHER).status_code == 303
    assert addresses(database) == [KEPT]
    # The place alone is no new address.
    later = {"when": "at", "day": "2027-03-02", "hour": "10:00"}
    assert desk.book(**NAME, **later, commune="GUISE").status_code == 303
    assert addresses(database) == [KEPT]
    later["day"] = "2027-03-03"
    desk.book(**NAME, **later, commune="Namur", postcode="5000", country="Belgique")
    assert addresses(database) == [("", "5000", "Namur", "Belgique")]
    with database.read() as session:
        details = session.scalars(select(JournalEntry.detail)).all()
    assert details.count("resident 1 address") == 2
    assert not [each for each in details if "Guise" in each or "Lilas" in each]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"postcode": "212"}, "Un code postal a cinq chiffres"),
        ({"commune": ""}, "Écrivez aussi la commune"),
        ({"street": "a\nb\nc"}, "deux lignes au plus"),
        ({"street": "é" * 161}, "160 caractères au plus"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_of_the_form_is_lost(
    desk, database, wrong, sentence
) -> None:
    typed = ADDRESS | {"telephone": "06 12 34 56 78", "reason": "achat"} | wrong
    refused = desk.book(**NAME, **typed)
    assert refused.status_code == 422
    page = read(refused)
    # In the summary and at the field, which is unfolded.
    assert page.count(sentence) == 2
    assert '<details class="who-options" id="who-options" open>' in page
    for field, value in typed.items():
        shown = f">{value}</textarea>" if field == "street" else f'value="{value}"'
        assert shown in page, field
    assert addresses(database) == []


def test_an_error_elsewhere_or_a_question_loses_no_address(desk, database) -> None:
    know_resident(database, "wassigny", "M. Jean Dupont")
    form = desk.form()
    for wrong in ({"telephone": "06"}, {"organisation": ""}, {"when": ""}):
        refused = read(desk.book(**NAME, **ADDRESS | wrong))
        assert ">12 rue des Lilas</textarea>" in refused and 'value="02 120"' in refused
    asked = read(desk.book(form, resident_name="Jean Dupond", **ADDRESS))
    assert "Est-ce la même personne ?" in asked
    assert ">12 rue des Lilas</textarea>" in asked and 'value="Guise"' in asked
    answer = {"asked_about": "Jean Dupond", "resident_choice": "1"}
    desk.book(form, resident_name="Jean Dupond", **ADDRESS, **answer)
    assert addresses(database) == [KEPT]


def test_the_list_of_names_says_that_an_address_is_known_and_not_which(desk) -> None:
    desk.book(**NAME, **ADDRESS)
    desk.book(resident_name="M. Lefranc", **OTHER)
    found = read(
        post(desk, "/bureau/usagers/chercher", relay="wassigny", resident_name="lef")
    )
    assert found.count("adresse déjà notée") == 1
    assert "Lefranc" in found and "Lilas" not in found and "Guise" not in found


def test_what_is_corrected_after_back_is_kept_though_it_was_booked(
    desk, database
) -> None:
    form = desk.form()
    desk.book(form, **NAME, **ADDRESS, telephone="06 12 34 56 78")
    again = ADDRESS | {"street": "21 rue des Lilas", "telephone": "06 12 34 56 79"}
    desk.book(form, **NAME, **again)
    assert addresses(database) == [("21 rue des Lilas", *KEPT[1:])]
    with database.read() as session:
        assert len(session.scalars(select(Appointment)).all()) == 1
        [resident] = session.scalars(select(Resident))
        assert resident.telephone == "+33612345679"
        assert resident.birth_date is None
    # Somebody else of that name is not corrected into them.
    know_resident(database, "wassigny", NAME["resident_name"])
    desk.book(form, **NAME, street="1 rue Neuve", commune="Vervins", resident_id="2")
    assert addresses(database)[0][0] == "21 rue des Lilas"


def test_the_waiting_list_and_the_line_take_it_too(desk, database) -> None:
    publish_hours(database, "sous-prefecture-vervins")
    desk.book(**NAME, **ADDRESS, **OTHER, wait="1")
    with database.read() as session:
        [entry] = session.scalars(select(WaitingEntry))
        assert entry.resident.street == "12 rue des Lilas"
    desk.book(resident_name="M. Roy")
    desk.book(resident_name="Mme Vasseur", **ADDRESS)
    with database.read() as session:
        last = session.scalars(select(Appointment).order_by(Appointment.id)).all()[-1]
        assert last.in_line
    assert addresses(database) == [KEPT, ("",) * 4, KEPT]
    waiting = read(desk.client.get("/bureau/attente"))
    assert "Lefèvre" in waiting and "Lilas" not in waiting


def test_an_address_is_edited_erased_and_goes_along_when_two_become_one(
    desk, database
) -> None:
    number = know_resident(database, "wassigny", "M. Jean Dupont")
    other = know_resident(database, "wassigny", "M. Jean Dupond")
    page = f"/bureau/usagers/{number}"
    values = {"resident_name": "M. Jean Dupont"}
    wrong = post(desk, page, **values, **ADDRESS | {"postcode": "2120"})
    assert wrong.status_code == 422 and read(wrong).count("cinq chiffres") == 2
    assert ">12 rue des Lilas</textarea>" in read(wrong)
    assert addresses(database)[0] == ("",) * 4
    assert post(desk, page, **values, **ADDRESS).status_code == 303
    assert 'value="02120"' in read(desk.client.get(page))
    merging = f"/bureau/usagers/{other}/fusionner/{number}"
    asked = read(desk.client.get(merging))
    assert "12 rue des Lilas, 02120 Guise" in asked and "Pas d'adresse postale" in asked
    post(desk, merging)
    assert addresses(database) == [("",) * 4, KEPT]
    post(desk, f"/bureau/usagers/{other}", resident_name="M. Jean Dupond")
    assert addresses(database) == [("",) * 4, ("",) * 4]


def test_an_address_is_there_after_a_sign_in_that_ran_out(desk, database) -> None:
    form = desk.form()
    with database.write() as session:
        session.execute(delete(WebSession))
    sent = desk.book(form, **NAME, **ADDRESS, country="Belgique")
    assert sent.status_code == 303 and "/connexion" in sent.location
    assert "Lilas" not in sent.location
    desk.sign_in("mairie@wassigny.example")
    back = desk.form().values
    typed = ADDRESS | {"country": "Belgique"}
    assert {name: back[name] for name in typed} == typed


def test_the_longest_form_fits_the_cookie_that_keeps_it(desk, database) -> None:
    form = desk.form()
    with database.write() as session:
        session.execute(delete(WebSession))
    parts = {"street": "é" * 160, "postcode": "0" * 12, "commune": "ï" * 80}
    sent = desk.book(
        form,
        resident_name="Œ" * 120,
        reason="à" * 200,
        telephone="0" * 30,
        email="e" * 220,
        country="ç" * 60,
        **parts,
    )
    assert max(len(each) for each in sent.headers.getlist("Set-Cookie")) < 4093


def test_an_error_of_the_database_tells_the_log_no_address(desk, database) -> None:
    form = desk.form()
    with database.write() as session:
        refuse = "BEFORE INSERT ON resident BEGIN SELECT RAISE(FAIL, 'broken'); END"
        session.execute(text(f"CREATE TRIGGER broken {refuse}"))
    with capture_logs([format_exc_info]) as logs:
        assert desk.book(form, **NAME, **ADDRESS).status_code == 500
    [told] = [each["exception"] for each in logs if "exception" in each]
    assert "broken" in told and "INSERT INTO resident" in told
    for typed in (NAME["resident_name"], ADDRESS["street"], "02120", "Guise"):
        assert typed not in told
