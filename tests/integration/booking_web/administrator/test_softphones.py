# SPDX-License-Identifier: AGPL-3.0-or-later
"""A softphone's link: made by the administrator, looked at by anybody, opened once."""

import io
import re
import stat
import xml.etree.ElementTree as ET
import zipfile
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from sqlalchemy import select, update

from booking_web.base.settings import SettingsError
from booking_web.shell.site.softphone_server import softphone_server
from provisioning.bundles.linphone import NAMESPACE, REQUEST_HEADER
from provisioning.database.engine import Database
from provisioning.database.models import (
    Counsellor,
    SipTransport,
    SoftphoneKind,
    SoftphoneLink,
)
from provisioning.database.realtime import PjsipAuth
from provisioning.directory.credentials import SipSecret, sip_password_digest
from provisioning.directory.service import Directory, removal_of
from provisioning.directory.softphone_links import LinkRefused, find_link, make_link
from provisioning.directory.softphone_opening import open_link
from stage.administrator_desk import HOME, AdministratorDesk, acts, read, secrets_of
from stage.clock import Clock
from stage.html_forms import forms_of

ADMINISTRATOR = "admin@guichet.example"
PHONE = "counsellor-msa-2"
PAGE = f"{HOME}/telephones/{PHONE}"
LINPHONE = {REQUEST_HEADER: "1", "User-Agent": "Unknown"}
MADE, OPENED = "softphone_link_made", "softphone_link_opened"


@pytest.fixture
def clock() -> Clock:
    """Give the time, which a test may move."""
    return Clock(datetime(2031, 1, 2, 9, tzinfo=UTC))


@pytest.fixture
def authority(tmp_path):
    """Give the file of an authority, as a site names it."""
    file = tmp_path / "ca.pem"
    file.write_text("-----BEGIN CERTIFICATE-----\n")
    return file


@pytest.fixture
def app(new_app, ground, clock, authority):
    """Give the pages of a site that says how its Asterisk is reached."""
    return new_app(
        ground, now=clock, sip_server="sip.example", sip_ca_file=str(authority)
    )


@pytest.fixture
def office(app, ground) -> AdministratorDesk:
    """Give the administrator, who has added a softphone."""
    office = AdministratorDesk(app, ground.passwords, ADMINISTRATOR)
    office.send(
        f"{HOME}/telephones/ajouter",
        name='Mme "Leroy"; <MSA>',
        organisation="msa",
        program="logiciel",
    )
    return office


@pytest.fixture
def anybody(app):
    """Give whoever has the link, and no account."""
    return app.test_client()


def new_link(office: AdministratorDesk, **values: str) -> str:
    """Press the button and give the path of the link on the sheet."""
    form = office.form(PAGE, "/lien")
    answer = office.post(form.action, form.values | {"kind": "linphone"} | values)
    link = secrets_of(answer.text)["Lien du téléphone"]
    assert link.startswith("https://guichet.example/telephone/")
    return link.removeprefix("https://guichet.example")


def digest_of(database) -> str:
    """Give the digest by which Asterisk lets the softphone in."""
    with database.read() as session:
        return session.get_one(PjsipAuth, PHONE).password_digest


def entries(xml: bytes) -> dict[str, dict[str, str]]:
    """Read Linphone's document: each section, with its entries."""
    root = ET.fromstring(xml)
    assert root.tag == f"{{{NAMESPACE}}}config"
    return {
        section.attrib["name"]: {
            entry.attrib["name"]: entry.text or "" for entry in section
        }
        for section in root
    }


def save(client, link: str):
    """Press the page's button."""
    [form] = [each for each in forms_of(client.get(link).text) if each.values]
    return client.post(link, data=form.values)


def test_to_look_at_a_link_changes_nothing(office, anybody, database) -> None:
    before = digest_of(database)
    link = new_link(office)
    for headers in ({}, {"User-Agent": "Outlook-SafeLinks"}, {"Accept": "*/*"}):
        page = anybody.get(link, headers=headers)
        assert page.status_code == 200
        assert "Il sert une seule fois." in read(page)
        assert "<svg" in page.text and "*55" in page.text
        assert page.headers["Cache-Control"] == "no-store"
    assert anybody.head(link, headers=LINPHONE).status_code == 200
    assert digest_of(database) == before
    assert [act for act, _, _ in acts(database)] == ["added", MADE]


def test_linphone_gets_its_settings_once_with_the_digest_alone(
    office, anybody, database
) -> None:
    link, before = new_link(office), digest_of(database)
    answer = anybody.get(link, headers=LINPHONE)
    assert answer.status_code == 200
    assert answer.mimetype == "application/xml"
    assert answer.headers["Cache-Control"] == "no-store"
    told = entries(answer.data)
    assert told["auth_info_0"] | {"ha1": ""} == {
        "username": PHONE,
        "userid": PHONE,
        "ha1": "",
        "realm": "asterisk",
        "domain": "sip.example",
        "algorithm": "MD5",
    }
    after = digest_of(database)
    assert f"MD5:{told['auth_info_0']['ha1']}," in after and after != before
    assert told["proxy_0"]["reg_proxy"] == "<sip:sip.example:5061;transport=tls>"
    identity = f'"Mme  Leroy    MSA" <sip:{PHONE}@sip.example>'
    assert told["proxy_0"]["reg_identity"] == identity
    assert told["misc"]["transient_provisioning"] == "1"
    assert acts(database)[-1] == (OPENED, "counsellor", PHONE)
    page = office.page(PAGE)
    assert "lien du téléphone ouvert, nouveau secret" in page
    assert "par la personne qui avait le lien" in page
    # Whoever comes second, by whatever door, gets nothing, and the secret stays.
    for again in (anybody.get(link, headers=LINPHONE), anybody.get(link)):
        assert again.status_code == 410
        assert "Ce lien ne marche plus" in read(again)
    assert digest_of(database) == after


def test_a_link_that_nobody_made_is_refused_in_the_same_words(office, anybody) -> None:
    link = new_link(office)
    anybody.get(link, headers=LINPHONE)
    used, unknown = anybody.get(link), anybody.get("/telephone/" + "x" * 43)
    assert (used.status_code, unknown.status_code) == (410, 404)
    assert read(used).replace(link, "") == read(unknown).replace(
        "/telephone/" + "x" * 43, ""
    )


def test_a_link_ends_after_seven_days(office, anybody, clock, database) -> None:
    link, before = new_link(office), digest_of(database)
    clock.now += timedelta(days=7) - timedelta(seconds=1)
    assert anybody.get(link).status_code == 200
    clock.now += timedelta(seconds=1)
    assert anybody.get(link).status_code == 410
    assert anybody.get(link, headers=LINPHONE).status_code == 410
    assert digest_of(database) == before


def test_a_new_link_ends_the_one_before(office, anybody) -> None:
    first = new_link(office)
    second = new_link(office)
    assert anybody.get(first, headers=LINPHONE).status_code == 410
    assert anybody.get(second, headers=LINPHONE).status_code == 200


@pytest.mark.parametrize("act", ["couper", "secret"])
def test_whoever_is_locked_out_does_not_come_back_by_a_link(
    office, anybody, database, act
) -> None:
    link = new_link(office)
    office.press(PAGE, f"/{act}")
    locked = digest_of(database)
    assert anybody.get(link, headers=LINPHONE).status_code == 410
    assert digest_of(database) == locked


def test_a_counsellor_with_our_own_program_has_no_link(
    office, anybody, database
) -> None:
    link = new_link(office)
    changed = office.form(PAGE).values | {"program": "guichet"}
    office.agree(office.post(PAGE, changed))
    # The link was made for a softphone, which would not be let in.
    assert anybody.get(link, headers=LINPHONE).status_code == 404
    assert "Logiciel de téléphonie" not in office.page(PAGE)
    refused = office.post(f"{PAGE}/lien", office.form(PAGE, "/couper").values)
    assert "Choisissez d'abord" in read(refused)
    with database.read() as session:
        assert len(list(session.scalars(select(SoftphoneLink)))) == 1


def test_of_two_who_open_a_link_at_once_one_is_refused(either_ground) -> None:
    now, slug = datetime.now(UTC), "counsellor-msa-1"
    database = Database(either_ground.url)
    with database.write() as session:
        softphone = update(Counsellor).where(Counsellor.slug == slug)
        session.execute(softphone.values(softphone=True))
        kind, transport = SoftphoneKind.LINPHONE, SipTransport.TLS
        token = make_link(session, slug, kind, transport, now)

    def attempt(_number: int) -> str:
        try:
            return open_link(database, token, now).secret.secret
        except LinkRefused:
            return ""

    with ThreadPoolExecutor(8) as pool:
        secrets = [each for each in pool.map(attempt, range(8)) if each]
    assert len(secrets) == 1
    with database.read() as session:
        digest = session.get_one(PjsipAuth, slug).password_digest
    database.dispose()
    assert digest == sip_password_digest(SipSecret(slug, secrets[0]), with_md5=True)


def test_what_goes_wrong_while_a_link_is_opened_leaves_it_open(
    office, database, clock
) -> None:
    token, before = new_link(office).rpartition("/")[2], digest_of(database)

    def fail(*_args: object) -> None:
        raise OSError("no space left on device")

    with pytest.raises(OSError):
        open_link(database, token, clock.now, fail)
    assert digest_of(database) == before
    with database.read() as session:
        link = find_link(session, token, clock.now)
    assert link is not None and not link.is_over


def test_a_link_goes_with_its_counsellor(office, anybody, database) -> None:
    link = new_link(office)
    Directory(database).apply(removal_of([PHONE]), lambda _outcome: None)
    assert anybody.get(link).status_code == 404
    with database.read() as session:
        assert list(session.scalars(select(SoftphoneLink))) == []


def test_the_form_that_made_a_link_makes_no_second_one(
    office, anybody, database
) -> None:
    form = office.form(PAGE, "/lien")
    first = office.post(form.action, form.values)
    again = office.post(form.action, form.values)
    assert "Rien n'a été fait deux fois." in read(again)
    link = secrets_of(first.text)["Lien du téléphone"]
    path = link.removeprefix("https://guichet.example")
    assert anybody.get(path).status_code == 200


def test_the_pages_button_gives_linphones_file_once(office, anybody) -> None:
    link = new_link(office)
    saved = save(anybody, link)
    assert saved.status_code == 200
    assert saved.headers["Content-Disposition"] == 'attachment; filename="linphone.xml"'
    assert entries(saved.data)["auth_info_0"]["username"] == PHONE
    assert anybody.get(link, headers=LINPHONE).status_code == 410


def test_baresips_folder_is_saved_once_and_is_its_owners_alone(
    office, anybody, authority
) -> None:
    link = new_link(office, kind="baresip")
    # Linphone cannot use it, and does not use it up.
    assert anybody.get(link, headers=LINPHONE).mimetype == "text/html"
    saved = save(anybody, link)
    assert saved.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(saved.data)) as folder:
        modes = {
            each.filename: stat.filemode(each.external_attr >> 16)
            for each in folder.infolist()
        }
        account = folder.read("baresip/accounts").decode()
        trusted = folder.read("baresip/ca.pem").decode()
    private = "-rw-------"
    assert modes == {
        "baresip/accounts": private,
        "baresip/config": private,
        "baresip/contacts": private,
        "baresip/ca.pem": private,
        "baresip/start": "-rwx------",
    }
    assert account.startswith(f'"Mme  Leroy    MSA" <sip:{PHONE}@sip.example:5061;')
    assert trusted == authority.read_text()
    assert anybody.post(link).status_code in (400, 410)
    assert anybody.get(link).status_code == 410


def test_the_sheets_paper_says_link_steps_and_codes_on_one_page(office) -> None:
    form = office.form(PAGE, "/lien")
    answer = office.post(form.action, form.values | {"kind": "linphone"})
    link = secrets_of(answer.text)["Lien du téléphone"]
    text = paper_of(answer.text)
    assert link in re.sub(r"\s", "", text)
    assert "jeudi 9 janvier 2031" in text
    for words in ("Scanner un QR code", "*55", "*56", "*9#", "en main propre"):
        assert words in text


def test_the_sheet_of_settings_is_asked_for_and_lets_a_softphone_in(
    office, database
) -> None:
    before = digest_of(database)
    form = office.form(PAGE, "/lien")
    question = office.post(f"{PAGE}/reglages", form.values)
    assert digest_of(database) == before
    answer = office.agree(question)
    shown = secrets_of(read(answer))
    assert shown["Serveur, ou domaine"] == "sip.example"
    assert shown["Port"] == "5061" and shown["Transport"] == "TLS"
    assert shown["Nom d'utilisateur"] == PHONE
    assert digest_of(database) != before
    assert shown["Mot de passe"] in re.sub(r"\s", "", paper_of(answer.text))


def test_softphones_come_in_clear_only_where_the_site_opens_a_port(
    new_app, ground, office, database
) -> None:
    form = office.form(PAGE, "/lien")
    refused = office.post(form.action, form.values | {"transport": "udp"})
    assert "Lien du téléphone" not in refused.text
    app = new_app(ground, sip_server="sip.example", sip_plain_port=5060)
    office = AdministratorDesk(app, ground.passwords, ADMINISTRATOR)
    form = office.form(PAGE, "/lien")
    refused = office.post(form.action, form.values | {"transport": "tcp"})
    assert "Ce téléphone doit être chiffré" in read(refused)
    office.post(PAGE, office.form(PAGE).values | {"in_clear": "y"})
    link = new_link(office, transport="tcp")
    told = entries(app.test_client().get(link, headers=LINPHONE).data)
    assert told["proxy_0"]["reg_proxy"] == "<sip:sip.example:5060;transport=tcp>"
    assert told["sip"]["media_encryption"] == "none"
    assert "root_ca" not in told["sip"]


def test_who_must_be_encrypted_from_now_on_gets_no_link_in_clear_opened(
    new_app, ground, office
) -> None:
    app = new_app(ground, sip_server="sip.example", sip_plain_port=5060)
    office = AdministratorDesk(app, ground.passwords, ADMINISTRATOR)
    office.post(PAGE, office.form(PAGE).values | {"in_clear": "y"})
    link = new_link(office, transport="udp")
    changed = office.form(PAGE).values
    del changed["in_clear"]
    office.agree(office.post(PAGE, changed))
    assert app.test_client().get(link, headers=LINPHONE).status_code == 404
    told = entries(app.test_client().get(new_link(office), headers=LINPHONE).data)
    assert told["sip"]["media_encryption_mandatory"] == "1"


def test_a_site_that_does_not_say_where_its_asterisk_is_makes_no_link(
    new_app, ground, database, office
) -> None:
    office = AdministratorDesk(new_app(ground), ground.passwords, ADMINISTRATOR)
    form = office.form(PAGE, "/lien")
    assert "réglez sip_server" in read(office.post(form.action, form.values))
    with database.read() as session:
        assert list(session.scalars(select(SoftphoneLink))) == []


def test_an_authority_that_cannot_be_read_uses_no_link_up(
    office, anybody, authority, ground, database
) -> None:
    link, before = new_link(office), digest_of(database)
    authority.unlink()
    with pytest.raises(SettingsError, match="sip_ca_file"):
        softphone_server(ground.settings(sip_server="x", sip_ca_file=str(authority)))
    assert anybody.get(link, headers=LINPHONE).status_code == 500
    assert digest_of(database) == before
    authority.write_text("-----BEGIN CERTIFICATE-----\n")
    assert anybody.get(link, headers=LINPHONE).status_code == 200


def paper_of(page: str) -> str:
    """Read the one page of the PDF that the sheet offers."""
    address = re.search(r'href="data:[^,"]+,([^"]+)" download="[^"]+\.pdf"', page)
    assert address is not None
    document = pypdfium2.PdfDocument(b64decode(address[1]))
    assert len(document) == 1
    # PDFium tells a hyphen at the end of a line so.
    return document[0].get_textpage().get_text_bounded().replace("\x02", "-")
