# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody paused the queue."""


def test_the_counsellor_reads_it_and_the_print_comes_when_it_goes_on(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.cups.pause()

    kiosk.phone.key("*11#")
    kiosk.phone.wait_heard("L'imprimante est en pause.")
    kiosk.cups.resume()
    kiosk.phone.wait_heard("Impression terminée, 1 page.")

    assert kiosk.wait_ended()["state"] == "completed"
    assert kiosk.printed() == [["Formulaire page 1"]]


def test_a_queue_that_is_not_there_is_told_at_once(make_kiosk, cups, pdf):
    kiosk = make_kiosk(cups, printer="kiosk-nowhere")
    kiosk.server.documents = {1: pdf("Formulaire")}
    kiosk.start()

    kiosk.phone.key("*11#")

    kiosk.phone.wait_heard("Cette imprimante n'est pas installée sur la borne.")
    assert kiosk.wait_ended()["reason"] == "printer_unknown"
