# SPDX-License-Identifier: AGPL-3.0-or-later
"""A print is got ready while its code is keyed; only the whole code prints."""

import threading

from stage.waiting import wait_for


def key_and_wait_fetched(kiosk, begun):
    """Key the beginning of a code, and return once its document was asked for."""
    asked = kiosk.server.calls_asked
    kiosk.phone.key(begun[:-1])
    wait_for(lambda: kiosk.server.calls_asked > asked, "the documents are asked for")
    kiosk.phone.key(begun[-1])
    wait_for(lambda: kiosk.server.documents_sent, "the document is fetched")


def test_the_document_is_fetched_before_the_hash_and_once(printing_kiosk):
    kiosk = printing_kiosk
    key_and_wait_fetched(kiosk, "*12")
    assert kiosk.server.documents_sent_ahead == 1
    assert kiosk.server.last_reports() == {}

    kiosk.phone.key("#")
    report = kiosk.wait_ended()

    assert (report["state"], report["document"]) == ("completed", 2)
    assert [len(pages) for pages in kiosk.printed()] == [3]
    assert kiosk.server.documents_sent == 1


def test_a_prepared_print_is_fetched_before_the_hash_and_once(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.server.prepared[3] = {"operation": "print", "document": 2}
    key_and_wait_fetched(kiosk, "*73")

    kiosk.phone.key("#")
    report = kiosk.wait_ended()

    assert (report["state"], report["number"]) == ("completed", 3)
    assert [len(pages) for pages in kiosk.printed()] == [3]
    assert kiosk.server.documents_sent == 1


def test_a_slow_document_is_printed_once_and_fetched_once(printing_kiosk):
    kiosk = printing_kiosk
    may_go_on = kiosk.server.hold_documents = threading.Event()
    key_and_wait_fetched(kiosk, "*12")
    kiosk.phone.key("#")
    wait_for(lambda: kiosk.bridge.status()["jobs"], "the job is written down")
    assert kiosk.printed() == []

    may_go_on.set()
    report = kiosk.wait_ended()

    assert (report["state"], report["reason"]) == ("completed", "")
    assert [len(pages) for pages in kiosk.printed()] == [3]
    assert kiosk.server.documents_sent == 1


def test_another_number_prints_that_one_alone(printing_kiosk):
    kiosk = printing_kiosk
    key_and_wait_fetched(kiosk, "*12")

    kiosk.phone.key("*11#")
    kiosk.phone.wait_heard("Impression terminée, 1 page.")

    assert [len(pages) for pages in kiosk.printed()] == [1]
    assert len(kiosk.server.last_reports()) == 1


def test_a_call_that_ends_before_the_hash_leaves_nothing(printing_kiosk):
    kiosk = printing_kiosk
    key_and_wait_fetched(kiosk, "*12")
    wait_for(kiosk.bridge.files_left, "the document is at the kiosk")

    kiosk.leave_call()
    wait_for(lambda: kiosk.bridge.status()["call"] is None, "the call is over")
    wait_for(lambda: not kiosk.bridge.files_left(), "nothing of it is left")

    assert (kiosk.printed(), kiosk.server.last_reports()) == ([], {})


def test_a_server_that_fails_ahead_is_asked_again_at_the_hash(printing_kiosk):
    kiosk = printing_kiosk
    kiosk.server.damage_documents = True
    key_and_wait_fetched(kiosk, "*12")
    kiosk.server.damage_documents = False

    kiosk.phone.key("#")
    report = kiosk.wait_ended()

    assert (report["state"], report["reason"]) == ("completed", "")
    assert kiosk.server.documents_sent == 2
    assert len(kiosk.printed()) == 1


def test_killed_before_the_hash_nothing_is_printed_and_nothing_is_left(printing_kiosk):
    kiosk = printing_kiosk
    key_and_wait_fetched(kiosk, "*12")
    kiosk.bridge.kill()
    kiosk.phone.end()
    kiosk.server.appointment = None

    kiosk.bridge.start()
    wait_for(lambda: not kiosk.bridge.files_left(), "the document is wiped")

    assert (kiosk.printed(), kiosk.server.last_reports()) == ([], {})
