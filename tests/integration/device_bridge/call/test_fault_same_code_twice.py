# SPDX-License-Identifier: AGPL-3.0-or-later
"""The same INFO twice, digits lost, doubled, interleaved or without end."""


def test_the_same_print_keyed_twice_comes_out_once(printing_kiosk):
    kiosk = printing_kiosk

    kiosk.phone.key("*11#*11#")
    kiosk.phone.wait_heard("Impression terminée, 1 page.")

    kiosk.phone.wait_heard("Déjà demandé : ce code n'est pas exécuté deux fois.")
    kiosk.cups.wait_idle()
    assert kiosk.printed() == [["Formulaire page 1"]]


def test_a_prepared_job_runs_once_however_often_it_is_keyed(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.server.prepared[3] = {"operation": "print", "document": 1}

    kiosk.phone.key("*73#*9#*73#*9#*73#")
    kiosk.wait_ended()
    kiosk.phone.key("*9#*73#")
    kiosk.phone.wait_heard("Cette opération a déjà été faite")

    kiosk.cups.wait_idle()
    assert kiosk.printed() == [["Formulaire page 1"]]


def test_doubled_digits_print_nothing_that_is_not_there(printing_kiosk):
    kiosk = printing_kiosk

    kiosk.phone.key("**1111##")
    kiosk.phone.wait_heard("Le document 111 n'existe pas. Documents : 1, 2.")

    assert kiosk.printed() == []


def test_a_wrong_code_is_answered_with_what_is_allowed(printing_kiosk):
    kiosk = printing_kiosk

    kiosk.phone.key("*6#")
    told = kiosk.phone.wait_heard("Ce code n'existe pas.")

    assert "*1<n># imprimer le document n" in told
    assert "*0# annuler" in told


def test_digits_without_end_are_answered_once_and_a_code_still_works(printing_kiosk):
    kiosk = printing_kiosk

    kiosk.phone.key("*1" + "7" * 600)
    kiosk.phone.key("*11#")
    kiosk.phone.wait_heard("Impression terminée, 1 page.")

    told = [text for text in kiosk.phone.heard() if "chiffres au plus" in text]
    assert len(told) == 1
    assert kiosk.printed() == [["Formulaire page 1"]]


def test_more_jobs_than_may_wait_are_refused(make_kiosk):
    kiosk = make_kiosk(card_turn_seconds=60)
    kiosk.start()
    kiosk.phone.key("*22#")
    kiosk.phone.wait_heard("faites retourner la carte")

    kiosk.phone.key("*21#*23#" * 13)
    kiosk.phone.wait_heard("Trop d'opérations en attente")
    kiosk.phone.key("*0#")
    kiosk.wait_ended(jobs=21)

    assert {report["state"] for report in kiosk.server.ended()} == {"canceled"}
