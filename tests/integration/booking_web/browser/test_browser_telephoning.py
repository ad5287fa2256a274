# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody is telephoned to, in a real browser: followed live, and read at the kiosk."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from booking_web.dispatcher.interpreting.rows import settle, take_orders
from booking_web.dispatcher.interpreting.standing import Seen, Standing
from booking_web.domain.appointments.guests.numbers import Trunk
from booking_web.tables.interpreters import WhyNobody
from stage.chromium import check_page
from stage.kiosk_ground import in_call

pytestmark = pytest.mark.real

MSA = "conseiller@msa.example"
TRUNK = Trunk(caller_number="0323000000")
RINGS = Seen(Standing.TAKEN, is_ringing=True)
HERE = Seen(Standing.HERE, "guichet_trunk")
# The desk's frame beside the picture.
DESK = {"width": 1366, "height": 768}


def test_the_counsellor_has_somebody_called_follows_it_live_and_so_does_the_resident(
    signed_in, new_page, ground, database
) -> None:
    appointment = in_call(database)
    console = signed_in(MSA)
    console.set_viewport_size(DESK)
    console.goto(f"/rendez-vous/{appointment}")
    expect(console.locator("#live-link")).to_contain_text("Mise à jour en direct")
    console.locator("#telephone-somebody summary").press("Enter")
    check_page(console, "telephone-form")
    kiosk = new_page(viewport={"width": 1920, "height": 1080})
    kiosk.goto(ground.screen_address("kiosk-wassigny"))
    kiosk.wait_for_url("**/borne")

    def stands(*seen: Seen, why: WhyNobody | None = None) -> None:
        now = datetime.now(UTC)
        with database.write() as session:
            orders = take_orders(session, TRUNK, now - timedelta(minutes=1))
            number.extend(order.id for order in orders)
            found = dict.fromkeys(number[-1:], *seen) if seen else {}
            settle(session, found, now, {number[-1]: why} if why else {})

    number: list[int] = []
    part = console.locator("#guest")

    def call() -> None:
        console.locator("#telephone-number").fill("06 12 34 56 78")
        console.locator("#telephone-relation").select_option(label="Proche")
        console.locator("#telephone-name").fill("M. Roy, son fils")
        console.locator("#telephone-agreed").check()
        console.locator("#telephone-agreed").press("Enter")
        expect(part).to_contain_text("Le numéro est composé")

    # Digits are missing: all of it comes back, and is completed.
    console.locator("#telephone-number").fill("06 12 34 56")
    console.locator("#telephone-relation").select_option(label="Proche")
    console.locator("#telephone-name").fill("M. Roy, son fils")
    console.locator("#telephone-agreed").check()
    console.locator("#telephone-agreed").press("Enter")
    error = console.locator("#telephone-error")
    expect(error).to_contain_text("il faut dix chiffres")
    expect(error).to_be_focused()
    expect(console.locator("#telephone-number")).to_have_value("06 12 34 56")
    expect(console.locator("#telephone-relation")).to_have_value("relative")
    expect(console.locator("#telephone-agreed")).to_be_checked()
    check_page(console, "telephone-refused")
    console.locator("#telephone-number").fill("06 12 34 56 78")
    console.locator("#telephone-number").press("Enter")
    expect(part).to_contain_text("Le numéro est composé")
    stands(RINGS)
    expect(part).to_contain_text("Ça sonne.")
    check_page(console, "telephone-rings")
    stands(HERE)
    expect(part).to_contain_text("dans l'appel, au téléphone")
    check_page(console, "telephone-here")
    expect(kiosk.locator(".by-telephone")).to_contain_text("M. Roy, son fils est là")
    check_page(kiosk, "telephone-kiosk")
    console.locator(f"#faire-partir-invite-{appointment}").focus()
    stands()
    expect(part).to_contain_text("Cette personne a raccroché.")
    # The button is gone: the head of its part has the keyboard.
    expect(console.locator("#guest-title")).to_be_focused()
    console.locator("#telephone-somebody summary").press("Enter")
    call()
    stands(RINGS)
    stands(why=WhyNobody.BUSY)
    expect(part).to_contain_text("C'est occupé.")
    check_page(console, "telephone-busy")
    console.locator("#telephone-somebody summary").press("Enter")
    call()
    console.locator("#guest-title").press("Alt+Shift+KeyP")
    expect(part).to_contain_text("Vous avez raccroché avec cette personne.")
