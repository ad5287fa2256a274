# SPDX-License-Identifier: AGPL-3.0-or-later
"""The scanner is unplugged: before a scan, or in the middle of one."""


def test_the_pages_scanned_before_are_kept_and_delivered(scanning_kiosk, pages_of):
    kiosk = scanning_kiosk
    kiosk.scanner.break_with("IO_ERROR", at_page=3)

    kiosk.phone.key("*23#")
    kiosk.phone.wait_heard("Numérisation arrêtée à la page 3. Le scanner ne répond pas")
    scan = kiosk.wait_scan()

    assert len(pages_of(bytes(scan.data))) == 2
    assert "partial" in scan.announced["verdicts"]
    report = kiosk.wait_ended()
    assert (report["state"], report["reason"]) == ("aborted", "scanner_offline")


def test_a_scanner_that_is_not_there_is_told(make_kiosk):
    kiosk = make_kiosk(scanner="test:9")
    kiosk.start()

    kiosk.phone.key("*23#")

    kiosk.phone.wait_heard("Le scanner ne répond pas : éteint ou débranché.")
    assert kiosk.wait_ended()["reason"] == "scanner_offline"
    assert kiosk.server.uploads == {}


def test_a_scan_works_again_once_it_is_back(scanning_kiosk):
    kiosk = scanning_kiosk
    kiosk.scanner.break_with("IO_ERROR")
    kiosk.phone.key("*23#")
    kiosk.wait_ended()
    kiosk.scanner.set_options()

    kiosk.phone.key("*2#")

    assert kiosk.wait_scan().announced["pages"] == 10
