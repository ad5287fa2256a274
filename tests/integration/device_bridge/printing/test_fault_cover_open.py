# SPDX-License-Identifier: AGPL-3.0-or-later
"""The scanner's cover is open."""


def test_the_counsellor_reads_it_and_may_scan_once_it_is_closed(scanning_kiosk):
    kiosk = scanning_kiosk
    kiosk.scanner.break_with("COVER_OPEN")

    kiosk.phone.key("*23#")
    kiosk.phone.wait_heard("Le capot du scanner est ouvert.")
    report = kiosk.wait_ended()
    kiosk.scanner.set_options()
    kiosk.phone.key("*21#")

    assert (report["state"], report["reason"]) == ("aborted", "cover_open")
    assert kiosk.wait_scan().announced["pages"] == 1
