# SPDX-License-Identifier: AGPL-3.0-or-later
"""A screen on a wall in a real browser: all in one look, live, and plain about old figures."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from booking_web.domain.kiosks.presence import write_presence
from booking_web.domain.kiosks.watch import CLOCKS_DIFFER_BY
from booking_web.tables.presence import EndpointPresence, Presence
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Kiosk, Organisation, Relay
from stage.appointments import put_appointment
from stage.chromium import check_page, check_wide_and_narrow
from stage.waiting import PATIENCE

pytestmark = pytest.mark.real

SUPERVISOR = "supervision@guichet.example"
SIZE = {"width": 1920, "height": 1080}
LINES_SHOWN, KIOSKS_SHOWN = 7, 8
LONG = "Relais services publics de la communauté de communes des Portes de la Thiérache"


def lasting() -> datetime:
    """Give a moment of which news is believed for nearly two minutes."""
    return datetime.now(UTC) + CLOCKS_DIFFER_BY - timedelta(seconds=10)


def crowd(database) -> None:
    """Have more organisations and kiosks than the wall shows."""
    with database.write() as session:
        for number in range(12):
            name = f"Communauté de communes du Val numéro {number}"
            session.add(
                Organisation(slug=f"val-{number}", name=name, short_name=name[:34])
            )
            relay = Relay(
                slug=f"val-{number}", name=f"Relais du Val {number}", commune="Val"
            )
            session.add(relay)
            session.flush()
            session.add(
                Kiosk(
                    slug=f"kiosk-val-{number}",
                    relay_id=relay.id,
                    token_digest=f"{number}",
                )
            )
        session.flush()
        there = {
            slug: Presence.READY for slug in session.scalars(select(Kiosk.slug))
        } | {"kiosk-guise": Presence.IN_CALL, "kiosk-val-3": Presence.OFFLINE}
        write_presence(session, there, {}, lasting(), is_all=True)
        put_appointment(session, "kiosk-guise", "msa", state=State.QUEUED)


def cut_off(page) -> list[str]:
    """Give what is cut off, or would need scrolling."""
    return page.evaluate("""() => {
          const fits = (each) => each.scrollHeight <= each.clientHeight + 1
            && each.scrollWidth <= each.clientWidth + 1;
          const parts = document.querySelectorAll("html, .wall, section, thead th, td, li");
          const edge = (each) => each.getBoundingClientRect();
          const shows = (each) => getComputedStyle(each).overflow === "visible"
            && edge(each).right <= edge(each.closest("li, section")).right + 1
            && edge(each).bottom <= edge(each.closest("section")).bottom + 1;
          const words = document.querySelectorAll(
            ".wall-name, .wall-state, .wall-cause, .wall-more");
          return Array.from(parts).filter((each) => !fits(each))
            .concat(Array.from(words).filter((each) => !shows(each)))
            .map((each) => each.outerHTML);
        }""")


def check_reads_whole(screen, database) -> None:
    """Give every relay a long name, some kiosks a long state, and look at both sizes of screen."""
    with database.write() as session:
        for number, relay in enumerate(session.scalars(select(Relay))):
            relay.name = f"{LONG[: 20 + 6 * number]} {number}"
        since = datetime.now(UTC) - timedelta(days=9)
        there = {"kiosk-val-5": Presence.OFFLINE, "kiosk-val-9": Presence.OFFLINE}
        write_presence(session, there, {}, lasting(), is_all=False)
        for slug in there:
            session.scalars(
                select(EndpointPresence).where(EndpointPresence.slug == slug)
            ).one().since = since
    kiosks = screen.locator(".wall-kiosks li")
    for size in (SIZE, {"width": 1366, "height": 768}):
        screen.set_viewport_size(size)
        screen.reload()
        expect(kiosks.first).to_contain_text("Relais services")
        assert kiosks.count() >= 4
        check_page(screen, f"wall-long-{size['width']}")
        assert cut_off(screen) == []
    screen.set_viewport_size(SIZE)


def test_the_wall_shows_all_in_one_look_is_live_and_says_when_it_is_old(
    signed_in, new_page, database
) -> None:
    crowd(database)
    maker = signed_in(SUPERVISOR)
    maker.goto("/situation")
    maker.get_by_role("link", name="Écrans au mur").click()
    maker.get_by_label("Où il est").fill("Hall de la mairie")
    maker.get_by_label("Sombre").check()
    maker.get_by_role("button", name="Créer le lien").click()
    link = maker.get_by_label("Lien de l'écran").input_value()
    check_wide_and_narrow(maker, "wall-made")
    screen = new_page(viewport=SIZE)
    screen.goto(link)
    check_page(screen, "wall-link")
    screen.get_by_role("button", name="Afficher ici").click()
    screen.wait_for_url("**/mur")
    lines = screen.locator(".wall-lines tbody tr")
    expect(lines).to_have_count(LINES_SHOWN)
    expect(screen.locator(".wall-kiosks li")).to_have_count(KIOSKS_SHOWN)
    expect(screen.locator(".wall-kiosks li").first).to_contain_text("Relais du Val 3")
    expect(lines.first).to_contain_text("MSA")
    check_page(screen, "wall-dark")
    screen.evaluate("document.documentElement.className = 'wall-light'")
    check_page(screen, "wall-light")
    assert cut_off(screen) == []
    # What a kiosk's telephone does comes by itself.
    with database.write() as session:
        there = {"kiosk-val-9": Presence.OFFLINE}
        write_presence(session, there, {}, lasting(), is_all=False)
    val = screen.locator(".wall-kiosks li").filter(has_text="Relais du Val 9")
    expect(val).to_contain_text("éteinte")
    old = screen.locator("#wall-old")
    expect(old).to_be_hidden()
    screen.context.set_offline(True)
    expect(old).to_be_visible(timeout=90_000 * PATIENCE)
    expect(old).to_contain_text("la liaison avec le serveur est coupée")
    check_page(screen, "wall-old")
    assert cut_off(screen) == []
    screen.context.set_offline(False)
    expect(old).to_be_hidden(timeout=60_000 * PATIENCE)
    check_reads_whole(screen, database)
