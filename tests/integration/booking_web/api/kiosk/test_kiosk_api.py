# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk API on the real server, asked by the client that kiosks really use."""

import dataclasses
import hashlib
import os
import socket
import uuid
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.appointments.kiosk_language import choose_language
from booking_web.domain.consents.answers import ConsentText, note_answer
from booking_web.domain.kiosks.orders import prepare_job
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.consents import ConsentAnswer
from booking_web.tables.device_jobs import JobOrder
from booking_web.tables.device_jobs import Operation as Ordered
from booking_web.tables.documents import DeviceJob, Document, KioskDevices
from booking_web.tables.wipes import KioskWipe
from device_bridge.jobs.job import Job, JobState, Operation
from device_bridge.jobs.reasons import Reason
from device_bridge.server.port import (
    Gone,
    NotFound,
    NotInCall,
    ScanAnnouncement,
    ServerRefused,
    WrongOffset,
)
from stage.kiosk_ground import (
    S,
    acts_of,
    add_document,
    archive_of,
    bring_to,
    in_call,
    kiosk_client,
    make_pdf,
)
from stage.waiting import PATIENCE, wait_for

WASSIGNY, GUISE = "kiosk-wassigny", "kiosk-guise"
BASE = "/api/kiosk/v1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give where the one server keeps its documents."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def server(shared_ground, serving_pages, folder):
    """Give one server for all of these tests."""
    with serving_pages(shared_ground, folder, "--workers", "2") as server:
        yield server


@pytest.fixture
def ground(fresh_shared_ground):
    """Give the database behind the one server, as it was at first."""
    return fresh_shared_ground


@pytest.fixture
def archive(database, ground, folder):
    return archive_of(database, ground.url, folder)


@pytest.fixture
def kiosk(server, ground):
    return kiosk_client(server.url, ground.kiosk_tokens[WASSIGNY])


@pytest.fixture
def neighbour(server, ground):
    return kiosk_client(server.url, ground.kiosk_tokens[GUISE])


def scan_of(content: bytes, appointment: int, job: str | None = None):
    return ScanAnnouncement(
        job=job or str(uuid.uuid4()),
        appointment=appointment,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        pages=1,
        verdicts=("blank:1", "partial"),
    )


def big_scan(pages: int = 3) -> bytes:
    """Give a PDF of more than two megabytes, which no packing makes smaller."""

    def fill(pdf) -> None:
        for page in pdf.pages:
            page.Contents = pdf.make_stream(b"%" + os.urandom(900_000).hex().encode())

    return make_pdf(pages, fill)


def report_of(appointment: int, **values):
    defaults = {
        "uuid": str(uuid.uuid4()),
        "operation": Operation.PRINT,
        "appointment": appointment,
        "document": 1,
        "state": JobState.PROCESSING,
        "sequence": 1,
        "page": 3,
        "pages": 10,
        "sentence": "Impression en cours.",
    }
    return Job(**defaults | values)


def jobs_in(database) -> list[DeviceJob]:
    with database.read() as session:
        return list(session.scalars(select(DeviceJob).order_by(DeviceJob.id)))


def test_the_kiosk_learns_its_call_and_gets_each_document_with_its_hash(
    database, archive, kiosk, neighbour, tmp_path
):
    appointment = in_call(database)
    content = make_pdf(2)
    document = add_document(archive, appointment, content)
    call = kiosk.current_call()
    assert call.appointment == appointment
    assert [dataclasses.asdict(each) for each in call.documents] == [
        {"number": 1, "title": "Formulaire", "pages": 2, "sha256": document.sha256}
    ]
    kiosk.fetch_document(appointment, 1, tmp_path / "got.pdf")
    assert (tmp_path / "got.pdf").read_bytes() == content
    assert ("kiosk:kiosk-wassigny", "fetched", "document 1") in acts_of(
        database, appointment
    )
    assert neighbour.current_call().appointment is None


def test_the_kiosk_learns_a_language_that_is_chosen_in_the_call(
    database, kiosk, neighbour
):
    appointment = in_call(database)

    def choose(language: str) -> None:
        with database.write() as session:
            row = session.get_one(Appointment, appointment)
            choose_language(session, row, language, "user:1", row.state_since)

    assert kiosk.language_of(appointment) == ""
    kiosk.current_call()
    assert kiosk.language_of(appointment) == "fr"
    choose("en")
    kiosk.show_cue(appointment, "printing", 1, 2)
    assert kiosk.language_of(appointment) == "en"
    choose("fr")
    kiosk.current_call()
    assert kiosk.language_of(appointment) == "fr"
    # Of no other appointment, and after the call it is told nothing.
    assert kiosk.language_of(appointment + 1) == ""
    neighbour.current_call()
    assert neighbour.language_of(appointment) == ""


def test_of_another_kiosk_or_after_the_call_nothing_is_given(
    database, archive, kiosk, neighbour, tmp_path
):
    appointment = in_call(database)
    add_document(archive, appointment, make_pdf())
    with pytest.raises(NotFound):
        neighbour.fetch_document(appointment, 1, tmp_path / "stolen.pdf")
    with pytest.raises(NotFound):
        neighbour.prepared_job(appointment, 1)
    with pytest.raises(NotFound):
        neighbour.report(report_of(appointment))
    with pytest.raises(NotFound):
        neighbour.begin_upload(scan_of(b"x", appointment))
    bring_to(database, appointment, S.DONE)
    with pytest.raises(NotInCall):
        kiosk.fetch_document(appointment, 1, tmp_path / "late.pdf")
    assert kiosk.current_call().appointment is None


@pytest.mark.parametrize("token", ["", "wrong", "é", "x" * 5_000])
def test_without_the_right_token_there_is_nothing(server, token):
    headers = {"Authorization": f"Bearer {token}".encode()}
    answer = requests.get(
        f"{server.url}{BASE}/call", headers=headers, timeout=20 * PATIENCE
    )
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["status"] == "Unauthorized"


def test_whoever_guesses_tokens_is_held_up_and_the_kiosk_beside_is_not(server, kiosk):
    statuses = {
        requests.get(
            f"{server.url}{BASE}/call",
            headers={"Authorization": f"Bearer guess-{number}"},
            timeout=20 * PATIENCE,
        ).status_code
        for number in range(40)
    }
    assert statuses == {401, 429}
    assert kiosk.current_call().appointment is None


def test_a_prepared_job_is_given_with_its_parameters(database, archive, kiosk):
    appointment = in_call(database)
    add_document(archive, appointment, make_pdf())
    with database.write() as session:
        order = JobOrder(operation=Ordered.PRINT, document=1, copies=2, duplex=True)
        prepare_job(
            session,
            session.get_one(Appointment, appointment),
            order,
            "user:1",
            session.get_one(Appointment, appointment).state_since,
        )
    job = kiosk.prepared_job(appointment, 1)
    assert (job.operation, job.document) == (Operation.PRINT, 1)
    assert (job.copies, job.colour, job.duplex) == (2, True, True)
    with pytest.raises(NotFound):
        kiosk.prepared_job(appointment, 2)


def test_the_later_report_wins_and_the_outcome_is_in_the_journal_once(database, kiosk):
    appointment = in_call(database)
    running = report_of(appointment)
    done = dataclasses.replace(
        running, state=JobState.COMPLETED, sequence=2, page=10, sentence="Terminé."
    )
    for each in (running, done, done, running):
        kiosk.report(each)
    [job] = jobs_in(database)
    assert (job.state, job.sequence, job.page) == ("completed", 2, 10)
    printed = [act for _, act, _ in acts_of(database, appointment)]
    assert printed.count("printed") == 1


def test_a_report_of_a_prepared_job_belongs_to_that_job_and_no_other(database, kiosk):
    appointment = in_call(database)
    with database.write() as session:
        found = session.get_one(Appointment, appointment)
        order = JobOrder(operation=Ordered.SCAN)
        prepare_job(session, found, order, "user:1", found.state_since)
    told = report_of(
        appointment,
        operation=Operation.SCAN,
        prepared=1,
        state=JobState.ABORTED,
        reason=Reason.FEEDER_JAM,
    )
    kiosk.report(told)
    [job] = jobs_in(database)
    assert (job.number, job.uuid, job.reason) == (1, told.uuid, "feeder_jam")
    with pytest.raises(NotInCall):
        kiosk.report(report_of(appointment, prepared=1, operation=Operation.SCAN))


def test_a_report_that_comes_a_day_after_the_call_is_taken(database, kiosk):
    appointment = in_call(database)
    bring_to(database, appointment, S.DONE)
    kiosk.report(report_of(appointment))
    assert [job.state for job in jobs_in(database)] == ["processing"]


def test_a_scan_comes_in_pieces_and_is_a_document(database, archive, kiosk):
    appointment = in_call(database)
    content = big_scan()
    scan = scan_of(content, appointment)
    upload, offset = kiosk.begin_upload(scan)
    while offset < len(content):
        offset = kiosk.send_chunk(upload, offset, content[offset : offset + 1_000_000])
    status = kiosk.upload_status(upload)
    assert status.is_complete and status.sha256 == scan.sha256
    with database.read() as session:
        document = session.scalars(select(Document)).one()
    assert (document.number, status.document) == (1, 1)
    assert (document.source, document.verdicts) == ("scan", "blank:1 partial")
    assert b"".join(archive.read(document)) == content


def test_an_upload_goes_on_where_it_stands_and_is_made_once(
    database, kiosk, server, ground
):
    appointment = in_call(database)
    content = big_scan(2)
    scan = scan_of(content, appointment)
    upload, _ = kiosk.begin_upload(scan)
    kiosk.send_chunk(upload, 0, content[:700_000])
    with pytest.raises(WrongOffset) as wrong:
        kiosk.send_chunk(upload, 1, content[1:])
    assert wrong.value.offset == 700_000
    head = requests.head(
        f"{server.url}{BASE}/uploads/{upload}",
        headers={"Authorization": f"Bearer {ground.kiosk_tokens[WASSIGNY]}"},
        timeout=20 * PATIENCE,
    )
    assert head.headers["Upload-Offset"] == "700000"
    assert head.headers["Upload-Length"] == str(len(content))
    # The call is over meanwhile, and the kiosk starts again.
    bring_to(database, appointment, S.DONE)
    assert kiosk.begin_upload(scan) == (upload, 700_000)
    kiosk.send_chunk(upload, 700_000, content[700_000:])
    assert kiosk.begin_upload(scan) == (upload, len(content))
    assert kiosk.upload_status(upload).document == 1


def test_of_a_piece_that_broke_off_on_the_line_what_came_counts(
    database, archive, kiosk, server, ground
):
    content = big_scan(2)
    scan = scan_of(content, in_call(database))
    upload, _ = kiosk.begin_upload(scan)
    head = (
        f"PATCH {BASE}/uploads/{upload} HTTP/1.1\r\nHost: kiosk\r\n"
        f"Authorization: Bearer {ground.kiosk_tokens[WASSIGNY]}\r\n"
        "Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port)) as line:
        line.sendall(head.encode() + content[:500_000])

    wait_for(lambda: kiosk.begin_upload(scan)[1] == 500_000, "what came is kept")
    assert kiosk.send_chunk(upload, 500_000, content[500_000:]) == len(content)
    with database.read() as session:
        document = session.scalars(select(Document)).one()
    assert b"".join(archive.read(document)) == content


def test_a_document_fetched_ahead_of_its_code_is_told_apart_in_the_journal(
    database, archive, kiosk, tmp_path
):
    appointment = in_call(database)
    number = add_document(archive, appointment, make_pdf()).number

    kiosk.fetch_document(appointment, number, tmp_path / "ahead.pdf", is_ahead=True)
    kiosk.fetch_document(appointment, number, tmp_path / "asked.pdf")

    with database.read() as session:
        entries = session.scalars(
            select(JournalEntry)
            .where(JournalEntry.act == "fetched")
            .order_by(JournalEntry.id)
        ).all()
    assert [entry.detail for entry in entries] == [
        f"document {number}, ahead of its code",
        f"document {number}",
    ]


def test_a_scan_that_was_damaged_on_its_way_starts_again(database, kiosk):
    appointment = in_call(database)
    content = make_pdf()
    scan = scan_of(content, appointment)
    upload, _ = kiosk.begin_upload(scan)
    with pytest.raises(ServerRefused) as refused:
        kiosk.send_chunk(upload, 0, b"#" + content[1:])
    assert refused.value.status == 460
    assert not kiosk.upload_status(upload).is_complete
    assert kiosk.begin_upload(scan) == (upload, 0)
    assert kiosk.send_chunk(upload, 0, content) == len(content)
    assert kiosk.upload_status(upload).is_complete


def test_a_scan_of_who_does_not_agree_is_given_up_and_not_kept(database, kiosk):
    appointment = in_call(database)
    scan = scan_of(make_pdf(), appointment)
    upload, _ = kiosk.begin_upload(scan)
    with database.write() as session:
        note_answer(
            session,
            session.get_one(Appointment, appointment),
            ConsentAnswer.REFUSED,
            ConsentText("Êtes-vous d'accord ?", "fr"),
            "user:1",
            utc_now(),
        )
    with pytest.raises(ServerRefused) as refused:
        kiosk.send_chunk(upload, 0, make_pdf())
    assert refused.value.status == 422
    with pytest.raises(Gone):
        kiosk.begin_upload(scan)
    with database.read() as session:
        assert session.scalars(select(Document)).all() == []


def test_nobody_else_sees_or_continues_an_upload(database, kiosk, neighbour):
    appointment = in_call(database)
    content = make_pdf()
    upload, _ = kiosk.begin_upload(scan_of(content, appointment))
    with pytest.raises(NotFound):
        neighbour.send_chunk(upload, 0, content)
    with pytest.raises(NotFound):
        neighbour.upload_status(upload)
    with pytest.raises(NotFound):
        kiosk.upload_status("../../etc/passwd")


def test_more_bytes_than_announced_are_refused(database, kiosk):
    content = make_pdf()
    upload, _ = kiosk.begin_upload(scan_of(content, in_call(database)))
    with pytest.raises(ServerRefused) as refused:
        kiosk.send_chunk(upload, 0, content + b"more")
    assert refused.value.status == 413


def test_what_is_no_document_is_refused_and_stays_at_the_kiosk(database, kiosk):
    content = b"this is no PDF at all"
    upload, _ = kiosk.begin_upload(scan_of(content, in_call(database)))
    with pytest.raises(ServerRefused) as refused:
        kiosk.send_chunk(upload, 0, content)
    assert refused.value.status == 422
    assert not kiosk.upload_status(upload).is_complete


def test_a_heartbeat_is_kept_with_its_causes(database, kiosk):
    kiosk.heartbeat(
        {
            "printer": {
                "name": "Bureau",
                "state": "stopped",
                "reasons": ["paper_out", "toner_low"],
                "sentence": "Imprimante : plus de papier.",
            },
            "scanner": {"name": "test", "state": "idle", "reasons": [], "sentence": ""},
            "line": {"from_kiosk": "coarse", "to_kiosk": "good"},
        }
    )
    with database.read() as session:
        [devices] = session.scalars(select(KioskDevices)).all()
    assert (devices.line_from_kiosk, devices.line_to_kiosk) == ("coarse", "")
    assert devices.printer_reasons == "paper_out toner_low"
    assert (devices.printer_state, devices.scanner_state) == ("stopped", "idle")


def test_a_wipe_is_in_the_journal_once(database, kiosk):
    appointment = in_call(database)
    with database.read() as session:
        at = session.get_one(Appointment, appointment).state_since
    bring_to(database, appointment, S.DONE)
    looked_at = {"screen": 412, "print": 1, "spool": 3}
    kiosk.wiped(appointment, 3, 12_345, at, looked_at)
    kiosk.wiped(appointment, 3, 12_345, at, looked_at)
    [(actor, _, detail)] = [
        entry for entry in acts_of(database, appointment) if entry[1] == "wiped"
    ]
    assert actor == "kiosk:kiosk-wassigny"
    assert detail.startswith("3 files, 12345 bytes, ")
    assert detail.endswith("; found and wiped: screen 412, print 1, spool 3; left: 0")


def test_a_late_proof_of_the_call_before_lets_nobody_in(database, kiosk):
    device = {"name": "", "state": "idle", "reasons": [], "sentence": ""}
    clean = {"printer": device, "scanner": device, "wipe": {"state": "clean"}}
    kiosk.heartbeat(clean)
    appointment = in_call(database)
    # The line was cut in the call; back, the resident was called again, and that is over too.
    bring_to(database, appointment, S.DONE)
    with database.read() as session:
        at = session.get_one(Appointment, appointment).state_since

    def state():
        with database.read() as session:
            return session.scalars(select(KioskWipe.state)).one()

    kiosk.wiped(appointment, 0, 0, at, {"screen": 165}, is_called_again=True)
    assert state() == "owed"
    kiosk.wiped(appointment, 0, 0, at, {"screen": 233})
    assert state() == "clean"
    details = [each[2] for each in acts_of(database, appointment) if each[1] == "wiped"]
    assert ["165" in each for each in details] == [True, False]


def test_a_kiosk_says_that_it_cannot_be_wiped_and_proves_it_later(database, kiosk):
    device = {"name": "", "state": "idle", "reasons": [], "sentence": ""}
    devices = {"printer": device, "scanner": device}
    kiosk.heartbeat({**devices, "wipe": {"state": "clean"}})
    appointment = in_call(database)
    bring_to(database, appointment, S.DONE)
    told = {
        "state": "failed",
        "appointment": appointment,
        "failures": ["spool:read_only"],
    }
    kiosk.heartbeat({**devices, "wipe": told})

    def row():
        with database.read() as session:
            [wipe] = session.scalars(select(KioskWipe)).all()
            return wipe.state, wipe.failures

    assert row() == ("failed", "spool:read_only")
    with database.read() as session:
        at = session.get_one(Appointment, appointment).state_since
    kiosk.wiped(appointment, 0, 0, at, {"spool": 3})
    assert row() == ("clean", "")
    acts = [entry[1] for entry in acts_of(database, appointment)]
    assert acts[-2:] == ["wipe_failed", "wiped"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"operation": "shred", "state": "pending", "sequence": 1}',
        b'{"operation": "print", "state": "lost", "sequence": 1}',
        b'{"operation": "print", "state": "pending", "sequence": -1}',
        b'{"operation": "print", "state": "pending", "sequence": "1; DROP TABLE"}',
        b'{"operation": "print", "state": "pending", "sequence": 1, "page": 1e99}',
    ],
)
def test_nonsense_is_refused_and_changes_nothing(database, server, ground, body: bytes):
    appointment = in_call(database)
    answer = requests.put(
        f"{server.url}{BASE}/appointments/{appointment}/reports/{uuid.uuid4()}",
        data=body,
        headers={
            "Authorization": f"Bearer {ground.kiosk_tokens[WASSIGNY]}",
            "Content-Type": "application/json",
        },
        timeout=20 * PATIENCE,
    )
    assert answer.status_code in (400, 422)
    assert "Traceback" not in answer.text
    assert jobs_in(database) == []


def test_the_description_names_every_address_of_the_contract(server):
    told = requests.get(
        f"{server.url}{BASE}/openapi.json", timeout=20 * PATIENCE
    ).json()
    addresses = {
        (path.removeprefix(BASE), method.upper())
        for path, methods in told["paths"].items()
        for method in methods
        if method != "parameters"
    }
    assert addresses == {
        ("/call", "GET"),
        ("/machine", "PUT"),
        ("/self-test", "PUT"),
        ("/orders/{order_id}/result", "PUT"),
        ("/appointments/{appointment_id}/documents/{number}", "GET"),
        ("/appointments/{appointment_id}/jobs/{number}", "GET"),
        ("/appointments/{appointment_id}/reports/{job}", "PUT"),
        ("/appointments/{appointment_id}/scans", "POST"),
        ("/appointments/{appointment_id}/screen", "PUT"),
        ("/appointments/{appointment_id}/cue", "PUT"),
        ("/appointments/{appointment_id}/wiped", "POST"),
        ("/uploads/{upload_id}", "GET"),
        ("/uploads/{upload_id}", "HEAD"),
        ("/uploads/{upload_id}", "PATCH"),
        ("/heartbeat", "POST"),
        ("/secrets", "POST"),
        ("/enrolment/{public_id}", "GET"),
        ("/enrolment", "POST"),
    }


def test_what_belongs_to_an_appointment_that_an_older_copy_does_not_know_is_given_up(
    kiosk,
) -> None:
    scan = scan_of(b"%PDF of somebody", 123_456)
    with pytest.raises(NotFound):
        kiosk.begin_upload(scan)
    # Its number came with a call: it was given, and is lost.
    with pytest.raises(Gone):
        kiosk.begin_upload(dataclasses.replace(scan, nonce="ab" * 16))
    with pytest.raises(Gone):
        kiosk.report(report_of(123_456, nonce="ab" * 16))
