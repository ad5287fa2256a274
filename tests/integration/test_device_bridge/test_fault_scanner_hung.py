# SPDX-License-Identifier: AGPL-3.0-or-later
"""The scanner's driver hangs for ever, or takes its process along."""

import psutil

from stage.waiting import wait_for


def hang_driver(kiosk):
    """Stop the driver's process where it is, as a driver stuck in the kernel."""
    # The first heartbeat's look at the scanner must be over.
    wait_for(lambda: kiosk.server.heartbeats, "a heartbeat")
    bridge = psutil.Process(kiosk.bridge.program.pid)
    driver = wait_for(bridge.children, "the driver runs")[0]
    driver.suspend()
    return driver


def test_a_hung_driver_is_killed_and_the_next_scan_works(make_kiosk):
    kiosk = make_kiosk(scan_page_limit_seconds=2, heartbeat_seconds=60)
    kiosk.start()
    driver = hang_driver(kiosk)

    kiosk.phone.key("*21#")
    kiosk.phone.wait_heard("Le scanner ne répond plus : il a été relancé, réessayez.")
    report = kiosk.wait_ended()
    kiosk.phone.key("*23#")

    assert (report["state"], report["reason"]) == ("aborted", "scanner_hung")
    assert kiosk.wait_scan().announced["pages"] == 10
    assert not driver.is_running()


def test_the_printer_works_while_the_scanner_hangs_and_a_cancel_ends_it(
    make_kiosk, cups, pdf
):
    kiosk = make_kiosk(cups, heartbeat_seconds=60)
    kiosk.server.documents = {1: pdf("Formulaire")}
    kiosk.start()
    hang_driver(kiosk)
    kiosk.phone.key("*21#")
    kiosk.phone.wait_heard("Numérisation en cours")

    kiosk.phone.key("*11#")
    kiosk.phone.wait_heard("Impression terminée, 1 page.")
    kiosk.phone.key("*0#")
    kiosk.phone.wait_heard("Numérisation annulée.")

    wait_for(lambda: len(kiosk.server.ended()) == 2, "both ended")
    states = {report["operation"]: report["state"] for report in kiosk.server.ended()}
    assert states == {"print": "completed", "scan": "canceled"}


def test_a_driver_that_crashes_ends_the_scan_and_not_the_bridge(make_kiosk):
    kiosk = make_kiosk(heartbeat_seconds=60)
    kiosk.start()
    driver = hang_driver(kiosk)
    kiosk.phone.key("*21#")
    kiosk.phone.wait_heard("Numérisation en cours")

    driver.kill()
    report = kiosk.wait_ended()
    kiosk.phone.key("*23#")

    assert (report["state"], report["reason"]) == ("aborted", "scanner_fault")
    assert kiosk.wait_scan().announced["pages"] == 10


def test_no_driver_outlives_a_killed_bridge(make_kiosk):
    kiosk = make_kiosk(heartbeat_seconds=60)
    kiosk.start()
    driver = hang_driver(kiosk)

    psutil.Process(kiosk.bridge.program.pid).kill()

    wait_for(lambda: is_gone(driver), "the driver is gone")


def is_gone(process):
    """Tell whether it runs no more; a zombie is nobody of ours to reap."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
