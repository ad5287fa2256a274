# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor cancels a scan: a cut page is no page, the whole ones are kept."""

from stage.waiting import wait_for

FEEDER_600 = {"operation": "scan", "preset": "feeder", "resolution_dpi": 600}


def test_the_whole_pages_are_kept_and_the_cut_one_is_not(scanning_kiosk, pages_of):
    kiosk = scanning_kiosk
    kiosk.scanner.slow_down(at_page=4)
    kiosk.server.prepared[1] = dict(FEEDER_600)
    kiosk.phone.key("*71#")
    wait_for(lambda: len(list(kiosk.bridge.data.rglob("page-*.jpg"))) >= 3, "3 pages")

    kiosk.phone.key("*0#")
    report = kiosk.wait_ended()

    # On a busy machine a page or two are whole by the time the cancel is heard.
    assert report["state"] == "canceled" and 3 <= report["page"] < 10
    assert len(pages_of(bytes(kiosk.wait_scan().data))) == report["page"]


def test_with_nothing_under_way_the_counsellor_reads_so(scanning_kiosk):
    scanning_kiosk.phone.key("*0#")

    scanning_kiosk.phone.wait_heard("Rien à annuler : les appareils ne font rien.")
