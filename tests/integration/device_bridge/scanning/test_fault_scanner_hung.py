# SPDX-License-Identifier: AGPL-3.0-or-later
"""The scanner's driver hangs for ever, or takes its process along."""

import psutil

from stage.waiting import wait_for

DRIVER = "device_bridge.scanning.sane_process"


def driver_of(kiosk):
    """Give the process in which the driver runs."""
    bridge = psutil.Process(kiosk.bridge.program.pid)

    def find():
        found = [each for each in bridge.children() if DRIVER in each.cmdline()]
        return found[0] if found else None

    return wait_for(find, "the driver runs")


def begin_scan(kiosk):
    """Begin a scan of the feeder; give the driver, at work on page 3 or 4."""
    kiosk.scanner.slow_down(at_page=3)
    kiosk.phone.key("*23#")
    kept = kiosk.bridge.data
    wait_for(lambda: len(list(kept.rglob("page-*.jpg"))) >= 2, "two pages")
    return driver_of(kiosk)


def test_a_hung_driver_is_killed_its_pages_kept_and_the_next_scan_works(make_kiosk):
    kiosk = make_kiosk(scan_page_limit_seconds=4)
    kiosk.start()

    driver = begin_scan(kiosk)
    driver.suspend()
    kiosk.phone.wait_heard("Le scanner ne répond plus : il a été relancé, réessayez.")
    report = kiosk.wait_ended()
    kept = kiosk.wait_scan().announced["pages"]
    kiosk.scanner.set_options()
    kiosk.phone.key("*21#")
    wait_for(lambda: len(kiosk.server.scans()) == 2, "the next scan arrives")

    assert (report["state"], report["reason"]) == ("aborted", "scanner_hung")
    assert 2 <= kept < 10
    assert kiosk.wait_scan().announced["pages"] == 1
    assert is_gone(driver)


def test_the_printer_works_while_the_scanner_hangs_and_a_cancel_ends_it(
    make_kiosk, cups, pdf
):
    kiosk = make_kiosk(cups, scan_page_limit_seconds=60)
    kiosk.server.documents = {1: pdf("Formulaire")}
    kiosk.start()
    begin_scan(kiosk).suspend()

    kiosk.phone.key("*11#")
    kiosk.phone.wait_heard("Impression terminée, 1 page.")
    kiosk.phone.key("*0#")
    kiosk.phone.wait_heard("Annulé à la demande du conseiller.")

    wait_for(lambda: len(kiosk.server.ended()) == 2, "both ended")
    states = {report["operation"]: report["state"] for report in kiosk.server.ended()}
    assert states == {"print": "completed", "scan": "canceled"}


def test_a_driver_that_crashes_ends_the_scan_and_not_the_bridge(scanning_kiosk):
    kiosk = scanning_kiosk

    begin_scan(kiosk).kill()
    report = kiosk.wait_ended()
    kiosk.wait_scan()
    kiosk.scanner.set_options()
    kiosk.phone.key("*21#")
    wait_for(lambda: len(kiosk.server.scans()) == 2, "the next scan arrives")

    assert (report["state"], report["reason"]) == ("aborted", "scanner_fault")
    assert kiosk.wait_scan().announced["pages"] == 1


def test_a_driver_that_takes_no_order_is_replaced_and_the_scan_is_done(scanning_kiosk):
    kiosk = scanning_kiosk
    driver = driver_of(kiosk)
    driver.suspend()

    kiosk.phone.key("*23#")

    assert kiosk.wait_scan().announced["pages"] == 10
    assert is_gone(driver)


def test_no_driver_outlives_a_killed_bridge(scanning_kiosk):
    kiosk = scanning_kiosk
    driver = driver_of(kiosk)
    # Whoever answers has begun, and so asked the kernel to end with its parent.
    kiosk.phone.key("*21#")
    kiosk.wait_scan()
    driver.suspend()

    psutil.Process(kiosk.bridge.program.pid).kill()

    wait_for(lambda: is_gone(driver), "the driver is gone")


def is_gone(process):
    """Tell whether it runs no more; a zombie is nobody of ours to reap."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
