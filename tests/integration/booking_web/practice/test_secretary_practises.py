# SPDX-License-Identifier: AGPL-3.0-or-later
"""A new secretary learns every gesture, and each exercise ticks itself when it is done."""

import html
from datetime import timedelta

from booking_web.practice import seeding
from booking_web.tables.opening_checks import Step

ROWS = "/bureau/rendez-vous"
TOMORROW = {"when": "at", "day": "2030-05-15", "hour": "16:00"}
LATER = {"place": "at", "day": "2030-05-15", "hour": "17:00"}


def test_the_sites_pages_lead_to_the_exercises_and_each_page_there_says_so(
    trainee,
) -> None:
    assert 'href="/exercice/consignes"' in trainee.client.get("/bureau").text
    assert trainee.ticked() == set()
    for address in ("/consignes", "/bureau", "/bureau/usagers", "/bureau/semaine"):
        page = trainee.get(address).text
        assert "Rien n'est vrai ici" in page, address
        assert "<title>EXERCICE" in page, address
        # Every way on stays where it is; the one way out says so.
        assert 'href="/bureau' not in page and 'action="/' not in page.replace(
            'action="/exercice/', ""
        ), address
    assert "Rien n'est vrai ici" not in trainee.client.get("/bureau").text


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def text_of(answer) -> str:
    return " ".join(html.unescape(answer.text).split())


def wait_for_call(trainee, clock) -> None:
    """Let the kiosk ring and the played counsellor pick up."""
    for _ in range(4):
        clock.now += seconds(5)
        page = text_of(trainee.get("/bureau"))
    assert "En communication" in page


def test_every_exercise_of_the_desk_is_ticked_by_doing_it(trainee, clock) -> None:
    form = trainee.form("/exercice/bureau")
    form.values |= {"resident_name": seeding.TO_BOOK, **TOMORROW}
    trainee.send_form(form, organisation=seeding.OWN_ORGANISATION)
    assert trainee.ticked() == {"book"}

    number = trainee.number_of(seeding.TO_MOVE)
    trainee.act(ROWS, number, "deplacer", raison="resident_asked", **LATER)
    assert trainee.ticked() == {"book", "move"}

    number = trainee.number_of(seeding.TO_CANCEL)
    trainee.act(ROWS, number, "annuler", raison="resident_asked")
    trainee.act(ROWS, trainee.number_of(seeding.LATE), "absent")
    assert trainee.ticked() == {"book", "move", "cancel", "no_show"}

    number = trainee.number_of(seeding.EXPECTED)
    trainee.act(ROWS, number, "arrive")
    trainee.act(ROWS, number, "appeler")
    wait_for_call(trainee, clock)
    assert "call" in trainee.ticked()
    clock.now += seconds(60)
    assert "En communication" not in trainee.get("/bureau").text

    trainee.send("/consignes", "/evenement/kiosk-off")
    assert "est éteinte" in trainee.get("/consignes").text
    form = trainee.form("/exercice/bureau")
    named = {"resident_name": "Mme Nouvelle Inventée", "when": "now"}
    trainee.send_form(form, organisation=seeding.OWN_ORGANISATION, **named)
    clock.now += seconds(10)
    assert "Dans la file d'attente" in text_of(trainee.get("/bureau"))
    trainee.send("/consignes", "/evenement/kiosk-off", fin="1")
    wait_for_call(trainee, clock)
    assert trainee.ticked() >= {"walk_in", "kiosk_off"}

    trainee.send("/consignes", "/evenement/no-paper")
    page = text_of(trainee.get(f"/rendez-vous/{number}"))
    assert "L'imprimante n'a plus de papier." in page
    trainee.send("/consignes", "/evenement/no-paper", fin="1")
    assert "paper" in trainee.ticked()

    for step in Step:
        trainee.send("/bureau/ouverture", f"/{step}", found="ok")
    assert len(trainee.ticked()) == 9
    assert "bravo" in trainee.get("/consignes").text
