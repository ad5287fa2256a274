# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's disk is full: nothing is begun that could not be kept."""

TOO_MUCH = 10**15


def test_no_scan_is_begun_without_room_for_its_pages(make_kiosk):
    kiosk = make_kiosk(min_free_bytes=TOO_MUCH)
    kiosk.start()

    kiosk.phone.key("*23#")
    report = kiosk.wait_ended()

    assert (report["state"], report["reason"]) == ("aborted", "disk_full")
    kiosk.phone.wait_heard("Numérisation impossible. Le disque de la borne est plein.")
    assert kiosk.bridge.files_left() == []


def test_no_print_is_begun_without_room_for_its_document(make_kiosk, cups, pdf):
    kiosk = make_kiosk(cups, min_free_bytes=TOO_MUCH)
    kiosk.server.documents = {1: pdf("Formulaire")}
    kiosk.start()

    kiosk.phone.key("*11#")
    report = kiosk.wait_ended()

    assert (report["state"], report["reason"]) == ("aborted", "disk_full")
    assert kiosk.printed() == []
