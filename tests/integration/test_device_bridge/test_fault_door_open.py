# SPDX-License-Identifier: AGPL-3.0-or-later
"""The printer opens its door: the counsellor reads it, the print goes on afterwards."""

from stage.waiting import wait_for


def test_the_counsellor_reads_it_and_the_print_goes_on_once_it_is_mended(
    printing_kiosk,
):
    kiosk = printing_kiosk
    kiosk.cups.set_faults("cover-open")

    kiosk.phone.key("*12#")
    kiosk.phone.wait_heard("Le capot de l'imprimante est ouvert.")
    wait_for(lambda: kiosk.reasons() == ["door_open"], "the server knows too")
    waiting = next(iter(kiosk.server.last_reports().values()))
    kiosk.cups.set_faults()
    kiosk.phone.wait_heard("Impression terminée, 3 pages.")

    assert waiting["state"] == "processing"
    report = kiosk.wait_ended()
    assert (report["state"], report["reason"]) == ("completed", "")
    assert [len(pages) for pages in kiosk.printed()] == [3]
    assert kiosk.phone.heard().count("Le capot de l'imprimante est ouvert.") == 1
