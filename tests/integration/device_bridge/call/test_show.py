# SPDX-License-Identifier: AGPL-3.0-or-later
"""Showing a document on the second screen: what is asked of the server, what is told."""

import pytest

from stage.waiting import wait_for

MONTRE = "Document {} montré à l'écran"


@pytest.fixture
def kiosk(make_kiosk, pdf):
    kiosk = make_kiosk()
    kiosk.server.documents = {1: pdf("Formulaire"), 2: pdf("Attestation", 3)}
    kiosk.start()
    return kiosk


def test_the_same_code_turns_the_pages_round(kiosk):
    for page in (1, 2, 3):
        kiosk.phone.key("*42#")
        kiosk.phone.wait_heard(f"{MONTRE.format(2)}, page {page} sur 3.")
    kiosk.phone.key("*42#")
    kiosk.phone.wait_heard(f"{MONTRE.format(2)}, page 1 sur 3.", times=2)
    kiosk.phone.key("*41#")
    kiosk.phone.wait_heard(f"{MONTRE.format(1)}.")

    kiosk.phone.key("*4#")
    kiosk.phone.wait_heard("Le second écran ne montre plus de document.")
    kiosk.phone.key("*4#")
    kiosk.phone.wait_heard("Rien n'est affiché sur le second écran.")
    assert kiosk.phone.shown == [2, 2, 2, 2, 1, None, None]
    assert kiosk.server.shown is None


def test_a_page_that_is_read_on_is_told_as_the_one_that_it_is(kiosk):
    kiosk.server.reads_on = 2
    for page, times in ((1, 1), (1, 2), (1, 3), (2, 1)):
        kiosk.phone.key("*42#")
        told = f"{MONTRE.format(2)}, page {page} sur 3."
        kiosk.phone.wait_heard(told, times=times)


def test_codes_keyed_at_once_turn_one_page_each(kiosk):
    kiosk.phone.key("*42#*42#*42#")
    kiosk.phone.wait_heard(f"{MONTRE.format(2)}, page 3 sur 3.")


def test_a_bridge_that_restarts_turns_the_right_page(kiosk):
    kiosk.phone.key("*42#")
    kiosk.phone.wait_heard("page 1 sur 3.")
    kiosk.bridge.kill()
    kiosk.bridge.start()
    wait_for(lambda: kiosk.bridge.status()["call"], "the call is known")
    kiosk.phone.key("*42#")
    kiosk.phone.wait_heard("page 2 sur 3.")


def test_an_unknown_document_is_told_with_those_there_are(kiosk):
    kiosk.phone.key("*48#")
    kiosk.phone.wait_heard("Le document 8 n'existe pas. Documents : 1, 2.")
    assert kiosk.server.shown is None and kiosk.phone.shown == []


def test_a_page_that_cannot_be_drawn_is_told(kiosk):
    kiosk.server.refuse_pages = True
    kiosk.phone.key("*41#")
    kiosk.phone.wait_heard("Le second écran n'a pas changé. Ce document est abîmé.")


@pytest.mark.parametrize("fault", ["refuses", "vanishes"])
def test_a_server_that_is_away_is_told(kiosk, fault):
    kiosk.phone.key("*41#")
    kiosk.phone.wait_heard("montré")
    if fault == "vanishes":
        kiosk.server.stop()
    kiosk.server.refuse_with = 503
    kiosk.phone.key("*42#")
    kiosk.phone.wait_heard("Le second écran n'a pas changé. Le serveur ne répond pas.")
    kiosk.phone.key("*4#")
    kiosk.phone.wait_heard("Le serveur ne répond pas.", times=2)
    assert kiosk.phone.shown == [1]


def test_nobody_is_told_that_a_page_is_shown_while_no_screen_shows_it(kiosk):
    kiosk.server.has_screen = False
    kiosk.phone.key("*41#")
    kiosk.phone.wait_heard(
        "Document 1 envoyé au second écran, mais l'écran ne l'a pas encore affiché."
    )
