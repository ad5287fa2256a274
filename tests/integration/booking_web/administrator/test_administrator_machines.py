# SPDX-License-Identifier: AGPL-3.0-or-later
"""The administrator lets a machine in, gives a file to a far one, and shuts one out."""

import html
import json
import re
import tomllib
from base64 import b64decode

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from booking_web.base.clock import utc_now
from provisioning.asterisk.certificates import ensure_certificates
from provisioning.database.access import EndpointCut, KioskEnrolment
from provisioning.database.models import Kiosk
from provisioning.database.realtime import PjsipAuth, PjsipEndpoint
from provisioning.directory.cutting import mark_cut
from provisioning.directory.enrolment import Machine
from provisioning.directory.machine_access import MachineAccess
from stage.administrator_desk import HOME, AdministratorDesk, acts, read, secrets_of
from stage.html_forms import forms_of
from stage.papers import page_texts

ADMINISTRATOR = "admin@guichet.example"
KIOSK = "kiosk-guise"
PAGE, PHONE = f"{HOME}/bornes/{KIOSK}", f"{HOME}/telephones/counsellor-msa-1"
CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}\b")
SHEETS = f"{HOME}/bornes/feuilles"
MACHINE = Machine("cd" * 32, "pc-de-guise")


@pytest.fixture
def app(new_app, ground, tmp_path):
    """Give the application of a site that knows how kiosks reach it."""
    ensure_certificates(tmp_path / "tls", ["sip.example"])
    authority = str(tmp_path / "tls" / "ca.pem")
    return new_app(ground, sip_server="sip.example", sip_ca_file=authority)


@pytest.fixture
def office(app, ground) -> AdministratorDesk:
    """Give the administrator at the pages."""
    return AdministratorDesk(app, ground.passwords, ADMINISTRATOR)


def kiosk_in(database) -> Kiosk:
    with database.read() as session:
        return session.scalars(select(Kiosk).where(Kiosk.slug == KIOSK)).one()


def test_a_code_is_shown_once_with_the_command_to_type(office, database) -> None:
    answer = office.press(PAGE, "/rattacher")
    [code] = set(CODE.findall(answer.text))
    shown = secrets_of(answer.text)
    command = shown["Commande à taper sur la borne"]
    assert command == f"guichet-kiosk enrol guichet.example {code}"
    assert "Valable jusqu'au" in html.unescape(answer.text)
    assert acts(database) == [("enrolment_code_made", "kiosk", KIOSK)]
    page = office.page(PAGE)
    assert "Un code attend une machine jusqu'au" in page
    assert code not in page

    MachineAccess(database).enrol(code, "0" * 32, MACHINE)
    page = office.page(PAGE)
    assert "Rattachée le" in page and "pc-de-guise" in page
    assert "Un code attend" not in page


def test_many_kiosks_are_given_their_sheets_at_once(office, database) -> None:
    MachineAccess(database).enrol(
        MachineAccess(database).make_code(KIOSK), "0" * 32, MACHINE
    )
    waiting = MachineAccess(database).make_code("kiosk-wassigny")
    assert "Feuilles de rattachement" in office.page(f"{HOME}/bornes")
    page = office.client.get(SHEETS).text
    ticked = re.findall(r'value="(kiosk-[a-z-]+)" checked', page)
    assert ticked == ["kiosk-marly-gomont"]
    assert "un code attend jusqu'au" in html.unescape(page)
    [form] = [each for each in forms_of(page) if "submission" in each.values]
    chosen = MultiDict(form.values)
    chosen.setlist("borne", ["kiosk-marly-gomont", "kiosk-wassigny"])
    answer = office.post(SHEETS, chosen)
    made = secrets_of(answer.text)
    assert list(made) == [
        "kiosk-marly-gomont, Relais de Marly-Gomont",
        "kiosk-wassigny, Relais de Wassigny",
    ]
    [packed] = re.findall('data:application/octet-stream;base64,([^"]+)"', answer.text)
    pages = page_texts(b64decode(html.unescape(packed)))
    codes = [command.split()[-1] for command in made.values()]
    assert [code in page for code, page in zip(codes, pages, strict=True)] == [True] * 2
    assert sorted(acts(database)) == [
        ("enrolment_code_made", "kiosk", "kiosk-marly-gomont"),
        ("enrolment_code_made", "kiosk", "kiosk-wassigny"),
    ]
    # The sheet of last week is good for nothing any more; this one is.
    with pytest.raises(Exception, match="no such code"):
        MachineAccess(database).enrol(waiting, "1" * 32, MACHINE)
    MachineAccess(database).enrol(codes[1], "1" * 32, Machine("ef" * 32, "pc"))
    # Sent twice, nothing is made twice.
    assert "déjà enregistré" in read(office.post(SHEETS, chosen))
    assert len(acts(database)) == 2


def test_sheets_are_for_kiosks_that_are_there(office, database) -> None:
    [form] = [
        each
        for each in forms_of(office.client.get(SHEETS).text)
        if "submission" in each.values
    ]
    values = {name: each for name, each in form.values.items() if name != "borne"}
    assert "Choisissez au moins une borne." in read(office.post(SHEETS, values))
    gone = read(office.post(SHEETS, values | {"borne": "kiosk-gise"}))
    assert "n'existe plus" in gone
    assert acts(database) == []


def test_a_new_kiosk_leads_to_where_its_pc_is_enrolled(office) -> None:
    page = office.page(f"{HOME}/bornes/ajouter")
    assert "CUPS" not in page and "SANE" not in page
    answer = read(office.send(f"{HOME}/bornes/ajouter", relay="guise"))
    assert "Rattachez-lui maintenant son PC." in answer
    assert "Rattacher cette borne" in answer
    assert "Mot de passe" not in answer


def test_a_softphone_leads_to_where_its_link_is_made(office) -> None:
    wanted = {"name": "Lise", "organisation": "msa", "program": "logiciel"}
    answer = read(office.send(f"{HOME}/telephones/ajouter", **wanted))
    assert "Donnez-lui maintenant son lien." in answer
    assert "Lien pour Linphone" in answer


def test_who_telephones_in_the_browser_is_handed_nothing(office, database) -> None:
    wanted = {"name": "Lise", "organisation": "msa", "program": "navigateur"}
    answer = office.send(f"{HOME}/telephones/ajouter", **wanted)
    assert "Dites maintenant, sur la fiche de la personne" in read(answer)
    assert "Rien à lui remettre." in read(answer)
    assert "Mot de passe" not in read(answer)
    page = f"{HOME}/telephones/counsellor-msa-2"
    with database.read() as session:
        before = session.get_one(PjsipAuth, "counsellor-msa-2").password_digest
        assert session.get_one(PjsipEndpoint, "counsellor-msa-2").webrtc == "yes"
    renewed = read(office.press(page, "/secret"))
    assert "demande elle-même un nouveau secret" in renewed
    assert "Mot de passe" not in renewed
    with database.read() as session:
        after = session.get_one(PjsipAuth, "counsellor-msa-2").password_digest
    assert after != before and after.startswith("MD5:")
    # Back to our own program: now there is something to hand out.
    changed = office.form(page).values | {"program": "guichet"}
    assert "Mot de passe" in read(office.agree(office.post(page, changed)))


def test_a_program_that_is_not_offered_is_refused_beside_its_field(office) -> None:
    wanted = {"name": "Lise", "organisation": "msa", "program": "pigeon"}
    answer = office.send(f"{HOME}/telephones/ajouter", **wanted)
    assert "Choisissez dans la liste." in read(answer)


def test_a_counsellor_is_handed_one_file_with_the_authority_in_it(
    office, tmp_path
) -> None:
    wanted = {"name": "Paul", "organisation": "msa"}
    answer = office.send(f"{HOME}/telephones/ajouter", **wanted)
    assert "guichet-counsellor set-up counsellor-msa-2.toml" in read(answer)
    [packed] = re.findall('data:application/octet-stream;base64,([^"]+)"', answer.text)
    bundle = tomllib.loads(b64decode(html.unescape(packed)).decode())
    assert bundle["sip"]["ca"] == (tmp_path / "tls/ca.pem").read_text()
    assert "ca_file" not in bundle["sip"]


def test_the_same_form_sent_twice_makes_one_code(office, database) -> None:
    form = office.form(PAGE, "/rattacher")
    first = office.client.post(form.action, data=form.values)
    again = office.client.post(form.action, data=form.values, follow_redirects=True)
    [code] = set(CODE.findall(first.text))
    assert "Rien n'a été fait deux fois." in read(again)
    MachineAccess(database).enrol(code, "0" * 32, MACHINE)
    assert kiosk_in(database).machine_name == "pc-de-guise"


def test_a_file_is_asked_about_then_given_once(office, ground, database) -> None:
    form = office.form(PAGE, "/fichier")
    asked = office.post(form.action, form.values)
    assert "n'a plus accès aussitôt" in read(asked)
    assert acts(database) == []
    answer = office.press(PAGE, "/fichier")
    [address] = re.findall(
        rf'href="data:[^,"]+,([^"]+)" download="{KIOSK}.guichet"', answer.text
    )
    told = json.loads(b64decode(address))
    assert told["bundle"]["kiosk"]["slug"] == KIOSK
    assert told["authorities"]["sip"].startswith("-----BEGIN CERTIFICATE-----")
    assert acts(database) == [("enrolment_file_made", "kiosk", KIOSK)]
    client = office.client
    for token, status in (
        (told["bundle"]["kiosk"]["token"], 200),
        (ground.kiosk_tokens[KIOSK], 401),
    ):
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/api/kiosk/v1/call", headers=headers).status_code == status
    kiosk = kiosk_in(database)
    assert kiosk.enrolled_at is not None and kiosk.machine_id is None


@pytest.mark.parametrize("act", ["/rattacher", "/fichier"])
def test_a_site_that_is_not_set_up_says_what_is_missing(
    new_app, ground, database, act
) -> None:
    office = AdministratorDesk(new_app(ground), ground.passwords, ADMINISTRATOR)
    answer = office.press(PAGE, act)
    assert "sip_server et sip_ca_file" in read(answer)
    assert acts(database) == []
    assert kiosk_in(database).enrolled_at is None


def test_a_kiosk_is_shut_out_and_the_page_says_so(office, ground, database) -> None:
    MachineAccess(database).make_code(KIOSK)
    answer = read(office.press(PAGE, "/couper"))
    assert "L'accès est coupé." in answer
    assert "Coupé le" in answer and "se terminent" in answer
    assert acts(database) == [("locked_out", "kiosk", KIOSK)]
    headers = {"Authorization": f"Bearer {ground.kiosk_tokens[KIOSK]}"}
    called = office.client.get("/api/kiosk/v1/call", headers=headers)
    assert called.status_code == 401
    now = utc_now()
    with database.write() as session:
        assert session.scalars(select(KioskEnrolment)).all() == []
        mark_cut(session, KIOSK, now, now)
    page = office.page(PAGE)
    assert "Coupé le" in page and "se terminent" not in page
    code = MachineAccess(database).make_code(KIOSK)
    MachineAccess(database).enrol(code, "0" * 32, MACHINE)
    assert "Coupé le" not in office.page(PAGE)


def test_a_counsellors_telephone_is_shut_out_until_it_has_a_new_secret(
    office, database
) -> None:
    assert "Coupé le" in read(office.press(PHONE, "/couper"))
    with database.read() as session:
        assert session.get_one(EndpointCut, "counsellor-msa-1").done_at is None
    office.press(PHONE, "/secret")
    assert "Coupé le" not in office.page(PHONE)


def test_of_two_administrators_at_once_the_later_code_is_good(
    app, ground, office, database
) -> None:
    other = AdministratorDesk(app, ground.passwords, ADMINISTRATOR)
    codes = [
        CODE.findall(each.press(PAGE, "/rattacher").text)[0] for each in (office, other)
    ]
    access = MachineAccess(database)
    with pytest.raises(Exception, match="no such code"):
        access.enrol(codes[0], "0" * 32, MACHINE)
    access.enrol(codes[1], "0" * 32, MACHINE)
    assert kiosk_in(database).machine_id == MACHINE.id
