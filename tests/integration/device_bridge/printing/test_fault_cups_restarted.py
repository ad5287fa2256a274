# SPDX-License-Identifier: AGPL-3.0-or-later
"""CUPS is killed and started again in the middle of a print, or is not there at all."""


def test_a_print_that_the_printer_had_is_not_printed_twice(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.cups.set_faults("slow")
    kiosk.phone.key("*12#")
    kiosk.wait_handed_over()

    kiosk.cups.cupsd.kill()
    kiosk.cups.start_cupsd()
    report = kiosk.wait_ended()
    kiosk.cups.set_faults()
    kiosk.cups.wait_idle()

    assert (report["state"], report["reason"]) == ("aborted", "print_service_restarted")
    kiosk.phone.wait_heard("comptez les feuilles sorties avant de relancer")
    assert len(kiosk.printed()) <= 1


def test_a_print_that_waited_in_the_queue_is_printed_once_afterwards(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.cups.pause()
    kiosk.phone.key("*12#")
    kiosk.phone.wait_heard("L'imprimante est en pause.")

    kiosk.cups.cupsd.kill()
    kiosk.phone.wait_heard("Le service d'impression de la borne ne répond pas.")
    kiosk.cups.start_cupsd()
    kiosk.cups.resume()
    kiosk.phone.wait_heard("Impression terminée, 3 pages.")

    assert kiosk.wait_ended()["state"] == "completed"
    assert [len(pages) for pages in kiosk.printed()] == [3]


def test_without_cups_the_counsellor_reads_it_and_nothing_waits(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.cups.cupsd.kill()

    kiosk.phone.key("*12#")
    report = kiosk.wait_ended()
    kiosk.cups.start_cupsd()
    kiosk.cups.wait_idle()

    assert (report["state"], report["reason"]) == ("aborted", "print_service_down")
    kiosk.phone.wait_heard("Le service d'impression de la borne ne répond pas.")
    assert kiosk.printed() == []
