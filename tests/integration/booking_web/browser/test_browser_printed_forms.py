# SPDX-License-Identifier: AGPL-3.0-or-later
"""A form is printed, scanned at the kiosk and read, before a page that nobody touches."""

import os
import re
import uuid
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.forms.library import Sent
from booking_web.tables.appointment import Appointment
from device_bridge.server.port import ScanAnnouncement
from provisioning.database.models import Organisation
from stage import scanned_sheets as scans
from stage.chromium import check_page
from stage.kiosk_ground import archive_of, in_call, kiosk_client
from stage.waiting import wait_for
from tests.factories.drafts import appointment_of
from tests.factories.orders import add_resident
from tests.factories.printed_forms import BOX, Paper

pytestmark = pytest.mark.real

MSA = "conseiller@msa.example"
SCREEN = {"width": 1920, "height": 1080}
# A laptop's window at 200 %.
NARROW = {"width": 683, "height": 384}


@pytest.fixture
def paper(server, ground, database) -> Paper:
    """Give what prints and reads, on the server's own store."""
    return Paper.on(
        database, archive_of(database, ground.url, server.front_folder.parent)
    )


@pytest.fixture
def begun(paper, database) -> tuple[int, int]:
    """Give an appointment in call and a draft that is filled in for it."""
    with database.read() as session:
        query = select(Organisation.id).where(Organisation.slug == "msa")
        sent = Sent(session.scalars(query).one(), "user:1", "submission 1")
    return paper.begin(sent, in_call(database))


@pytest.fixture
def deliver(server, ground, begun) -> Callable[[list[Image.Image]], None]:
    """Give a function that brings a scan, as the kiosk does."""
    kiosk = kiosk_client(server.url, ground.kiosk_tokens["kiosk-wassigny"])

    def bring(pages: list[Image.Image]) -> None:
        scan = scans.one_scan(pages)
        upload, offset = kiosk.begin_upload(
            ScanAnnouncement(
                appointment=begun[0],
                job=str(uuid.uuid4()),
                sha256=sha256(scan).hexdigest(),
                size=len(scan),
                pages=len(pages),
                verdicts=(),
            )
        )
        kiosk.send_chunk(upload, offset, scan)

    return bring


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page where somebody wants to look at it."""
    if folder := os.environ.get("GUICHET_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_what_comes_back_is_told_live_until_it_is_kept(
    signed_in, begun, deliver, paper
) -> None:
    appointment, draft = begun
    page = signed_in(MSA, viewport={"width": 1366, "height": 768})
    page.goto(f"/rendez-vous/{appointment}/brouillons/{draft}")
    page.get_by_role("button", name="Imprimer et faire signer").click()
    section = page.locator("#returns")
    expect(section).to_contain_text("2 pages imprimées, aucune revenue.")
    expect(page.locator("#live-link")).to_contain_text("Mise à jour en direct")
    picture(page, "printed")
    first, second = paper.sheets(appointment, 1)
    other = scans.laid_on(first, scans.Glass(turned=186, noise=6))
    # From here on nobody touches the page.
    deliver([second, other])
    expect(section).to_contain_text("page 2 : la case de signature est vide")
    check_page(page)
    picture(page, "unsigned")
    section.get_by_role("button", name=re.compile("Numériser la page 2")).click()
    expect(page.locator(".notice")).to_contain_text("Le second écran montre la page 2")
    expect(page.locator("#live-link")).to_contain_text("Mise à jour en direct")
    deliver([scans.signed(second, BOX)])
    expect(section).to_contain_text("tout y est")
    check_page(page)
    picture(page, "complete")
    section.get_by_role("button", name=re.compile("Garder le formulaire signé")).click()
    expect(section).to_contain_text("Signé et gardé : document 4.")
    check_page(page)
    picture(page, "kept")


def test_the_page_that_is_asked_for_is_seen_with_a_ring_around_the_box_to_sign(
    signed_in, new_page, ground, begun, paper
) -> None:
    appointment, draft = begun
    paper.print(appointment, draft)
    first, second = paper.sheets(appointment, 1)
    paper.scan(appointment, [first, second])
    screen = new_page(viewport=SCREEN)
    screen.goto(ground.screen_address("kiosk-wassigny"))
    screen.wait_for_url("**/borne")
    page = signed_in(MSA)
    page.goto(f"/rendez-vous/{appointment}")
    page.get_by_role("button", name=re.compile("Numériser la page 2")).click()
    expect(page.locator(".notice")).to_contain_text("Le second écran montre la page 2")
    for drawing in ("sign", "lay_on_glass"):
        expect(screen.locator(f"main .drawing-{drawing}")).to_be_visible()
    expect(screen.locator("#words")).to_be_hidden()
    painted = "all => all.every(each => each.naturalWidth > 0)"
    wait_for(
        lambda: screen.locator(".asked img").evaluate_all(painted), "the page's picture"
    )
    check_page(screen, "kiosk-asked-page")
    sheet, ring = (
        screen.locator(each).bounding_box() for each in (".asked img", "ellipse.ring")
    )
    points = sheet["height"] / 842
    assert abs(sheet["width"] / points - 595) < 2
    left, top, width, height = BOX
    assert ring["x"] < sheet["x"] + left * points
    assert ring["x"] + ring["width"] > sheet["x"] + (left + width) * points
    middle = sheet["y"] + (top + height / 2) * points
    assert abs(ring["y"] + ring["height"] / 2 - middle) < 3
    for each in (".asked figcaption", ".told", ".picture"):
        box = screen.locator(f"main {each}").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= SCREEN["width"]
        assert box["y"] >= 0 and box["y"] + box["height"] <= SCREEN["height"]


def test_a_page_is_looked_at_and_named(signed_in, begun, paper) -> None:
    appointment, draft = begun
    paper.print(appointment, draft)
    first, second = paper.sheets(appointment, 1)
    cut_off = second.crop((0, 0, second.width, round(second.height * 0.8)))
    paper.scan(appointment, [first, cut_off.rotate(180)])
    page = signed_in(MSA, viewport=NARROW, device_scale_factor=2)
    page.goto(f"/rendez-vous/{appointment}")
    check_page(page)
    picture(page, "astray")
    page.locator(".strays a").click()
    check_page(page)
    page.select_option("#page", label="Page 2 de « Déclaration » (document 1)")
    page.select_option("#sens", "180")
    picture(page, "page")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("#returns")).to_contain_text("la signature est à regarder")
    page.get_by_role("link", name=re.compile("page 2")).first.click()
    check_page(page)
    picture(page, "named")
    page.get_by_role("button", name="La signature est bonne").click()
    expect(page.locator("#returns")).to_contain_text("tout y est")


def test_what_would_print_badly_leads_back_to_its_field(
    signed_in, begun, paper
) -> None:
    appointment, draft = begun
    paper.fill_in(draft, "")
    page = signed_in(MSA)
    page.goto(f"/rendez-vous/{appointment}/brouillons/{draft}/imprimer")
    check_page(page)
    picture(page, "confirm")
    page.get_by_role("link", name="Nom").click()
    expect(page.locator("#c0")).to_be_visible()


def test_a_form_brought_later_is_asked_about_and_kept_without_scripts(
    signed_in, begun, paper, database
) -> None:
    before, draft = begun
    paper.print(before, draft)
    first, second = paper.sheets(before, 1)
    born = date(1948, 3, 7)
    with database.write() as session:
        mine = add_resident(session, utc_now(), birth_date=born).id
        theirs = add_resident(session, utc_now(), "guise", birth_date=born).id
        session.get_one(Appointment, before).resident_id = mine
    later = appointment_of(database, theirs)
    paper.scan(later, [first, scans.signed(second, BOX)])
    page = signed_in(MSA, viewport=NARROW, device_scale_factor=2, without_scripts=True)
    page.goto(f"/rendez-vous/{later}")
    section = page.locator(".returns")
    expect(section).to_contain_text("pour une personne du même nom, née le même jour")
    check_page(page)
    picture(page, "asked")
    section.get_by_role("button", name="C'est la même personne").click()
    expect(section).to_contain_text("tout y est")
    section.get_by_role("button", name=re.compile("Garder le formulaire signé")).click()
    expect(section).to_contain_text("Signé et gardé : document 2.")
    check_page(page)
    picture(page, "brought")
    section.get_by_role("link", name="Voir ce rendez-vous").click()
    expect(section).to_contain_text("Signé et gardé : document 2 du rendez-vous du")
    check_page(page)
    picture(page, "before")
