# SPDX-License-Identifier: AGPL-3.0-or-later
"""The fleet's pages: every machine, what is wrong with it, and what it is asked to do."""

import gzip
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.fleet.alerts.findings import Finding, Subject
from booking_web.domain.fleet.alerts.people import Ways
from booking_web.domain.fleet.alerts.raising import settle_alerts
from booking_web.domain.fleet.diagnosis import keep_archive
from booking_web.domain.fleet.machines import (
    TellsOfMachine,
    note_misused_token,
    note_stranger,
    take_machine_report,
)
from booking_web.domain.fleet.orders import ask_kiosk, hand_out
from booking_web.domain.fleet.self_tests import Check, TellsOfSelfTest, take_self_test
from booking_web.tables.alerts import AlertKind
from booking_web.tables.fleet import (
    CheckState,
    KioskOrder,
    NodeReport,
    OrderKind,
    TestReason,
)
from provisioning.database.models import Kiosk
from stage.administrator_desk import HOME, AdministratorDesk, read
from stage.html_forms import forms_of

# 12:00 in Paris.
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
ADMINISTRATOR = "admin@guichet.example"
FLEET, WASSIGNY = f"{HOME}/parc", "kiosk-wassigny"
KIOSK = f"{FLEET}/bornes/{WASSIGNY}"


@pytest.fixture
def app(new_app, ground):
    """Give the application at noon of a Tuesday."""
    return new_app(ground, now=lambda: NOON)


@pytest.fixture
def office(app, ground) -> AdministratorDesk:
    """Give the administrator at the pages."""
    return AdministratorDesk(app, ground.passwords, ADMINISTRATOR)


@pytest.fixture
def kiosk_id(database) -> int:
    with database.read() as session:
        return session.scalars(select(Kiosk.id).where(Kiosk.slug == WASSIGNY)).one()


@pytest.fixture
def heard(database, kiosk_id):
    """Give a function that has the machine tell how it is."""

    def tell(at=NOON - timedelta(minutes=1), **told):
        usual = {
            "version": "1.2.0",
            "machine_id": "a" * 64,
            "clock": at,
            "address": "192.0.2.7",
            "disk_free_bytes": 41_000_000_000,
            "disk_bytes": 64_000_000_000,
            "certificate_ends": NOON + timedelta(days=60),
            "packages": {"chromium": "140.0"},
            "screens": [{"name": "HDMI-1", "width": 1920}],
        }
        with database.write() as session:
            take_machine_report(session, kiosk_id, TellsOfMachine(**usual | told), at)

    return tell


@pytest.fixture
def tested(database, kiosk_id):
    """Give a function that has the kiosk find these failures."""

    def write(*failed, at=NOON - timedelta(hours=4), **details):
        checks = [Check(name, CheckState.FAILED, why, details) for name, why in failed]
        checks += [Check("disk", CheckState.OK), Check("scanner", CheckState.ABSENT)]
        told = TellsOfSelfTest(version="1", reason=TestReason.MORNING, checks=checks)
        with database.write() as session:
            take_self_test(session, kiosk_id, told, at)

    return write


def line_of(office, name=WASSIGNY, address=FLEET) -> str:
    """Give a machine's line of the list, in words."""
    rows = re.findall(r"<tr role=\"row\">(.*?)</tr>", office.page(address), re.DOTALL)
    [row] = [each for each in rows if f">{name}</a>" in each]
    row = re.sub(r'<span class="column-name".*?</span>', "", row)
    return " ".join(re.sub(r"<[^>]*>", " ", row).split())


def test_a_kiosk_that_was_never_heard_is_told_apart(office) -> None:
    assert line_of(office) == "kiosk-wassigny Relais de Wassigny – jamais – – – – – – –"
    assert "Jamais vues</a>" not in office.page(FLEET)
    assert "Jamais vues (3)" in office.page(FLEET)


def test_a_machine_that_is_well(office, heard, tested) -> None:
    heard()
    tested()
    assert line_of(office) == (
        "kiosk-wassigny Relais de Wassigny en ordre 11 h 59 1.2.0 – 41 Go sur 64 Go "
        "juste 192.0.2.7 23 janvier 2027 –"
    )
    assert "À voir (2)" in office.page(FLEET)
    assert WASSIGNY not in office.page(f"{FLEET}?montre=a-voir").split("<tbody")[1]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"at": NOON - timedelta(minutes=20)}, "11 h 40"),
        ({"at": NOON - timedelta(days=3)}, "21 novembre 2026"),
        ({"disk_free_bytes": 500_000_000}, "500 Mo sur 64 Go"),
        ({"clock": NOON - timedelta(hours=3)}, "retarde de 3 heures"),
        ({"certificate_ends": NOON + timedelta(days=5)}, "29 novembre 2026"),
    ],
)
def test_what_is_wrong_with_a_machine_is_marked_and_can_be_picked_out(
    office, heard, told, said
) -> None:
    heard(**told)
    assert said in line_of(office)
    page = office.page(f"{FLEET}?montre=a-voir").replace("\xa0", " ")
    assert f'<span class="mark mark-trouble">{said}</span>' in page


def test_a_red_self_test_is_marked_by_what_failed(office, heard, tested) -> None:
    heard()
    tested(("screens", "one_screen"), ("camera", "black_picture"))
    said = "panne : Écrans, Caméra"
    page = office.page(f"{FLEET}?montre=auto-test-rouge")
    assert f'<span class="mark mark-trouble">{said}</span>' in page
    first = office.page(f"{FLEET}?tri=auto-test").split("<tbody")[1]
    assert first.index(WASSIGNY) < first.index("kiosk-guise")


def test_one_click_away_are_the_sentence_and_the_details(office, tested) -> None:
    tested(("sound", "no_tone"), level_db=-71.5, device="hw:1")
    page = office.page(KIOSK)
    assert "Le micro n'entend pas le haut-parleur" in page
    assert "Le son joué par le haut-parleur ne revient pas" in page
    assert "<dt>level_db</dt><dd>-71.5</dd>" in page
    assert "<dt>device</dt><dd>hw:1</dd>" in page
    assert "pas sur cette borne" in page


def test_hostile_words_of_a_kiosk_are_shown_as_words(office, heard, tested) -> None:
    evil = "<script>alert(1)</script>"
    heard(version=evil, address=evil, screens=[evil], packages={evil: evil})
    tested(("fan", "x"), **{evil: evil})
    for address in (FLEET, KIOSK):
        page = office.client.get(address).text
        assert evil not in page and "&lt;script&gt;alert" in page


def test_a_server_is_a_machine_too(office, database) -> None:
    with database.write() as session:
        session.add(
            NodeReport(
                name="counter-1",
                heard_at=NOON,
                version="1.2.0",
                disk_free_bytes=1_000_000_000,
                disk_bytes=50_000_000_000,
                is_backup_watched=True,
                backed_up_at=NOON - timedelta(days=3),
            )
        )
    said = line_of(office, "counter-1")
    assert "Serveur sauvegarde trop vieille 12 h 00 1.2.0 – 1 Go sur 50 Go" in said
    page = office.page(f"{FLEET}/serveur/counter-1")
    assert "21 novembre 2026, 12 h 00" in page and "Contrôles" not in page
    for failing, told in (("disk units", "en panne : disk, units"), ("", "en ordre")):
        with database.write() as session:
            session.get_one(NodeReport, "counter-1").failing = failing
        page = office.page(f"{FLEET}/serveur/counter-1")
        assert "Contrôles" in page and told in page
        said = line_of(office, "counter-1")
        assert (f"Serveur {told}, sauvegarde" in said) is bool(failing)
    assert office.client.get(f"{FLEET}/serveur/other").status_code == 404


def press(office, act):
    [form] = [
        form
        for form in forms_of(office.client.get(KIOSK).text)
        if form.action.endswith(act)
    ]
    return office.client.post(form.action, data=form.values, follow_redirects=True)


@pytest.mark.parametrize(
    ("act", "kind", "said"),
    [
        ("/auto-test", "self_test", "L'auto-test est demandé."),
        ("/diagnostic", "diagnose", "Le diagnostic est demandé."),
    ],
)
def test_a_button_asks_the_kiosk_once_and_says_so(
    office, database, act, kind, said
) -> None:
    page = read(press(office, act))
    assert said in page and "Un " in page
    # The button is gone; one that another page still shows asks for nothing more.
    token = forms_of(page)[0].values["csrf_token"]
    office.client.post(KIOSK + act, data={"csrf_token": token})
    with database.read() as session:
        [order] = session.scalars(select(KioskOrder)).all()
    assert (order.kind, order.state) == (kind, "waiting")
    assert office.page(f"{FLEET}?montre=demandes").count(WASSIGNY) >= 1
    assert "attend la borne" in office.page(KIOSK)


def test_the_archive_is_downloaded_once(office, database, kiosk_id) -> None:
    content = gzip.compress(b"logs")
    with database.write() as session:
        number = ask_kiosk(session, kiosk_id, OrderKind.DIAGNOSE, "user:1", NOON).id
        hand_out(session, kiosk_id, NOON)
        keep_archive(session, kiosk_id, number, content, NOON)
    stale = forms_of(office.client.get(KIOSK).text)
    answer = press(office, f"/archive/{number}")
    assert answer.data == content
    assert answer.mimetype == "application/gzip"
    assert "kiosk-wassigny-2026-11-24.tar.gz" in answer.headers["Content-Disposition"]
    [form] = [each for each in stale if "/archive/" in each.action]
    again = office.client.post(form.action, data=form.values, follow_redirects=True)
    assert "Cette archive a déjà été téléchargée." in read(again)
    assert "Télécharger" not in office.page(KIOSK)


def test_another_machine_with_the_kiosks_token_is_told(
    office, heard, database, kiosk_id
) -> None:
    heard()
    with database.write() as session:
        note_stranger(session, kiosk_id, "b" * 64, "198.51.100.9", NOON)
    assert "une autre machine" in line_of(office)
    page = office.page(KIOSK)
    assert "Une autre machine (bbbbbbbbbbbb)" in page and "198.51.100.9" in page


def test_a_token_in_other_hands_is_told_until_it_opens_nothing(
    office, heard, database, kiosk_id
) -> None:
    heard()
    with database.write() as session:
        kiosk = session.get_one(Kiosk, kiosk_id)
        note_misused_token(session, kiosk_id, kiosk.token_digest, "198.51.100.9", NOON)
    assert "jeton connu d'un autre" in line_of(office)
    page = office.page(KIOSK)
    assert "De l'adresse 198.51.100.9" in page and "guichet-provision rotate" in page
    with database.write() as session:
        session.get_one(Kiosk, kiosk_id).token_digest = "e" * 64
    assert "198.51.100.9" not in office.page(KIOSK)


def test_an_open_page_is_given_what_it_does_not_show(office, heard) -> None:
    page = office.client.get(FLEET).text
    seen = re.findall(
        r'<div id="(alerts|openings|rings|fleet)"[^>]* data-seen="(\w+)"', page
    )
    address = f"{FLEET}/changements?vu={','.join(':'.join(each) for each in seen)}"
    assert office.client.get(address).status_code == 204
    heard()
    assert "11 h 59" in read(office.client.get(address))
    part = re.search(r'id="machine" data-seen="(\w+)"', office.client.get(KIOSK).text)
    address = f"{KIOSK}/changements?vu=machine:{part[1]}"
    assert office.client.get(address).status_code == 204
    press(office, "/auto-test")
    assert "Un auto-test est demandé." in read(office.client.get(address))


def test_alerts_that_go_on_stand_above_the_list(office, database) -> None:
    assert "Alertes en cours" not in office.page(FLEET)
    finding = Finding(Subject(AlertKind.BACKUP_OLD, "host-1"), "")
    with database.write() as session:
        settle_alerts(session, [finding], Ways(), NOON)
    page = " ".join(office.page(FLEET).split())
    assert "Alertes en cours (1)" in page
    assert "host-1 : sauvegarde trop vieille</strong>, depuis : 24 novembre" in page
    answer = office.client.get(f"{FLEET}/changements")
    assert "Alertes en cours (1)" in read(answer)


def test_a_kiosk_that_does_not_exist_is_not_found(office) -> None:
    token = forms_of(office.client.get(KIOSK).text)[0].values["csrf_token"]
    missing = f"{FLEET}/bornes/kiosk-nowhere"
    assert office.client.get(missing).status_code == 404
    assert office.client.get(f"{missing}/changements").status_code == 404
    for act in ("auto-test", "diagnostic", "archive/1"):
        answer = office.client.post(f"{missing}/{act}", data={"csrf_token": token})
        assert answer.status_code == 404


def test_without_any_machine_the_page_says_what_to_do(office, database) -> None:
    page = office.page(f"{FLEET}?cherche=nulle-part")
    assert "Rien ne correspond." in page
