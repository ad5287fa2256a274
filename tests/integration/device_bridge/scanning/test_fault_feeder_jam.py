# SPDX-License-Identifier: AGPL-3.0-or-later
"""The feeder jams on page 7 of 10: the six good pages are kept and offered."""


def test_the_six_good_pages_arrive_and_the_counsellor_reads_why(
    scanning_kiosk, pages_of
):
    kiosk = scanning_kiosk
    kiosk.scanner.break_with("JAMMED", at_page=7)

    kiosk.phone.key("*23#")
    told = kiosk.phone.wait_heard("Numérisation arrêtée à la page 7.")
    kiosk.phone.wait_heard("Numérisation reçue : document 1, 6 pages")
    scan = kiosk.wait_scan()

    assert "Bourrage de papier dans le chargeur du scanner." in told
    assert "Les 6 premières pages sont gardées" in told
    assert len(pages_of(bytes(scan.data))) == 6
    report = kiosk.wait_ended()
    assert (report["state"], report["reason"]) == ("aborted", "feeder_jam")
    assert (report["page"], report["pages"]) == (6, 6)
