# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a code needs is fetched while it is keyed, and dropped when it is given up."""

import threading
from pathlib import Path

import pytest

from device_bridge.call import ahead as ahead_module
from device_bridge.call.ahead import Ahead
from device_bridge.call.call import Call
from device_bridge.call.codes import Command, Verb
from device_bridge.jobs.job import Operation
from device_bridge.jobs.reasons import Reason
from device_bridge.printing.pdf_check import UnfitDocument
from device_bridge.server.kiosk_api import KioskApi
from stage.kiosk_server import TOKEN, KioskServer
from stage.waiting import wait_for

CALL = Call("gv-41-1", 41)
CONTENT = b"%PDF " + bytes(100_000)


class Desk:
    """An Ahead on a server of its own, and what it has on its disk."""

    def __init__(self, folder: Path) -> None:
        self.server = KioskServer()
        self.server.start()
        self.server.appointment = CALL.appointment
        self.server.documents = {1: CONTENT, 2: CONTENT + b"2"}
        self.known: set[tuple[Call, int]] = set()
        self.has_room = True
        self.is_fit = True
        self.folder = folder
        self.target = folder / "document.pdf"
        api = KioskApi(self.server.url, TOKEN, None, 1_000_000)
        self.ahead = Ahead(
            api,
            lambda appointment: folder,
            self.count_pages,
            lambda: self.has_room,
            lambda call, number: (call, number) in self.known,
        )

    def count_pages(self, file: Path) -> int:
        if not self.is_fit:
            raise UnfitDocument(Reason.DOCUMENT_ACTIVE)
        return 3

    def begin(self, *commands: Command, call: Call = CALL) -> None:
        for command in commands:
            self.ahead.see(call, command)

    def key(self, verb: Verb, number: int) -> None:
        """Key a whole code, its digits a moment apart."""
        self.begin(Command(verb))
        self.rest()
        self.begin(Command(verb, number))
        self.rest()
        self.ahead.keep(Command(verb, number))

    def rest(self) -> None:
        """Return once what was begun in the background is done."""
        self.ahead._executor.submit(lambda: None).result(10)

    def take(self, number: int = 1, appointment: int = CALL.appointment) -> int | None:
        return self.ahead.take_document(
            appointment, number, self.target, threading.Event()
        )

    def files(self) -> list[str]:
        return sorted(file.name for file in self.folder.iterdir())


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.ahead.close()
    if made.server.hold_documents is not None:
        made.server.hold_documents.set()
    made.server.stop()


def test_the_document_of_a_code_is_there_before_its_hash_key(desk):
    desk.key(Verb.PRINT, 1)
    desk.server.stop()

    assert desk.take() == 3
    assert desk.target.read_bytes() == CONTENT
    assert desk.files() == ["document.pdf"]
    assert desk.server.documents_sent_ahead == 1


def test_it_is_given_once(desk):
    desk.key(Verb.PRINT, 1)

    assert (desk.take(), desk.take()) == (3, None)
    assert desk.server.documents_sent == 1


def test_a_prepared_print_brings_its_job_and_its_document(desk):
    desk.server.prepared[7] = {"operation": "print", "document": 2, "copies": 4}

    desk.key(Verb.RUN, 7)
    job = desk.ahead.take_job(CALL, 7)

    assert (job.operation, job.document, job.copies) == (Operation.PRINT, 2, 4)
    assert desk.take(2) == 3
    assert desk.target.read_bytes() == CONTENT + b"2"


def test_a_prepared_scan_brings_its_job_alone(desk):
    desk.server.prepared[7] = {"operation": "scan", "preset": "feeder"}

    desk.key(Verb.RUN, 7)

    assert desk.ahead.take_job(CALL, 7).operation is Operation.SCAN
    assert (desk.server.documents_sent, desk.files()) == (0, [])


def test_a_job_that_ran_before_is_not_fetched_again(desk):
    desk.server.prepared[7] = {"operation": "print", "document": 1}
    desk.known.add((CALL, 7))

    desk.key(Verb.RUN, 7)

    assert desk.ahead.take_job(CALL, 7) is None
    assert desk.server.documents_sent == 0


def test_a_further_digit_drops_what_the_shorter_number_brought(desk):
    desk.begin(Command(Verb.PRINT))
    desk.rest()
    desk.begin(Command(Verb.PRINT, 1))
    desk.rest()
    assert desk.files() == ["ahead-1.pdf"]

    desk.begin(Command(Verb.PRINT, 12))
    desk.rest()
    desk.ahead.keep(Command(Verb.PRINT, 12))

    assert desk.files() == []
    assert desk.take(12) is None


def test_a_number_that_may_still_grow_fetches_nothing(desk):
    desk.server.documents[12] = CONTENT

    desk.key(Verb.PRINT, 1)

    assert (desk.server.documents_sent, desk.take()) == (0, None)


@pytest.mark.parametrize("verb", [Verb.SCAN, Verb.COPY, Verb.SHOW, Verb.STATE])
def test_other_codes_fetch_nothing(desk, verb):
    desk.key(verb, 1)

    assert (desk.server.documents_sent, desk.files()) == (0, [])


def test_a_code_given_up_leaves_nothing(desk):
    desk.begin(Command(Verb.PRINT))
    desk.rest()
    desk.begin(Command(Verb.PRINT, 1))
    desk.rest()

    desk.ahead.give_up()

    assert desk.files() == []
    desk.ahead.keep(Command(Verb.PRINT, 1))
    assert desk.take() is None


def test_the_end_of_the_call_leaves_nothing_though_the_code_was_whole(desk):
    desk.key(Verb.PRINT, 1)

    desk.ahead.forget()

    assert (desk.files(), desk.take()) == ([], None)


def test_what_another_call_began_is_of_no_use_to_this_one(desk):
    desk.begin(Command(Verb.PRINT), call=Call("gv-40-1", 40))
    desk.rest()
    desk.begin(Command(Verb.PRINT, 1))
    desk.rest()

    assert (desk.server.documents_sent, desk.files()) == (0, [])


def test_nothing_is_fetched_once_the_server_says_that_the_call_is_another(desk):
    desk.server.appointment = 99

    desk.key(Verb.PRINT, 1)

    assert (desk.server.documents_sent, desk.take()) == (0, None)


def test_of_another_appointment_or_number_nothing_is_given(desk):
    desk.key(Verb.PRINT, 1)
    assert desk.take(appointment=42) is None

    desk.key(Verb.PRINT, 1)
    assert desk.take(2) is None
    assert desk.files() == []


def test_an_old_document_is_not_given(desk, monkeypatch):
    desk.key(Verb.PRINT, 1)

    monkeypatch.setattr(ahead_module, "GOOD_SECONDS", 0.0)

    assert desk.take() is None
    assert desk.files() == []


def test_what_nobody_takes_goes_by_itself(desk, monkeypatch):
    desk.key(Verb.PRINT, 1)
    monkeypatch.setattr(ahead_module, "GOOD_SECONDS", 0.0)

    desk.ahead.give_up()

    assert desk.files() == []


def test_without_room_on_the_disk_nothing_is_fetched(desk):
    desk.has_room = False

    desk.key(Verb.PRINT, 1)

    assert (desk.server.documents_sent, desk.take()) == (0, None)


def test_an_unfit_document_is_given_unjudged_so_that_the_print_says_why(desk):
    desk.is_fit = False

    desk.key(Verb.PRINT, 1)

    assert desk.take() == 0
    assert desk.target.read_bytes() == CONTENT


@pytest.mark.parametrize("fault", ["refuse", "damage", "gone"])
def test_a_server_that_fails_is_passed_over(desk, fault):
    if fault == "refuse":
        desk.server.refuse_with = 503
    elif fault == "damage":
        desk.server.damage_documents = True
    else:
        desk.server.stop()

    desk.key(Verb.PRINT, 1)

    assert desk.take() is None
    assert desk.files() == []


def test_a_slow_document_is_waited_for_and_not_asked_for_twice(desk):
    may_go_on = desk.server.hold_documents = threading.Event()
    desk.begin(Command(Verb.PRINT))
    desk.rest()
    desk.begin(Command(Verb.PRINT, 1))
    wait_for(lambda: desk.server.documents_sent, "the document is on its way")
    desk.ahead.keep(Command(Verb.PRINT, 1))

    threading.Timer(0.1, may_go_on.set).start()

    assert desk.take() == 3
    assert desk.server.documents_sent == 1


def test_a_transfer_that_stands_still_is_not_waited_for(desk, monkeypatch):
    monkeypatch.setattr(ahead_module, "STALL_SECONDS", 0.1)
    may_go_on = desk.server.hold_documents = threading.Event()
    desk.begin(Command(Verb.PRINT))
    desk.rest()
    desk.begin(Command(Verb.PRINT, 1))
    wait_for(lambda: desk.server.documents_sent, "the document is on its way")
    desk.ahead.keep(Command(Verb.PRINT, 1))

    assert desk.take() is None

    may_go_on.set()
    desk.rest()
    assert desk.files() == []


def test_a_cancel_ends_the_waiting(desk):
    may_go_on = desk.server.hold_documents = threading.Event()
    desk.begin(Command(Verb.PRINT))
    desk.rest()
    desk.begin(Command(Verb.PRINT, 1))
    wait_for(lambda: desk.server.documents_sent, "the document is on its way")
    desk.ahead.keep(Command(Verb.PRINT, 1))
    canceled = threading.Event()
    canceled.set()

    taken = desk.ahead.take_document(CALL.appointment, 1, desk.target, canceled)

    may_go_on.set()
    desk.rest()
    assert (taken, desk.files()) == (None, [])


def test_a_call_that_drops_in_the_middle_of_a_transfer_leaves_nothing(desk):
    may_go_on = desk.server.hold_documents = threading.Event()
    desk.begin(Command(Verb.PRINT))
    desk.rest()
    desk.begin(Command(Verb.PRINT, 1))
    wait_for(lambda: desk.server.documents_sent, "the document is on its way")

    desk.ahead.forget()
    may_go_on.set()
    desk.rest()

    assert (desk.files(), desk.take()) == ([], None)


def test_behind_a_transfer_that_hangs_nothing_is_waited_for(desk):
    may_go_on = desk.server.hold_documents = threading.Event()
    desk.begin(Command(Verb.PRINT))
    desk.rest()
    desk.begin(Command(Verb.PRINT, 1))
    wait_for(lambda: desk.server.documents_sent, "the document is on its way")

    desk.begin(Command(Verb.PRINT, 2))
    desk.ahead.keep(Command(Verb.PRINT, 2))

    assert desk.take(2) is None
    may_go_on.set()
    desk.rest()
    assert desk.files() == []
