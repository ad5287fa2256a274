# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mark and a photo in a real browser: kept by their pages, large and whole on the screen."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select

from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Counsellor
from stage.chromium import check_page
from tests.factories.orders import an_order
from tests.factories.small_pictures import mark_png, photo_jpeg

pytestmark = pytest.mark.real

# As it is drawn, and as it should be.
SHAPE = "each => [each.clientWidth, each.clientHeight, each.naturalWidth, each.naturalHeight]"
USUAL = {"viewport": {"width": 1366, "height": 768}}
PICTURE = {"name": "image.png", "mimeType": "image/png"}


def begin_call(database) -> None:
    now = datetime.now(UTC)
    with database.write() as session:
        its = Counsellor.slug == "counsellor-msa-1"
        appointment = book(session, an_order(), now).appointment
        appointment.counsellor_id = session.scalars(
            select(Counsellor.id).where(its)
        ).one()
        for state in (State.CALLING, State.IN_CALL):
            move(session, appointment, state, actor="d", at=now)
            session.flush()


def expect_whole(picture: Locator, *, least_height: int) -> None:
    """Assert that a picture came, is as large as that, and is not stretched."""
    expect(picture).to_be_visible()
    picture.evaluate("each => each.decode()")
    width, height, own_width, own_height = picture.evaluate(SHAPE)
    assert height >= least_height
    assert abs(width / height - own_width / own_height) < 0.05


def test_both_are_kept_by_keyboard_and_stand_on_the_screen(
    ground, database, signed_in, new_page
) -> None:
    manager = signed_in("responsable@msa.example", **USUAL)
    manager.get_by_role("link", name="Logo et photos").press("Enter")
    mark = manager.get_by_label("Image du logo")
    mark.set_input_files(PICTURE | {"buffer": b"<svg/>"})
    manager.locator("#mark-title ~ * button").first.press("Enter")
    expect(manager.get_by_role("alert")).to_contain_text("en PNG")
    check_page(manager, "pictures-refused")
    mark.set_input_files(PICTURE | {"buffer": mark_png("#ffffff")})
    manager.locator("#mark-title ~ * button").first.press("Enter")
    expect(manager.get_by_role("status")).to_contain_text("Le logo est enregistré.")
    expect_whole(manager.locator(".shown-mark img"), least_height=40)
    check_page(manager, "pictures")

    counsellor = signed_in("conseiller@msa.example", **USUAL)
    counsellor.get_by_role("link", name="Ma photo").press("Enter")
    counsellor.get_by_label("Photo, en PNG").set_input_files(
        PICTURE | {"buffer": photo_jpeg()}
    )
    counsellor.get_by_label("Je suis d'accord").press("Space")
    counsellor.get_by_role("button", name="Enregistrer").press("Enter")
    expect(counsellor.get_by_role("status")).to_contain_text("enregistrée")
    check_page(counsellor, "own-photo")

    begin_call(database)
    screen = new_page(viewport={"width": 1920, "height": 1080})
    screen.goto(ground.screen_address("kiosk-wassigny"))
    expect_whole(
        screen.get_by_alt_text("Photo de Conseillère de la MSA"), least_height=600
    )
    expect_whole(screen.get_by_alt_text("MSA", exact=True), least_height=120)
    check_page(screen, "screen-in-call-pictured")
    counsellor.get_by_role("button", name="Effacer ma photo").press("Enter")
    expect(screen.locator(".drawing-in_call")).to_be_visible()
    check_page(counsellor, "own-photo-none")
