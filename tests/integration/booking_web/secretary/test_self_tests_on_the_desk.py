# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk's self-test found, in one line on the secretary's page."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.fleet.self_tests import Check, TellsOfSelfTest, take_self_test
from booking_web.domain.kiosks.presence import write_presence
from booking_web.tables.documents import KioskDevices
from booking_web.tables.fleet import CheckState, KioskOrder, TestReason
from booking_web.tables.presence import Presence
from provisioning.database.models import Kiosk

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
WASSIGNY, GUISE = "kiosk-wassigny", "kiosk-guise"
ONE_SCREEN = ("screens", "one_screen")
NO_PAPER = ("printer", "no_paper")


@pytest.fixture
def app(new_app, ground):
    """Give the application at noon of a Tuesday."""
    return new_app(ground, now=lambda: NOON)


@pytest.fixture
def kiosk_id(database) -> int:
    with database.read() as session:
        return session.scalars(select(Kiosk.id).where(Kiosk.slug == WASSIGNY)).one()


@pytest.fixture
def tested(database, kiosk_id):
    """Give a function that has the kiosk there, and its self-test find these failures."""

    def write(*failed, at=NOON - timedelta(hours=4), heard_at=NOON, order_id=None):
        checks = [Check(name, CheckState.FAILED, cause) for name, cause in failed]
        checks.append(Check("disk", CheckState.OK))
        told = TellsOfSelfTest(
            version="1", reason=TestReason.MORNING, checks=checks, order_id=order_id
        )
        with database.write() as session:
            there = {WASSIGNY: Presence.READY}
            write_presence(session, there, {}, NOON, is_all=True)
            session.merge(
                KioskDevices(
                    kiosk_id=kiosk_id,
                    printer_state="idle",
                    scanner_state="idle",
                    heard_at=heard_at,
                )
            )
            take_self_test(session, kiosk_id, told, at)

    return write


def strip(desk) -> str:
    """Read what the desk says of readiness, in words alone."""
    page = html.unescape(desk.client.get("/bureau").text)
    start = page.index('<div id="readiness"')
    text = re.sub(r"<[^>]*>", " ", page[start : page.index("<section", start)])
    return " ".join(text.split())


def test_a_green_self_test_is_a_kiosk_that_is_ready(desk, tested) -> None:
    tested()
    assert strip(desk) == "Borne – Relais de Wassigny : prête"


def test_a_red_self_test_says_what_to_do_and_offers_another(desk, tested) -> None:
    tested(ONE_SCREEN)
    assert strip(desk) == (
        "Borne – Relais de Wassigny : à vérifier "
        "Le second écran est éteint : allumez-le. Refaire l'auto-test"
    )


def test_of_many_failures_two_are_said_and_the_others_counted(desk, tested) -> None:
    tested(ONE_SCREEN, ("camera", "black_picture"), ("sound", "no_tone"), ("x", "y"))
    said = strip(desk)
    assert "Le second écran" in said and "La caméra ne voit que du noir" in said
    assert "Et 2 autres choses à voir." in said
    assert "Le micro" not in said


def test_two_checks_with_one_sentence_say_it_once(desk, tested) -> None:
    tested(("network", "name_unknown"), ("certificate", "no_answer"))
    assert strip(desk).count("La borne n'atteint pas le serveur") == 1


def test_what_the_devices_tell_themselves_is_said_once(
    desk, tested, kiosk_id, database
) -> None:
    tested(NO_PAPER)
    assert "L'imprimante n'a plus de papier : remettez-en." in strip(desk)
    with database.write() as session:
        session.get_one(KioskDevices, kiosk_id).printer_reasons = "paper_out"
    said = strip(desk)
    assert "L'imprimante n'a plus de papier." in said and "remettez" not in said


def test_a_clock_that_is_right_again_is_not_told_of(desk, tested) -> None:
    tested(("clock", "clock_off"))
    assert strip(desk) == "Borne – Relais de Wassigny : prête"
    tested(("clock", "clock_off"), at=NOON, heard_at=NOON - timedelta(seconds=20))
    assert "La borne n'est pas à l'heure" in strip(desk)


def test_a_telephone_that_is_there_is_not_told_of(desk, tested) -> None:
    tested(("phone", "not_registered"))
    assert strip(desk) == "Borne – Relais de Wassigny : prête"


def test_a_cause_of_a_newer_kiosk_sends_for_the_administrator(desk, tested) -> None:
    tested(("camera", "lens_cracked"))
    assert "Caméra : quelque chose ne va pas. Prévenez l'administrateur." in strip(desk)
    tested(("fan", "stuck"))
    assert "La borne signale un problème. Prévenez l'administrateur." in strip(desk)


def press(desk, kiosk_id):
    token = desk.form().values["csrf_token"]
    address = f"/bureau/bornes/{kiosk_id}/auto-test"
    return desk.client.post(address, data={"csrf_token": token})


def test_who_has_mended_it_has_it_tested_again(
    desk, tested, kiosk_id, database
) -> None:
    tested(ONE_SCREEN)
    assert press(desk, kiosk_id).status_code == 303
    # Pressed twice, it is one test.
    press(desk, kiosk_id)
    with database.read() as session:
        [order] = session.scalars(select(KioskOrder)).all()
    assert (order.kind, order.kiosk_id) == ("self_test", kiosk_id)
    assert order.asked_by.startswith("user:")
    assert "Auto-test en cours." in strip(desk)
    assert "Refaire" not in strip(desk)
    tested(order_id=order.id)
    assert strip(desk) == "Borne – Relais de Wassigny : prête"


def test_nobody_has_a_neighbours_kiosk_tested(desk, database) -> None:
    with database.read() as session:
        theirs = session.scalars(select(Kiosk.id).where(Kiosk.slug == GUISE)).one()
    assert press(desk, theirs).status_code == 404
    assert press(desk, 4711).status_code == 404
    with database.read() as session:
        assert session.scalars(select(KioskOrder)).all() == []
