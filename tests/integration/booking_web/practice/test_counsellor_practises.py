# SPDX-License-Identifier: AGPL-3.0-or-later
"""A new counsellor learns every gesture on calls and papers that are played."""

import html
import re
from datetime import timedelta

import pytest

from booking_web.domain.documents.archive import Archive
from booking_web.domain.documents.errors import StoreFull
from booking_web.practice import seeding
from stage.html_forms import forms_of
from tests.integration.booking_web.practice.conftest import COUNSELLOR, trainee_of


@pytest.fixture
def counsellor(gate, ground):
    """Give the MSA's counsellor, who begins to practise."""
    return trainee_of(gate, ground, COUNSELLOR)


def text_of(answer) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(answer.text)).split())


def take_call(counsellor, clock) -> int:
    """Have somebody come, wait until it rings, pick up; gives the appointment's number."""
    counsellor.send("/consignes", "/usager")
    for _ in range(2):
        clock.now += timedelta(seconds=3)
        telephone = text_of(counsellor.get("/consignes/telephone"))
    assert "Votre téléphone sonne" in telephone
    page = counsellor.send("/consignes", "/consignes/telephone")
    assert "En communication" in text_of(page)
    return int(page.request.path.rpartition("/")[2])


def hang_up(counsellor) -> None:
    counsellor.send("/consignes", "/consignes/telephone", fin="1")
    assert text_of(counsellor.get("/consignes/telephone")) == ""


def until(counsellor, clock, words: str, page: str) -> None:
    """Let the kiosk work until the page says so."""
    for _ in range(4):
        clock.now += timedelta(seconds=4)
        said = text_of(counsellor.get(page))
    assert words in said


def test_every_exercise_of_the_counsellor_is_ticked_by_doing_it(
    counsellor, clock
) -> None:
    number = take_call(counsellor, clock)
    page = f"/rendez-vous/{number}"
    assert counsellor.ticked() == {"take"}

    forms = forms_of(counsellor.get(page).text)
    [draft] = [form for form in forms if form.action.endswith("/brouillons")]
    draft.choose("edition", "Rappel")
    counsellor.send_form(draft)
    assert "form" in counsellor.ticked()

    counsellor.send(page, "/numeriser")
    until(counsellor, clock, "Page numérisée (exercice)", page)
    assert "scan" in counsellor.ticked()

    counsellor.send(page, "/imprimer")
    until(counsellor, clock, "terminée", page)
    assert counsellor.ticked() == {"take", "form", "scan", "print"}

    counsellor.send("/consignes", "/evenement/no-paper")
    counsellor.send(page, "/imprimer")
    until(counsellor, clock, "L'imprimante n'a plus de papier.", page)
    assert "paper" not in counsellor.ticked()
    counsellor.send("/consignes", "/evenement/no-paper", fin="1")
    clock.now += timedelta(seconds=4)
    assert "L'imprimante n'a plus de papier." not in text_of(counsellor.get(page))
    assert "paper" in counsellor.ticked()

    hang_up(counsellor)
    counsellor.act("/rendez-vous", number, "fin", outcome="resolved", version="0")
    assert "conclude" in counsellor.ticked()

    number = take_call(counsellor, clock)
    hang_up(counsellor)
    counsellor.act("/rendez-vous", number, "absent")
    assert len(counsellor.ticked()) == 7
    assert "bravo" in text_of(counsellor.get("/consignes"))


def test_a_scan_that_cannot_be_kept_is_said_and_no_page_fails_for_it(
    counsellor, clock, monkeypatch
) -> None:
    number = take_call(counsellor, clock)
    page = f"/rendez-vous/{number}"

    def add(*_args, **_options) -> None:
        raise StoreFull("no room")

    monkeypatch.setattr(Archive, "add", add)
    counsellor.send(page, "/numeriser")
    until(counsellor, clock, "Le scanner signale un défaut.", page)
    assert "scan" not in counsellor.ticked()


def test_who_plays_the_counsellor_sees_the_other_end_by_playing_the_town_hall(
    counsellor,
) -> None:
    page = text_of(counsellor.get("/"))
    assert seeding.EXPECTED in page
    assert "Vous jouez le conseiller de l'organisme" in page
    counsellor.send("/consignes", "/role", part="secretary")
    page = counsellor.get("/")
    assert page.request.path == "/exercice/bureau"
    assert "Vous jouez le secrétariat de mairie" in text_of(page)
    # What they are on the site itself is what they were.
    assert counsellor.client.get("/bureau").status_code == 303
