# SPDX-License-Identifier: AGPL-3.0-or-later
"""The server is away, answers nonsense, or the line breaks in the middle of a scan."""

import hashlib

from stage.waiting import wait_for


def test_a_scan_made_without_server_arrives_when_it_is_back(scanning_kiosk):
    kiosk = scanning_kiosk
    kiosk.server.stop()
    kiosk.phone.key("*23#")
    kiosk.phone.wait_heard("Numérisation terminée, 10 pages")
    kiosk.phone.wait_heard("La numérisation est gardée sur la borne")
    kiosk.leave_call()

    assert kiosk.bridge.files_left() != []
    kiosk.server.start()
    scan = kiosk.wait_scan(timeout_seconds=60)

    assert scan.announced["pages"] == 10
    assert (scan.appointment, len(kiosk.server.scans())) == (41, 1)
    assert kiosk.wait_wiped()["appointment"] == 41


def test_an_upload_that_breaks_goes_on_where_it_stood(scanning_kiosk):
    kiosk = scanning_kiosk
    kiosk.server.break_uploads_after = 1000

    kiosk.phone.key("*23#")
    wait_for(
        lambda: any(len(u.data) >= 2000 for u in kiosk.server.uploads.values()),
        "two pieces arrived",
    )
    kiosk.server.break_uploads_after = None
    scan = kiosk.wait_scan()

    assert hashlib.sha256(scan.data).hexdigest() == scan.announced["sha256"]
    assert len(kiosk.server.uploads) == 1


def test_a_scan_damaged_on_the_way_is_sent_again_until_its_hash_is_right(
    scanning_kiosk,
):
    kiosk = scanning_kiosk
    kiosk.server.damage_uploads = 2

    kiosk.phone.key("*21#")
    scan = kiosk.wait_scan()

    assert hashlib.sha256(scan.data).hexdigest() == scan.announced["sha256"]
    assert len(kiosk.server.scans()) == 1


def test_a_server_that_fails_inside_is_tried_again(scanning_kiosk):
    kiosk = scanning_kiosk
    kiosk.server.refuse_with = 503
    kiosk.phone.key("*21#")
    kiosk.phone.wait_heard("Numérisation terminée, 1 page")

    kiosk.server.refuse_with = None

    assert kiosk.wait_scan().announced["pages"] == 1


def test_a_restart_while_the_server_is_away_loses_no_scan(scanning_kiosk):
    kiosk = scanning_kiosk
    kiosk.server.stop()
    kiosk.phone.key("*23#")
    kiosk.phone.wait_heard("Numérisation terminée, 10 pages")

    kiosk.bridge.kill()
    kiosk.bridge.start()
    kiosk.server.start()

    assert kiosk.wait_scan(timeout_seconds=60).announced["pages"] == 10


def test_a_print_without_server_is_given_up_and_told(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.server.stop()

    kiosk.phone.key("*11#")
    kiosk.phone.wait_heard("Impression impossible. Le serveur ne répond pas.", 40)
    kiosk.server.start()

    report = kiosk.wait_ended(timeout_seconds=60)
    assert (report["state"], report["reason"]) == ("aborted", "server_unreachable")
    assert kiosk.printed() == []
