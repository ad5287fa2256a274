# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: while a form is filled in, the browser, a server's part or the line is taken away."""

import os
import signal
import sqlite3
import threading
import time

import psutil
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import make_url

from booking_web.domain.forms.engine import TIMEOUT_SECONDS
from stage.chromium import check_page
from stage.kiosk_ground import in_call
from stage.waiting import wait_for
from tests.factories.filling_desk import (
    MSA,
    FormsAtDesk,
    crop_at,
    is_saved,
    open_draft,
)
from tests.factories.pdf_forms import many_fields, request_for_a_home

pytestmark = pytest.mark.real

KEYS_A_SECOND = 15
KEYS = 180
# The fault itself, well within the five seconds for which SQLite is asked again.
LOCKED_SECONDS = 3.0


@pytest.fixture
def appointment(database) -> int:
    return in_call(database)


@pytest.fixture
def draft(forms: FormsAtDesk, appointment) -> int:
    edition = forms.take_in(request_for_a_home().saved(), "Demande de logement")
    return forms.begin(appointment, edition)


@pytest.fixture
def desk(signed_in, appointment, draft) -> Page:
    """Give the filling page of the draft, live."""
    page = signed_in(MSA)
    open_draft(page, appointment, draft)
    return page


def name_of(page: Page) -> Locator:
    return page.locator("#form").get_by_label("Nom de famille")


def engine_of(server) -> psutil.Process:
    """Give the process that draws forms."""
    web = psutil.Process(server.program.pid)

    def find() -> psutil.Process | None:
        for each in web.children(recursive=True):
            if "booking_web.domain.forms.engine_process" in each.cmdline():
                return each
        return None

    return wait_for(find, "an engine")


def test_a_browser_that_is_killed_loses_nothing_that_it_said_was_kept(
    desk, signed_in, forms, draft, appointment
) -> None:
    name_of(desk).fill("Lefèvre")
    is_saved(desk)
    desk.close(run_before_unload=False)
    again = signed_in(MSA)
    open_draft(again, appointment, draft)
    expect(name_of(again)).to_have_value("Lefèvre")
    expect(name_of(again)).to_be_enabled()


def test_a_web_worker_killed_in_the_middle_of_a_word_loses_no_letter(
    desk, server, forms, draft
) -> None:
    name_of(desk).focus()
    desk.keyboard.type("Lefè", delay=40)
    for worker in psutil.Process(server.program.pid).children():
        worker.kill()
    desk.keyboard.type("vre-Dupont", delay=40)
    is_saved(desk)
    assert forms.values(draft)["nom"] == "Lefèvre-Dupont"
    expect(desk.locator("#trouble")).to_be_empty()


def test_a_database_locked_for_three_seconds_is_waited_for(
    desk, ground, forms, draft
) -> None:
    path = make_url(ground.url).database
    is_locked, was_told, is_over = (threading.Event() for _ in range(3))

    def hold() -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        is_locked.set()
        time.sleep(LOCKED_SECONDS)
        was_told.wait()
        is_over.set()
        connection.execute("ROLLBACK")
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    is_locked.wait()
    try:
        name_of(desk).focus()
        desk.keyboard.type("Lefèvre", delay=60)
        expect(desk.locator("#saving")).to_contain_text("Pas encore enregistré")
        was_told.set()
        is_saved(desk)
        assert is_over.is_set()
    finally:
        was_told.set()
        holder.join()
    assert forms.values(draft)["nom"] == "Lefèvre"


def test_an_engine_that_hangs_or_dies_makes_the_picture_late_and_nothing_else(
    desk, server, forms, draft
) -> None:
    name_of(desk).fill("L")
    is_saved(desk)
    wait_for(lambda: crop_at(desk, "c1"), "the first picture")
    engine = engine_of(server)
    os.kill(engine.pid, signal.SIGSTOP)
    name_of(desk).fill("Le")
    # Sooner than anybody gives up the engine: it is not waited for.
    is_kept = (lambda: forms.values(draft).get("nom") == "Le", "the value")
    wait_for(*is_kept, TIMEOUT_SECONDS - 1)
    expect(desk.locator("#late")).to_contain_text("en retard")
    is_saved(desk)
    check_page(desk, "filling-picture-late")
    engine.kill()
    expect(desk.locator("#late")).to_be_empty()
    name_of(desk).fill("Lefèvre")
    is_saved(desk)
    assert engine_of(server).pid != engine.pid
    assert forms.values(draft)["nom"] == "Lefèvre"


def test_a_line_that_is_cut_keeps_what_is_typed_and_sends_it_when_it_is_back(
    desk, forms, draft
) -> None:
    desk.context.set_offline(True)
    name_of(desk).fill("Lefèvre")
    expect(desk.locator("#saving")).to_contain_text("liaison perdue")
    expect(desk.locator("#trouble")).to_contain_text("Rien n'est perdu")
    check_page(desk, "filling-line-lost")
    # Who leaves now is asked first.
    asked: list[str] = []
    desk.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    desk.close(run_before_unload=True)
    wait_for(
        lambda: desk.wait_for_timeout(50) or asked == ["beforeunload"], "a question"
    )
    assert "nom" not in forms.values(draft)
    desk.context.set_offline(False)
    is_saved(desk)
    expect(desk.locator("#trouble")).to_be_empty()
    assert forms.values(draft)["nom"] == "Lefèvre"


def test_who_is_signed_out_signs_in_elsewhere_and_what_was_typed_is_sent(
    desk, sign_in, forms, draft, appointment
) -> None:
    other = desk.context.new_page()
    other.goto(f"/rendez-vous/{appointment}")
    other.get_by_role("button", name="Se déconnecter").click()
    other.wait_for_url("**/connexion*")
    name_of(desk).fill("Lefèvre")
    expect(desk.locator("#trouble")).to_contain_text("plus connecté")
    assert "nom" not in forms.values(draft)
    sign_in(other, MSA)
    is_saved(desk)
    expect(desk.locator("#trouble")).to_be_empty()
    assert forms.values(draft)["nom"] == "Lefèvre"
    # The page's other forms have what they send with, too.
    desk.get_by_role("button", name="Montrer au second écran").click()
    expect(desk.locator("#shown")).to_have_attribute("data-is-shown", "1")
    desk.keyboard.press("Shift+F2")
    with desk.expect_response("**/ecrire**") as written:
        desk.keyboard.type("B")
    assert written.value.status == 204


def test_a_form_that_is_withdrawn_while_open_is_finished(
    desk, forms, draft, database, appointment
) -> None:
    name_of(desk).fill("Le")
    is_saved(desk)
    forms.withdraw(draft)
    name_of(desk).fill("Lefèvre")
    is_saved(desk)
    desk.reload()
    expect(desk.locator(".notice-info")).to_contain_text("retiré de la bibliothèque")
    expect(name_of(desk)).to_have_value("Lefèvre")
    desk.goto(f"/rendez-vous/{appointment}")
    expect(desk.locator("#edition")).to_have_count(0)


def test_a_draft_that_is_gone_is_told_and_what_was_typed_is_shown(
    desk, forms, draft, appointment
) -> None:
    forms.drafts.erase(draft, "user:1")
    name_of(desk).fill("Lefèvre")
    expect(desk.locator("#trouble")).to_contain_text("effacé, ou mis de côté")
    expect(desk.locator("#not-kept")).to_contain_text("Lefèvre")
    expect(name_of(desk)).to_be_disabled()
    check_page(desk, "filling-gone")
    desk.context.new_page()
    answer = desk.request.get(f"/rendez-vous/{appointment}/brouillons/{draft}")
    assert answer.status == 404
    assert "Retour au rendez-vous" in answer.text()


def test_keys_faster_than_anybody_types_are_all_kept_and_few_wait(
    desk, forms, draft
) -> None:
    name_of(desk).focus()
    desk.evaluate("""() => {
            window.underway = 0; window.most = 0; window.requests = 0;
            const real = window.fetch;
            window.fetch = async (address, ...rest) => {
                if (!String(address).endsWith("/champ")) { return real(address, ...rest); }
                window.requests += 1;
                window.underway += 1;
                window.most = Math.max(window.most, window.underway);
                try { return await real(address, ...rest); }
                finally { window.underway -= 1; }
            };
        }""")
    typed = "abcdefghij" * (KEYS // 10)
    desk.keyboard.type(typed, delay=1000 / KEYS_A_SECOND)
    is_saved(desk)
    assert forms.values(draft)["nom"] == typed
    assert desk.evaluate("window.most") == 1
    assert desk.evaluate("window.requests") <= len(typed)


def test_a_form_of_three_hundred_fields_is_light(signed_in, forms, appointment) -> None:
    edition = forms.take_in(many_fields(300).saved(), "Trois cents lignes")
    draft_id = forms.begin(appointment, edition)
    page = signed_in(MSA)
    open_draft(page, appointment, draft_id)
    bytes_in_all = page.evaluate(
        "performance.getEntriesByType('navigation')[0].decodedBodySize"
    )
    assert page.locator("#form [data-field]").count() == 300
    assert 0 < bytes_in_all < 300_000
    last = page.locator("#form").get_by_label("Ligne 299", exact=True)
    last.fill("la dernière")
    is_saved(page)
    assert forms.values(draft_id) == {"ligne299": "la dernière"}
    check_page(page)


# Whether what has the keyboard is in sight, and nothing lies over it.
IS_IN_SIGHT = """() => {
  const box = document.activeElement.getBoundingClientRect();
  return [box.top + 2, box.bottom - 2].every((down) => document.activeElement
    === document.elementFromPoint(box.left + box.width / 2, down));
}"""


def test_what_goes_wrong_is_in_sight_from_the_foot_of_a_long_form(
    signed_in, forms, appointment
) -> None:
    edition = forms.take_in(many_fields(60).saved(), "Soixante lignes")
    draft_id = forms.begin(appointment, edition)
    page = signed_in(MSA)
    page.set_viewport_size({"width": 1280, "height": 800})
    open_draft(page, appointment, draft_id)
    # Who begins writes at once.
    first = page.locator("#form").get_by_label("Ligne 0", exact=True)
    expect(first).to_be_focused()
    last = page.locator("#form").get_by_label("Ligne 59", exact=True)
    last.focus()
    page.context.set_offline(True)
    page.keyboard.type("la dernière")
    for name in ("#trouble", "#saving", "#live-link"):
        expect(page.locator(name)).to_be_in_viewport()
    expect(page.locator("#saving")).to_contain_text("liaison perdue")
    check_page(page, "filling-trouble-far-down")
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(IS_IN_SIGHT)
    page.context.set_offline(False)
    is_saved(page)
    expect(page.locator("#trouble")).to_be_empty()
