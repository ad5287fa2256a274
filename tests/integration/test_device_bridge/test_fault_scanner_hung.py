# SPDX-License-Identifier: AGPL-3.0-or-later
"""The scanner's driver hangs for ever, or takes its process along."""

import psutil

from stage.waiting import wait_for


def children_of(kiosk):
    return psutil.Process(kiosk.bridge.program.pid).children()


def test_a_hung_driver_is_killed_and_the_next_scan_works(make_kiosk):
    kiosk = make_kiosk(scan_page_limit_seconds=2)
    kiosk.start()
    kiosk.scanner.slow_down()

    kiosk.phone.key("*21#")
    kiosk.phone.wait_heard("Le scanner ne répond plus : il a été relancé, réessayez.")
    report = kiosk.wait_ended()
    kiosk.scanner.set_options()
    kiosk.phone.key("*23#")

    assert (report["state"], report["reason"]) == ("aborted", "scanner_hung")
    assert kiosk.wait_scan().announced["pages"] == 10


def test_the_other_device_works_while_the_scanner_hangs(make_kiosk, cups, pdf):
    kiosk = make_kiosk(cups)
    kiosk.server.documents = {1: pdf("Formulaire")}
    kiosk.start()
    kiosk.scanner.slow_down()
    kiosk.phone.key("*21#")
    kiosk.phone.wait_heard("Numérisation en cours")

    kiosk.phone.key("*11#")
    kiosk.phone.wait_heard("Impression terminée, 1 page.")
    kiosk.phone.key("*0#")
    kiosk.phone.wait_heard("Numérisation annulée.")

    assert [report["state"] for report in kiosk.server.ended()].count("canceled") == 1


def test_a_driver_that_crashes_ends_the_scan_and_not_the_bridge(scanning_kiosk):
    kiosk = scanning_kiosk
    kiosk.scanner.slow_down()
    kiosk.phone.key("*21#")
    kiosk.phone.wait_heard("Numérisation en cours")

    wait_for(lambda: children_of(kiosk), "the driver runs")[0].kill()
    report = kiosk.wait_ended()
    kiosk.scanner.set_options()
    kiosk.phone.key("*23#")

    assert (report["state"], report["reason"]) == ("aborted", "scanner_fault")
    assert kiosk.wait_scan().announced["pages"] == 10


def test_no_driver_outlives_a_killed_bridge(scanning_kiosk):
    kiosk = scanning_kiosk
    kiosk.scanner.slow_down()
    kiosk.phone.key("*21#")
    kiosk.phone.wait_heard("Numérisation en cours")
    driver = wait_for(lambda: children_of(kiosk), "the driver runs")[0]

    psutil.Process(kiosk.bridge.program.pid).kill()

    driver.wait(timeout=5)
