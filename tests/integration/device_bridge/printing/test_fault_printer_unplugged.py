# SPDX-License-Identifier: AGPL-3.0-or-later
"""The printer is unplugged: before a print, or in the middle of one."""


def test_a_print_waits_for_the_printer_to_come_back(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.cups.unplug_printer()

    kiosk.phone.key("*12#")
    kiosk.phone.wait_heard("L'imprimante ne répond pas : éteinte ou débranchée.")
    kiosk.cups.start_printer()
    kiosk.phone.wait_heard("Impression terminée, 3 pages.")

    assert kiosk.wait_ended()["state"] == "completed"
    assert [len(pages) for pages in kiosk.printed()] == [3]


def test_a_print_cut_off_is_never_sent_a_second_time_by_itself(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.cups.set_faults("slow")
    kiosk.phone.key("*12#")
    kiosk.wait_handed_over()

    kiosk.cups.unplug_printer()
    kiosk.phone.wait_heard("L'imprimante ne répond pas : éteinte ou débranchée.")
    kiosk.cups.set_faults()
    kiosk.cups.start_printer()
    report = kiosk.wait_ended()
    kiosk.cups.wait_idle()

    assert report["state"] == "aborted"
    assert report["reason"] in ("print_uncertain", "print_service_restarted")
    kiosk.phone.wait_heard("comptez les feuilles")
    assert len(kiosk.printed()) <= 1
