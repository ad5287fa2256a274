# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a stranger's file becomes: a harmless PDF, or a refusal that says why."""

import gc
import io
import os
import resource
import signal
import zlib
from pathlib import Path

import pikepdf
import pytest

from booking_web.base.limited_work import FILE_BYTES
from booking_web.base.own_process import memory_file
from booking_web.domain.documents.errors import DocumentRefused, Refusal
from booking_web.domain.documents.examination import CPU_SECONDS, MEMORY_BYTES
from booking_web.domain.documents.examiner import Examiner
from stage.kiosk_ground import bomb, make_pdf, picture, with_javascript
from stage.waiting import wait_for

ENCRYPTED = pikepdf.Encryption(owner="owner", user="user")
READABLE = pikepdf.Encryption(owner="owner", user="")


@pytest.fixture(autouse=True)
def _files_worked_on_by_forks() -> None:
    """Have each process started, as on a machine: its limits are what is tried here."""


def examined(content: bytes, max_pages: int = 200) -> tuple[bytes, int]:
    with memory_file("test") as file:
        file.write(content)
        file.flush()
        found = Examiner().examine(file, max_pages)
        with found.pdf as pdf:
            return pdf.read(), found.pages


def with_xfa(pdf: pikepdf.Pdf) -> None:
    form = pikepdf.Dictionary(XFA=pdf.make_stream(b"<xdp/>"), Fields=[])
    pdf.Root.AcroForm = form


def with_attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["evil.exe"] = b"MZ, a program"


def test_a_harmless_pdf_is_kept_byte_by_byte() -> None:
    content = make_pdf(3)
    assert examined(content) == (content, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photograph_becomes_one_a4_page(kind: str) -> None:
    content, pages = examined(picture(kind))
    with pikepdf.open(io.BytesIO(content)) as pdf:
        [page] = pdf.pages
        assert [round(float(each)) for each in page.mediabox] == [0, 0, 842, 595]
    assert pages == 1


@pytest.mark.parametrize(
    "change, forbidden",
    [
        (with_javascript, [b"JavaScript", b"alert", b"evil.exe", b"OpenAction"]),
        (with_attachment, [b"evil.exe", b"EmbeddedFile", b"MZ, a program"]),
    ],
)
def test_what_runs_or_is_carried_is_taken_out(change, forbidden) -> None:
    dirty = make_pdf(1, change, compress_streams=False)
    assert any(word in dirty for word in forbidden)
    content, pages = examined(dirty)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        kept = io.BytesIO()
        pdf.save(
            kept,
            qdf=True,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    assert [word for word in forbidden if word in kept.getvalue()] == []
    assert pages == 1


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", Refusal.EMPTY),
        (b"A letter that calls itself letter.pdf", Refusal.NOT_A_DOCUMENT),
        (b"PK\x03\x04 a zip archive", Refusal.NOT_A_DOCUMENT),
        (b"MZ\x90 a program", Refusal.NOT_A_DOCUMENT),
        (b"<html>%PDF</html>", Refusal.NOT_A_DOCUMENT),
        (b"%PDF-1.7\nand then nothing of the kind", Refusal.CUT_OFF),
        (b"%PDF-1.7\n1 0 obj\nstartxref\n9\n%%EOF", Refusal.DAMAGED),
        (b"\xff\xd8\xff\xe0 no picture", Refusal.DAMAGED),
        (b"\x89PNG\r\n\x1a\n no picture", Refusal.DAMAGED),
        (make_pdf(400), Refusal.TOO_MANY_PAGES),
        (make_pdf(1, encryption=ENCRYPTED), Refusal.ENCRYPTED),
        (make_pdf(2)[:-60], Refusal.CUT_OFF),
        (make_pdf(1, with_xfa), Refusal.XFA),
    ],
    ids=lambda each: each if isinstance(each, Refusal) else "",
)
def test_what_is_no_document_is_refused_with_its_reason(content, reason) -> None:
    with pytest.raises(DocumentRefused) as refused:
        examined(content)
    assert refused.value.reason is reason


def test_a_bomb_of_two_gigabytes_in_two_megabytes_is_refused() -> None:
    content = bomb(2000)
    assert len(content) < 3_000_000
    with pytest.raises(DocumentRefused) as refused:
        examined(content)
    assert refused.value.reason is Refusal.BOMB


def test_the_preview_is_a_small_png() -> None:
    with memory_file("test") as file:
        file.write(make_pdf())
        file.flush()
        with Examiner().draw_preview(file) as drawn:
            assert drawn.read().startswith(b"\x89PNG")


def endless(pdf: pikepdf.Pdf) -> None:
    """Have the page draw a line a billion times, by forms that call forms."""
    form = pdf.make_stream(b"0 0 m 9 9 l S", Type=pikepdf.Name.XObject)
    form.Subtype, form.BBox = pikepdf.Name.Form, [0, 0, 9, 9]
    for _ in range(9):
        outer = pdf.make_stream(b"/F Do " * 10, Type=pikepdf.Name.XObject)
        outer.Subtype, outer.BBox = pikepdf.Name.Form, [0, 0, 9, 9]
        outer.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
        form = outer
    page = pdf.pages[0]
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
    page.Contents = pdf.make_stream(b"/F Do")


def packed_thrice() -> bytes:
    """Give a small PDF of which a layer in the middle unpacks to gigabytes of nothing."""
    data = bytes(1 << 28)
    for _ in range(3):
        data = zlib.compress(data, 9)

    def put(pdf: pikepdf.Pdf) -> None:
        stream = pdf.make_stream(zlib.compress(data, 9))
        stream.Filter = pikepdf.Array([pikepdf.Name.FlateDecode] * 4)
        pdf.pages[0].Contents = stream

    level = pikepdf.StreamDecodeLevel.none
    return make_pdf(1, put, compress_streams=False, stream_decode_level=level)


def cpu_seconds_of_children() -> float:
    """Give the processor time of the processes that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# Of processor time, not of the clock: the machine of the tests may be busy.
SOON_SECONDS = 8.0


@pytest.mark.parametrize("content", [make_pdf(1, endless), packed_thrice()])
def test_a_small_file_that_is_endless_work_is_refused_within_seconds(content) -> None:
    assert len(content) < 13_000
    before = cpu_seconds_of_children()
    with pytest.raises(DocumentRefused) as refused:
        examined(content)
    assert refused.value.reason is Refusal.BOMB
    assert cpu_seconds_of_children() - before < SOON_SECONDS


def test_a_page_that_is_endless_work_is_not_drawn() -> None:
    with memory_file("test") as file:
        file.write(make_pdf(1, endless))
        file.flush()
        before = cpu_seconds_of_children()
        with pytest.raises(DocumentRefused) as refused:
            Examiner().draw_preview(file)
    assert refused.value.reason is Refusal.BOMB
    assert cpu_seconds_of_children() - before < SOON_SECONDS


def examined_by(examiner: Examiner, content: bytes) -> tuple[bytes, int]:
    with memory_file("test") as file:
        file.write(content)
        file.flush()
        found = examiner.examine(file, 200)
        with found.pdf as pdf:
            return pdf.read(), found.pages


def waiting_process(examiner: Examiner) -> int:
    """Give the process that waits for a file."""
    pid = examiner.waiting_pid
    assert pid is not None
    return pid


def test_a_process_that_waits_examines_one_file_and_ends() -> None:
    examiner = Examiner()
    examiner.get_ready()
    first = waiting_process(examiner)

    content = make_pdf(2)
    assert examined_by(examiner, content) == (content, 2)

    assert not Path(f"/proc/{first}").exists()
    examiner.get_ready()
    assert waiting_process(examiner) != first


def test_one_process_waits_and_not_several() -> None:
    examiner = Examiner()
    examiner.get_ready()
    first = waiting_process(examiner)

    examiner.get_ready()

    assert waiting_process(examiner) == first


def test_a_process_that_waits_has_the_same_limits() -> None:
    examiner = Examiner()
    examiner.get_ready()
    pid = waiting_process(examiner)

    def limits() -> dict[int, tuple[int, int]]:
        names = (
            *(resource.RLIMIT_AS, resource.RLIMIT_CPU),
            *(resource.RLIMIT_FSIZE, resource.RLIMIT_CORE),
        )
        return {name: resource.prlimit(pid, name) for name in names}

    wait_for(
        lambda: (
            limits()
            == {
                resource.RLIMIT_AS: (MEMORY_BYTES, MEMORY_BYTES),
                resource.RLIMIT_CPU: (CPU_SECONDS, CPU_SECONDS + 1),
                resource.RLIMIT_FSIZE: (FILE_BYTES, FILE_BYTES),
                resource.RLIMIT_CORE: (0, 0),
            }
        ),
        "the limits stand before a file comes",
    )


def test_a_process_that_was_killed_while_it_waited_costs_no_document() -> None:
    examiner = Examiner()
    examiner.get_ready()
    pid = waiting_process(examiner)
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    content = make_pdf(2)
    assert examined_by(examiner, content) == (content, 2)


def test_a_refusal_leaves_the_next_file_its_own_process() -> None:
    examiner = Examiner()
    examiner.get_ready()
    with pytest.raises(DocumentRefused):
        examined_by(examiner, b"PK no document")

    content = make_pdf(1)
    assert examined_by(examiner, content) == (content, 1)


def test_the_process_that_waits_ends_with_its_examiner() -> None:
    examiner = Examiner()
    examiner.get_ready()
    pid = waiting_process(examiner)

    del examiner
    gc.collect()

    assert not Path(f"/proc/{pid}").exists()
