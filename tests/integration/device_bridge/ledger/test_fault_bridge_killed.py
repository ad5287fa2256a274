# SPDX-License-Identifier: AGPL-3.0-or-later
"""The bridge is killed (-9) before, while and after the device did its part."""

from stage.waiting import wait_for

FEEDER_600 = {"operation": "scan", "preset": "feeder", "resolution_dpi": 600}


def test_killed_before_the_printer_heard_of_it_it_prints_once_after_the_start(
    printing_kiosk,
):
    kiosk = printing_kiosk
    kiosk.server.refuse_with = 503
    kiosk.phone.key("*12#")
    wait_for(lambda: kiosk.bridge.status()["jobs"], "the job is written down")

    kiosk.bridge.kill()
    kiosk.server.refuse_with = None
    kiosk.bridge.start()
    kiosk.phone.wait_heard("Impression terminée, 3 pages.")

    report = kiosk.wait_ended()
    assert (report["state"], report["reason"]) == ("completed", "")
    assert [len(pages) for pages in kiosk.printed()] == [3]


def test_killed_while_it_prints_it_finds_its_job_and_prints_nothing_twice(
    printing_kiosk,
):
    kiosk = printing_kiosk
    kiosk.cups.set_faults("slow")
    kiosk.phone.key("*12#")
    kiosk.wait_handed_over()

    kiosk.bridge.kill()
    kiosk.bridge.start()
    kiosk.cups.set_faults()
    report = kiosk.wait_ended()
    kiosk.cups.wait_idle()

    assert (report["state"], report["reason"]) == ("completed", "")
    assert [len(pages) for pages in kiosk.printed()] == [3]


def test_killed_while_it_prints_and_started_after_the_end_it_knows_the_end(
    printing_kiosk,
):
    kiosk = printing_kiosk
    kiosk.cups.set_faults("slow")
    kiosk.phone.key("*12#")
    kiosk.wait_handed_over()

    kiosk.bridge.kill()
    kiosk.cups.set_faults()
    kiosk.cups.wait_idle()
    kiosk.bridge.start()

    report = kiosk.wait_ended()
    assert (report["state"], report["reason"]) == ("completed", "")
    assert [len(pages) for pages in kiosk.printed()] == [3]


def test_killed_before_the_scan_it_scans_after_the_start(make_kiosk):
    kiosk = make_kiosk(place_seconds=5)
    kiosk.start()
    kiosk.phone.key("*21#")
    wait_for(lambda: kiosk.bridge.status()["jobs"], "the job is written down")

    kiosk.bridge.kill()
    kiosk.bridge.settings["place_seconds"] = 0
    kiosk.bridge.write_bundle()
    kiosk.bridge.start()

    assert kiosk.wait_scan().announced["pages"] == 1
    report = kiosk.wait_ended()
    assert (report["state"], report["reason"]) == ("completed", "")


def test_killed_while_it_scans_the_pages_so_far_arrive(scanning_kiosk, pages_of):
    kiosk = scanning_kiosk
    kiosk.scanner.slow_down(at_page=5)
    kiosk.server.prepared[1] = dict(FEEDER_600)
    kiosk.phone.key("*71#")
    wait_for(
        lambda: len(list(kiosk.bridge.data.rglob("page-*.jpg"))) == 4, "four pages"
    )

    kiosk.bridge.kill()
    kiosk.scanner.set_options()
    kiosk.bridge.start()
    scan = kiosk.wait_scan()

    assert len(pages_of(bytes(scan.data))) == 4
    report = kiosk.wait_ended()
    assert (report["state"], report["reason"]) == ("aborted", "bridge_restarted")
    assert len(kiosk.server.scans()) == 1


def test_killed_after_the_scan_it_delivers_it_once(scanning_kiosk):
    kiosk = scanning_kiosk
    kiosk.server.refuse_with = 503
    kiosk.phone.key("*23#")
    kiosk.phone.wait_heard("Numérisation terminée, 10 pages")

    kiosk.bridge.kill()
    kiosk.server.refuse_with = None
    kiosk.bridge.start()
    scan = kiosk.wait_scan()

    assert (scan.announced["pages"], len(kiosk.server.scans())) == (10, 1)


def test_a_prepared_job_does_not_run_again_after_a_restart(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.server.prepared[3] = {"operation": "print", "document": 1}
    kiosk.phone.key("*73#")
    kiosk.wait_ended()

    kiosk.bridge.kill()
    kiosk.bridge.start()
    kiosk.enter_call()
    kiosk.phone.key("*73#")
    kiosk.phone.wait_heard("Cette opération a déjà été faite : elle n'est pas refaite.")

    assert len(kiosk.printed()) == 1


def test_killed_while_a_page_is_written_the_whole_ones_arrive(scanning_kiosk, pages_of):
    kiosk = scanning_kiosk
    kiosk.server.prepared[1] = dict(FEEDER_600)

    def written() -> int:
        return len(list(kiosk.bridge.data.rglob("page-*.jpg")))

    kiosk.phone.key("*71#")
    wait_for(
        lambda: written() >= 2 and list(kiosk.bridge.data.rglob("raw-*.part")),
        "a page is being written",
        poll_seconds=0.001,
    )

    kiosk.bridge.kill()
    whole = written() + len(list(kiosk.bridge.data.rglob("raw-*.jpg")))
    acknowledged = max(
        (report["page"] for report in kiosk.server.last_reports().values()), default=0
    )
    kiosk.bridge.start()
    scan = kiosk.wait_scan()

    assert acknowledged <= whole < 10
    assert len(pages_of(bytes(scan.data))) == whole
    report = kiosk.wait_ended()
    assert (report["state"], report["reason"]) == ("aborted", "bridge_restarted")
