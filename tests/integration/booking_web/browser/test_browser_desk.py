# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages in a real browser: by keyboard, live, without JavaScript, by axe's rules."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState as State
from stage.chromium import check_page, check_wide_and_narrow
from stage.keyboard_desk import (
    KNOWN,
    NEW,
    CountedPage,
    book_known,
    book_new,
    know_resident,
    publish_hours,
    wait_until_ready,
)
from stage.waiting import PATIENCE
from tests.factories.orders import an_order

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"
MAX_KEYSTROKES_KNOWN = 12
MAX_KEYSTROKES_NEW = 25


@pytest.fixture
def desk_page(signed_in) -> Callable[..., Page]:
    """Give a function that opens the desk, signed in."""

    def open_desk(email: str = SECRETARY, **options: object) -> Page:
        page = signed_in(email, **options)
        expect(page.locator("#book-title")).to_be_visible()
        return page

    return open_desk


def advance(database, appointment_id: int, *states: State, reason: str = "") -> None:
    for state in states:
        with database.write() as session:
            appointment = session.get_one(Appointment, appointment_id)
            appointment.call_requested_at = None
            why = reason if state is states[-1] else ""
            at = datetime.now(UTC)
            move(session, appointment, state, actor="dispatcher", at=at, reason=why)


def book_directly(database, hours: int, organisation: str, *states, reason="") -> int:
    starts_at = datetime.now(UTC) + timedelta(hours=hours)
    request = an_order(
        token=f"{hours} {organisation}",
        organisation=organisation,
        resident_name=f"Mme Lefèvre {hours}",
        details="carte grise",
        starts_at=starts_at,
    )
    with database.write() as session:
        now = min(starts_at, datetime.now(UTC))
        appointment_id = book(session, request, now).appointment.id
    advance(database, appointment_id, *states, reason=reason)
    return appointment_id


def book_at_the_msa(page: Page) -> int:
    """Book a call now for M. Dupont, by the keyboard; give the keys."""
    desk = CountedPage(page)
    desk.type("M. Dupont")
    desk.press("Enter")  # nobody of that name: a new resident
    expect(page.locator("#resident-status")).to_have_text("Nouvel usager.")
    expect(page.locator("#subject-filter")).to_be_focused()
    desk.type("mutualite")
    desk.press("Enter")
    expect(page.get_by_label("Mutualité sociale agricole (MSA)")).to_be_checked()
    desk.press("Enter")  # nothing is sent without an hour: on to the hours
    desk.press("0")
    expect(page.get_by_label("Maintenant")).to_be_checked()
    desk.press("Enter")
    expect(page.locator(".notice-success")).to_contain_text("M. Dupont")
    return desk.count


def test_the_keyboard_alone_signs_in_and_books(ground, new_page) -> None:
    page = new_page()
    page.goto("/")
    keyboard = page.keyboard
    page.locator("#email:focus").wait_for()
    keyboard.type(SECRETARY)
    keyboard.press("Tab")
    keyboard.type(ground.passwords[SECRETARY])
    keyboard.press("Enter")
    wait_until_ready(page)
    assert book_at_the_msa(page) <= MAX_KEYSTROKES_NEW
    expect(page.locator("[data-state=arrived]")).to_contain_text("Appel demandé")


def test_what_is_typed_at_once_counts_while_the_other_scripts_are_on_their_way(
    new_page, sign_in
) -> None:
    page = new_page()
    held: list[Route] = []
    page.route("**/static/vendor/**/*.js*", lambda route: held.append(route))
    sign_in(page, SECRETARY)
    page.locator("#resident_name:focus").wait_for()
    book_at_the_msa(page)
    assert page.evaluate("window.Idiomorph") is None
    for route in held:
        route.abort()


def test_the_form_is_not_there_before_its_behaviour(new_page, sign_in) -> None:
    page = new_page()
    held: list[Route] = []
    page.route(
        "**/static/secretary/booking/booking.js*",
        lambda route: held.append(route),
        times=1,
    )
    with page.expect_request("**/static/secretary/booking/booking.js*"):
        sign_in(page, SECRETARY)
    assert page.locator("#booking-form").count() == 0
    held.pop().continue_()
    page.locator("#resident_name:focus").wait_for()
    book_at_the_msa(page)


def test_a_known_resident_is_booked_in_twelve_keys_a_new_one_in_twenty_five(
    desk_page, database
) -> None:
    publish_hours(database, "sous-prefecture-vervins")
    resident_id = know_resident(database, "wassigny", KNOWN)
    page = desk_page()
    assert book_known(page) <= MAX_KEYSTROKES_KNOWN
    page.goto(page.url.partition("?")[0].partition("#")[0])
    assert book_new(page) <= MAX_KEYSTROKES_NEW
    with database.read() as session:
        known, new = session.scalars(
            select(Appointment)
            .options(joinedload(Appointment.visit_reason))
            .order_by(Appointment.id)
        )
    assert (known.resident_id, known.resident_name) == (resident_id, KNOWN)
    assert new.resident_name == NEW
    assert new.resident_id not in (None, resident_id)
    for appointment in (known, new):
        assert appointment.state == State.BOOKED
        assert appointment.visit_reason.slug == "sous-prefecture-carte-grise"
    assert new.starts_at > known.starts_at


def test_the_names_list_is_a_combobox_that_tells_near_names(
    desk_page, database
) -> None:
    know_resident(database, "wassigny", "M. Jean Dupont")
    know_resident(database, "guise", "M. Jean Dupuis")
    page = desk_page()
    field = page.get_by_role("combobox", name="Nom de l'usager")
    field.press_sequentially("jea dup")
    option = page.get_by_role("option", name="M. Jean Dupont")
    expect(option).to_be_visible()
    expect(page.get_by_role("option")).to_have_count(2)  # and "Nouvel usager"
    expect(field).to_have_attribute("aria-expanded", "true")
    check_page(page)
    page.keyboard.press("Escape")
    expect(option).to_be_hidden()
    field.fill("M. Jean Dupond")
    near = page.get_by_role("option", name="Est-ce la même personne ?")
    expect(near).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "resident-option-new")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(field).to_have_value("M. Jean Dupont")
    expect(page.locator("#resident-status")).to_contain_text("Usager connu")


def test_everything_of_booking_works_without_javascript(desk_page, database) -> None:
    publish_hours(database, "sous-prefecture-vervins")
    know_resident(database, "wassigny", "M. Jean Dupont")
    page = desk_page(java_script_enabled=False)
    page.fill("#resident_name", "Jean Dupond")
    page.get_by_text("Carte grise").click()
    page.get_by_role("button", name="Voir les heures libres").click()
    expect(page.locator("#papers")).to_contain_text("Ancienne carte grise")
    page.locator(".slot").first.click()
    expect(page.locator("#resident_name")).to_have_value("Jean Dupond")
    page.locator("#confirm").click()
    expect(page.locator("#error-summary")).to_contain_text("Une question")
    page.get_by_label("Oui : M. Jean Dupont").check()
    page.locator("#confirm").click()
    expect(page.locator(".notice-success")).to_contain_text("Rendez-vous enregistré")
    page.get_by_role("link", name="Usagers").click()
    page.get_by_role("link", name="M. Jean Dupont").click()
    page.fill("#telephone", "06 12 34 56 78")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".notice-success")).to_contain_text("enregistrées")


def test_the_pages_of_booking_pass_axe_in_every_state(desk_page, database) -> None:
    publish_hours(database, "sous-prefecture-vervins")
    first = know_resident(database, "wassigny", "M. Jean Dupont")
    second = know_resident(database, "wassigny", "M. Jean Dupond")
    page = desk_page(viewport={"width": 390, "height": 800})
    page.fill("#resident_name", "Jean Dupon")
    page.get_by_text("Dossier de retraite").click()
    expect(page.locator(".no-slot")).to_contain_text("01 99 00 20 03")
    check_page(page)
    page.get_by_text("Carte grise").click()
    page.locator(".slot").first.click()
    expect(page.locator("#slot-0")).to_be_checked()
    check_page(page)
    page.locator("#confirm").click()
    expect(page.locator("#error-summary")).to_be_focused()
    check_page(page)
    page.get_by_label("Non, c'est un nouvel usager").check()
    page.get_by_text("Aucune heure ne convient").click()
    page.get_by_role("button", name="Mettre sur la liste d'attente").click()
    expect(page.locator(".offers")).to_contain_text("Jean Dupon")
    check_page(page)
    for path in (
        "attente",
        "usagers",
        f"usagers/{first}",
        f"usagers/{first}/fusionner/{second}",
    ):
        page.goto(f"/bureau/{path}")
        check_page(page)


def test_states_arrive_without_reload_and_are_announced(desk_page, database) -> None:
    page = desk_page()
    page.evaluate("window.notReloaded = true")
    expect(page.locator("#live-link")).to_contain_text("Mise à jour en direct")
    appointment_id = book_directly(database, 0, "msa")
    row = page.locator(f"#rendez-vous-{appointment_id}")
    expect(row.locator(".state")).to_have_text("Réservé")
    for states, words in (
        ((State.ARRIVED,), "Arrivé"),
        ((State.CALLING,), "Appel de la borne"),
        ((State.QUEUED,), "Attend un conseiller"),
        ((State.IN_CALL,), "En communication"),
        ((State.INTERRUPTED,), "Appel coupé"),
    ):
        advance(database, appointment_id, *states, reason="call_broken")
        expect(row.locator(".state")).to_have_text(words)
        expect(page.locator("#announcements")).to_contain_text(words)
    expect(row).to_contain_text("La communication s'est coupée.")
    assert page.evaluate("window.notReloaded") is True


def test_the_keyboard_keeps_its_place_when_its_button_goes_away(
    desk_page, database
) -> None:
    page = desk_page()
    appointment_id = book_directly(database, 0, "msa", State.ARRIVED)
    button = page.locator(f"#appeler-{appointment_id}")
    expect(button).to_be_visible()
    button.focus()
    advance(database, appointment_id, State.CALLING)
    expect(page.locator(f"#rendez-vous-{appointment_id}")).to_be_focused()


def test_what_is_being_typed_is_left_alone_by_the_live_list(
    desk_page, database
) -> None:
    page = desk_page()
    page.fill("#resident_name", "Mme Roy")
    page.locator("#resident_name").focus()
    appointment_id = book_directly(database, 0, "msa")
    expect(page.locator(f"#rendez-vous-{appointment_id}")).to_be_visible()
    expect(page.locator("#resident_name")).to_have_value("Mme Roy")
    expect(page.locator("#resident_name")).to_be_focused()


def test_the_list_is_live_again_after_the_server_restarted(
    desk_page, server, database
) -> None:
    page = desk_page()
    expect(page.locator("#live-link")).to_contain_text("en direct")
    refresh = page.get_by_role("link", name="Actualiser")
    expect(refresh).to_be_hidden()
    server.live.kill()
    server.program.kill()
    expect(page.locator("#live-link")).to_contain_text("Liaison coupée")
    expect(refresh).to_be_visible()
    appointment_id = book_directly(database, 0, "msa")
    server.start()
    expect(page.locator(f"#rendez-vous-{appointment_id}")).to_be_visible(
        timeout=30_000 * PATIENCE
    )
    expect(page.locator("#live-link")).to_contain_text("en direct")


def test_everything_but_the_live_part_works_without_javascript(
    desk_page, database
) -> None:
    page = desk_page(java_script_enabled=False)
    page.fill("#resident_name", "M. Dupont")
    page.get_by_text("Sous-préfecture de Vervins").click()
    page.get_by_label("Maintenant").check()
    page.get_by_text("Valider le rendez-vous").click()
    expect(page.locator(".notice-success")).to_contain_text("Rendez-vous enregistré")
    with database.read() as session:
        appointment_id = session.scalars(select(Appointment.id)).one()
    advance(database, appointment_id, State.CALLING, State.UNREACHABLE)
    page.get_by_text("Actualiser").click()
    expect(page.locator("#day-rows .state")).to_have_text("Borne injoignable")
    page.get_by_role("button", name="Rappeler").click()
    expect(page.locator("#day-rows .state")).to_have_text("Appel demandé")
    page.get_by_role("link", name="Annuler").click()
    page.get_by_text("Annuler ce rendez-vous").click()
    expect(page.locator("#day-rows .state")).to_have_text("Annulé")


def test_an_error_takes_the_focus_and_leads_to_its_field(desk_page) -> None:
    page = desk_page()
    page.fill("#reason", "carte grise")
    page.get_by_text("Valider le rendez-vous").click()
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    expect(page.locator("#reason")).to_have_value("carte grise")
    summary.get_by_text("Écrivez le nom de l'usager.").click()
    field = page.locator("#resident_name")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(
        re.compile("Écrivez le nom de l'usager.")
    )
    check_page(page)


def test_every_page_and_state_passes_axe_wide_and_narrow(
    desk_page, new_page, database
) -> None:
    sign_in = new_page()
    sign_in.goto("/")
    check_wide_and_narrow(sign_in)
    sign_in.click("button[type=submit]")
    expect(sign_in.locator("#sign-in-error")).to_be_focused()
    check_wide_and_narrow(sign_in)
    page = desk_page()
    check_wide_and_narrow(page)
    over = (State.ARRIVED, State.CALLING, State.QUEUED, State.IN_CALL)
    book_directly(database, -5, "msa", *over, State.DONE)
    book_directly(database, -4, "msa", State.NO_SHOW)
    book_directly(database, -3, "msa", State.CANCELLED)
    book_directly(
        database, -2, "msa", *over[:2], State.UNREACHABLE, reason="kiosk_offline"
    )
    book_directly(database, -1, "msa", *over[:3], State.ABANDONED)
    now = book_directly(database, 0, "msa", *over, State.INTERRUPTED)
    book_directly(database, 1, "msa", State.ARRIVED)
    book_directly(database, 2, "msa")
    page.reload()
    expect(page.locator("#live-link")).to_be_visible()
    check_wide_and_narrow(page)
    plain = desk_page(without_scripts=True)
    check_wide_and_narrow(plain, "plain-day")
    advance(database, now, State.ARRIVED)
    for state in over[1:]:
        advance(database, now, state)
        expect(page.locator(f"#rendez-vous-{now}[data-state={state}]")).to_be_visible()
        check_wide_and_narrow(page)
    page.goto(f"/bureau/rendez-vous/{now}/annuler")
    check_wide_and_narrow(page)
    page.goto("/nowhere")
    expect(page.locator("h1")).to_contain_text("Cette page n'existe pas")
    check_wide_and_narrow(page)
    page.goto("/langue/en?retour=/bureau")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    check_wide_and_narrow(page)


def test_the_kiosk_screen_follows_the_call_by_itself(
    new_page, ground, database
) -> None:
    page = new_page(reduced_motion="no-preference")
    page.goto(ground.screen_address("kiosk-wassigny"))
    page.wait_for_url("**/borne")
    title = page.locator("#screen h1")
    expect(title).to_contain_text("Bienvenue")
    check_page(page)
    appointment_id = book_directly(database, 0, "msa", State.ARRIVED)
    for states, words in (
        ((State.CALLING,), "Nous appelons un conseiller."),
        ((State.QUEUED,), "Un conseiller va vous répondre."),
        ((State.IN_CALL,), "Le conseiller est là."),
        ((State.INTERRUPTED,), "L'appel est coupé."),
        ((State.DONE,), "Merci, au revoir."),
    ):
        advance(database, appointment_id, *states)
        expect(title).to_contain_text(words)
        check_page(page)
    assert "Lefèvre" not in page.content()
    page.set_viewport_size({"width": 1920, "height": 1080})
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
