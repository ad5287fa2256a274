# SPDX-License-Identifier: AGPL-3.0-or-later
"""Nobody put paper into the feeder."""


def test_the_counsellor_reads_it_when_the_feeder_was_asked_for(scanning_kiosk):
    kiosk = scanning_kiosk
    kiosk.scanner.break_with("NO_DOCS")

    kiosk.phone.key("*23#")
    report = kiosk.wait_ended()

    assert (report["state"], report["reason"]) == ("aborted", "feeder_empty")
    assert kiosk.phone.wait_heard("Le chargeur du scanner est vide.")
    assert kiosk.server.uploads == {}


def test_the_glass_serves_when_the_counsellor_asked_for_neither(make_kiosk):
    kiosk = make_kiosk(scanner="virtual")
    kiosk.start()

    kiosk.phone.key("*2#")

    assert kiosk.wait_scan().announced["pages"] == 1
