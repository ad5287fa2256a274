# SPDX-License-Identifier: AGPL-3.0-or-later
"""The call breaks in the middle of a print or a scan."""

from stage.waiting import wait_for


def test_a_print_under_way_comes_out_and_the_kiosk_is_wiped(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.cups.set_faults("slow")
    kiosk.phone.key("*12#")
    kiosk.wait_handed_over()

    kiosk.leave_call()
    kiosk.cups.set_faults()
    report = kiosk.wait_ended()

    assert report["state"] == "completed"
    assert [len(pages) for pages in kiosk.printed()] == [3]
    kiosk.wait_wiped()


def test_a_print_that_waits_for_paper_does_not_surprise_the_next_resident(
    make_kiosk, cups, pdf
):
    kiosk = make_kiosk(cups, print_orphan_limit_seconds=0.5)
    kiosk.server.documents = {1: pdf("Formulaire")}
    kiosk.start()
    cups.set_faults("media-empty")
    kiosk.phone.key("*11#")
    kiosk.phone.wait_heard("L'imprimante n'a plus de papier.")

    kiosk.leave_call()
    report = kiosk.wait_ended()
    cups.set_faults()
    cups.wait_idle()

    assert (report["state"], report["reason"]) == ("aborted", "paper_out")
    assert kiosk.printed() == []
    kiosk.wait_wiped()


def test_a_scan_under_way_is_finished_and_delivered(scanning_kiosk):
    kiosk = scanning_kiosk
    kiosk.phone.key("*23#")
    kiosk.phone.wait_heard("Numérisation en cours")

    kiosk.leave_call()

    assert kiosk.wait_scan().announced["pages"] == 10
    kiosk.wait_wiped()


def test_what_had_not_begun_is_not_begun(make_kiosk):
    kiosk = make_kiosk(card_turn_seconds=30)
    kiosk.start()
    kiosk.phone.key("*22#")
    kiosk.phone.wait_heard("faites retourner la carte")
    kiosk.phone.key("*23#")
    kiosk.phone.wait_heard("Numérisation en attente")

    kiosk.leave_call()
    kiosk.wait_ended(jobs=2)

    reports = {report["sentence"]: report for report in kiosk.server.ended()}
    states = sorted(report["state"] for report in reports.values())
    assert states == ["canceled", "canceled"]
    # The first side of the card is good, and is not thrown away.
    assert kiosk.wait_scan().announced["pages"] == 1


def test_a_telephone_that_vanishes_ends_its_call_after_a_while(make_kiosk):
    kiosk = make_kiosk()
    kiosk.start()
    kiosk.phone.key("*21#")
    kiosk.wait_scan()
    kiosk.server.appointment = None

    kiosk.phone.close()

    kiosk.wait_wiped()


def test_somebody_who_asks_for_the_status_does_not_end_the_call(make_kiosk):
    kiosk = make_kiosk(rejoin_seconds=0.1, heartbeat_seconds=0.2)
    kiosk.start()
    kiosk.bridge.status()
    before = len(kiosk.server.heartbeats)
    # Long enough for the time to rejoin to pass, and for a look at it.
    wait_for(lambda: len(kiosk.server.heartbeats) >= before + 8, "time passes")

    assert kiosk.bridge.status()["call"] == kiosk.phone.call
