# SPDX-License-Identifier: AGPL-3.0-or-later
"""Faults of documents on the real server: two gigabytes, a full disk, a virus scanner."""

import contextlib
import io
import os
import resource
import socket
import threading
from datetime import timedelta

import pytest
import requests

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.domain.documents.archive import open_archive
from booking_web.domain.documents.errors import (
    ContentMissing,
    DocumentRefused,
    ExaminerUnavailable,
    Refusal,
    StoreFull,
)
from booking_web.domain.documents.expiry import expire_documents
from stage.html_forms import forms_of
from stage.kiosk_ground import (
    S,
    acts_of,
    add_document,
    archive_of,
    bring_to,
    documents_settings,
    in_call,
    make_pdf,
)
from stage.waiting import PATIENCE

MSA = "conseiller@msa.example"
TWO_GIGABYTES = 2 * 1024**3


@pytest.fixture
def archive(database, ground, tmp_path):
    return archive_of(database, ground.url, tmp_path)


def files_in(folder) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def signed_in(server, ground) -> requests.Session:
    session = requests.Session()
    values = forms_of(
        session.get(f"{server.url}/connexion", timeout=10 * PATIENCE).text
    )[0].values
    values |= {"email": MSA, "password": ground.passwords[MSA]}
    session.post(f"{server.url}/connexion", data=values, timeout=10 * PATIENCE)
    return session


@pytest.mark.parametrize("is_told", [True, False], ids=["length", "chunked"])
def test_an_upload_of_two_gigabytes_is_refused_before_it_fills_anything(
    serve, ground, database, tmp_path, is_told
):
    server = serve("--workers", "1")
    appointment = in_call(database)
    session = signed_in(server, ground)
    page = session.get(f"{server.url}/rendez-vous/{appointment}", timeout=10 * PATIENCE)
    token = forms_of(page.text)[0].values["csrf_token"]
    sent = 0

    def body():
        nonlocal sent
        yield (
            b'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
            + token.encode()
            + b'\r\n--b\r\nContent-Disposition: form-data; name="file"; '
            b'filename="a.pdf"\r\n\r\n%PDF-1.7'
        )
        piece = bytes(1024 * 1024)
        for _ in range(2048):
            sent += len(piece)
            yield piece

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    status = None
    if is_told:
        host, port = server.url.removeprefix("http://").split(":")
        cookies = "; ".join(f"{each.name}={each.value}" for each in session.cookies)
        with socket.create_connection(
            (host, int(port)), timeout=20 * PATIENCE
        ) as connection:
            connection.sendall(
                f"POST /rendez-vous/{appointment}/documents HTTP/1.1\r\n"
                f"Host: {host}\r\nCookie: {cookies}\r\n"
                f"Content-Type: {headers['Content-Type']}\r\n"
                f"Content-Length: {TWO_GIGABYTES}\r\n\r\n".encode()
            )
            with connection.makefile("rb") as stream:
                answer = stream.read()
        status = int(answer.split()[1])
        assert "Ce fichier est trop volumineux : 25 Mo au plus." in answer.decode()
    else:
        # The server answers and closes: the rest has nowhere to go.
        with contextlib.suppress(requests.ConnectionError):
            status = session.post(
                f"{server.url}/rendez-vous/{appointment}/documents",
                data=body(),
                headers=headers,
                timeout=60 * PATIENCE,
            ).status_code
    # A client that only sends may miss the answer when the connection closes.
    assert status == 413 or (status is None and not is_told)
    assert sent < 64 * 1024 * 1024
    assert files_in(tmp_path / "documents") == []
    # The server has ended the connection: another one.
    session.close()
    again = session.get(
        f"{server.url}/rendez-vous/{appointment}", timeout=10 * PATIENCE
    )
    assert again.status_code == 200


def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    archive, database, tmp_path
):
    appointment = in_call(database)
    noise = make_pdf(1, _fill_with_noise)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # No file may grow beyond a megabyte: the system says so as it says "disk full".
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * 1024, hard))
    try:
        with pytest.raises(StoreFull):
            archive.store.put(io.BytesIO(noise))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [name for name in files_in(tmp_path / "documents") if name != "lock"] == []
    assert add_document(archive, appointment, noise).number == 1


def test_a_content_that_was_changed_on_the_disk_is_not_given_out(
    archive, database, tmp_path
):
    document = add_document(archive, in_call(database), make_pdf())
    [stored] = (tmp_path / "documents" / "content").rglob("*/*")
    whole = stored.read_bytes()
    stored.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ContentMissing):
        list(archive.read(document))


def _fill_with_noise(pdf) -> None:
    """Make the page's content larger than a megabyte, whatever packs it."""
    noise = b"%" + os.urandom(1_500_000).hex().encode()
    pdf.pages[0].Contents = pdf.make_stream(noise)


def test_documents_of_appointments_long_over_are_removed_and_those_of_today_stay(
    archive, database, tmp_path
):
    document = add_document(archive, in_call(database), make_pdf())
    bring_to(database, document.appointment_id, S.DONE)
    now = utc_now()
    assert expire_documents(database, archive, 30, now) == 0
    later = now + timedelta(days=31)
    assert expire_documents(database, archive, 30, later, dry_run=True) == 1
    assert b"".join(archive.read(document)).startswith(b"%PDF")
    assert expire_documents(database, archive, 30, later) == 1
    assert files_in(tmp_path / "documents" / "content") == []
    assert ("prune", "document_removed", "document 1, expired") in acts_of(
        database, document.appointment_id
    )


class Clamd:
    """A virus scanner's daemon that answers what it is told, once per connection."""

    def __init__(self, path, answer: bytes) -> None:
        self.received = 0
        self._answer = answer
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while length := int.from_bytes(stream.read(4), "big"):
                self.received += len(stream.read(length))
            connection.sendall(self._answer)

    def close(self) -> None:
        self._thread.join(5)
        self._socket.close()


@pytest.mark.parametrize(
    "answer, error",
    [
        (b"stream: OK\0", None),
        (b"stream: Eicar-Signature FOUND\0", DocumentRefused),
        (b"INSTREAM size limit exceeded. ERROR\0", ExaminerUnavailable),
        (b"", ExaminerUnavailable),
    ],
    ids=["clean", "infected", "too-large-for-it", "silent"],
)
def test_what_the_virus_scanner_says_decides(database, ground, tmp_path, answer, error):
    path = tmp_path / "clamd.sock"
    daemon = Clamd(path, answer)
    archive = _with_clamd(database, ground, tmp_path, path)
    appointment, content = in_call(database), make_pdf()
    if error is None:
        assert add_document(archive, appointment, content).number == 1
    else:
        with pytest.raises(error) as refused:
            add_document(archive, appointment, content)
        if error is DocumentRefused:
            assert refused.value.reason is Refusal.INFECTED
    daemon.close()
    assert daemon.received == len(content)


def test_a_virus_scanner_that_is_down_lets_nothing_pass(database, ground, tmp_path):
    archive = _with_clamd(database, ground, tmp_path, tmp_path / "nobody.sock")
    with pytest.raises(ExaminerUnavailable):
        add_document(archive, in_call(database), make_pdf())
    assert files_in(tmp_path / "documents") == []


def _with_clamd(database, ground, folder, path):
    settings = Settings(
        database_url=ground.url,
        secret_key="unused",
        clamd_socket=str(path),
        **documents_settings(folder),
    )
    return open_archive(settings, database, utc_now)
