# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's bridge as a program, on a real CUPS with a real IPP printer, and real SANE.

CUPS and its printer start once for all tests; bridge, scanner and server are new in each.
"""

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from stage.bridge import BridgeProgram, KioskEnd
from stage.cups import CupsServer
from stage.kiosk_server import TOKEN, KioskServer
from stage.ports import PortBlock
from stage.scanner import ScannerConfiguration
from stage.waiting import PATIENCE, wait_for
from tests.folders import Folders

QUEUE = "kiosk-wassigny"
HANDED_OVER = "cups-waiting-for-job-completed"
APPOINTMENT = 41
CALL = "gv-41-1"


def make_pdf(text: str, pages: int = 1) -> bytes:
    """Make a PDF whose pages say the text and their number."""
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type1,
        BaseFont=pikepdf.Name.Helvetica,
    )
    for number in range(1, pages + 1):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        content = f"BT /F1 24 Tf 72 720 Td ({text} page {number}) Tj ET"
        page.Contents = pdf.make_stream(content.encode())
    target = io.BytesIO()
    pdf.save(target, deterministic_id=True)
    return target.getvalue()


def read_pages(data: bytes | Path) -> list[str]:
    """Give the text of each page of a PDF."""
    with pypdfium2.PdfDocument(data) as pdf:
        texts = []
        for page in pdf:
            text_page = page.get_textpage()
            texts.append(text_page.get_text_bounded().strip())
            text_page.close()
            page.close()
        return texts


class Kiosk:
    """What a fault test needs at hand."""

    def __init__(
        self,
        bridge: BridgeProgram,
        server: KioskServer,
        scanner: ScannerConfiguration,
        cups: CupsServer | None,
    ) -> None:
        self.bridge = bridge
        self.server = server
        self.scanner = scanner
        self.phone = KioskEnd(bridge.socket)
        self._cups = cups

    @property
    def cups(self) -> CupsServer:
        """Give the printer's side; only of a kiosk with a real one."""
        assert self._cups is not None
        return self._cups

    def start(self) -> None:
        """Start the bridge and enter the call of the appointment."""
        self.bridge.start()
        self.phone.wait_connected()
        self.enter_call()

    def enter_call(self, appointment: int = APPOINTMENT, call: str = CALL) -> None:
        """Enter a call, as the server knows too."""
        self.server.appointment = appointment
        self.phone.confirm(call, appointment)
        wait_for(lambda: self.bridge.status()["call"] == call, "the call is known")

    def leave_call(self) -> None:
        """End the call, as the server knows too."""
        self.server.appointment = None
        self.phone.end()

    def wait_ended(self, jobs: int = 1, timeout_seconds: float = 30) -> dict[str, Any]:
        """Return the last report of the job that ended last, once so many have."""

        def last() -> dict[str, Any] | None:
            ended = self.server.ended()
            return ended[-1] if len(ended) >= jobs else None

        try:
            return wait_for(last, f"{jobs} jobs ended", timeout_seconds)
        except Exception as error:
            error.add_note(f"reports: {self.server.last_reports()}")
            error.add_note(f"read so far: {self.phone.heard()}")
            raise

    def wait_handed_over(self) -> None:
        """Return once the printer has the whole print, and the bridge knows it."""
        self.cups.wait_begun()
        connection = self.cups.connect()

        def is_handed_over() -> bool:
            found = connection.getPrinterAttributes(
                self.cups.queue, requested_attributes=["printer-state-reasons"]
            )
            return HANDED_OVER in found["printer-state-reasons"]

        wait_for(is_handed_over, "the printer has it all")
        # The bridge looks several times a second.
        looked_at = self.server.heartbeats[-1:]
        wait_for(lambda: self.server.heartbeats[-1:] != looked_at, "the bridge looks")

    def reasons(self) -> list[str]:
        """Give the reason that the server last heard for each job."""
        return [report["reason"] for report in self.server.last_reports().values()]

    def wait_fetched(self) -> None:
        """Return once the server was asked for a document."""
        before = self.server.documents_sent
        wait_for(lambda: self.server.documents_sent > before, "a document is fetched")

    def wait_scan(self, timeout_seconds: float = 30) -> Any:
        """Return the scan that the server has, once it has one."""
        wait_for(self.server.scans, "the scan arrives", timeout_seconds)
        return self.server.scans()[-1]

    def wait_wiped(self) -> dict[str, Any]:
        """Return the proof that the kiosk is wiped, once the server has it."""
        wait_for(lambda: self.server.wipes, "the kiosk is wiped")
        assert self.bridge.files_left() == []
        return self.server.wipes[-1]

    def printed(self) -> list[list[str]]:
        """Give the text of every page of every sheet that came out, job by job."""
        return [read_pages(file) for file in self.cups.printed_files()]


KioskMaker = Callable[..., Kiosk]


@pytest.fixture(scope="package")
def ports() -> Iterator[tuple[int, ...]]:
    """Hold free ports for the whole package."""
    with PortBlock() as block:
        yield block.ports.spare


@pytest.fixture(scope="package")
def shared_cups(
    ports: tuple[int, ...], tmp_path_factory: Folders
) -> Iterator[CupsServer]:
    """Run one real CUPS with one real IPP printer."""
    server = CupsServer(
        tmp_path_factory.mktemp("cups"),
        cups_port=ports[0],
        printer_port=ports[1],
        queue=QUEUE,
    )
    with server:
        yield server


@pytest.fixture
def cups(shared_cups: CupsServer) -> Iterator[CupsServer]:
    """Give the printer empty, healthy and idle; leave it so."""
    shared_cups.heal()
    yield shared_cups
    shared_cups.heal()


@pytest.fixture
def make_kiosk(tmp_path: Path) -> Iterator[KioskMaker]:
    """Make kiosks that end with the test."""
    made: list[Kiosk] = []

    def make(cups: CupsServer | None = None, **settings: Any) -> Kiosk:
        server = KioskServer()
        server.start()
        scanner = ScannerConfiguration(tmp_path / "sane", glass_mm=100)
        # A virtual printer where the test is about the scanner.
        printing: dict[str, Any] = {"printer": "virtual"}
        if cups is not None:
            printing = {
                "printer": cups.queue,
                "cups_host": "127.0.0.1",
                "cups_port": cups.port,
            }
        bridge = BridgeProgram(
            tmp_path / "kiosk",
            {
                **printing,
                "scanner": scanner.device,
                "sane_config_dir": str(scanner.directory),
                "server_url": server.url,
                "token": TOKEN,
                "place_seconds": 0,
                "card_turn_seconds": 0.3,
                "scan_page_limit_seconds": 10 * PATIENCE,
                "fetch_limit_seconds": 3,
                "rejoin_seconds": 3,
                "print_sheet_seconds": 0.5,
                "heartbeat_seconds": 0.5,
                "min_free_bytes": 1000,
                **settings,
            },
            scanner.environment,
        )
        kiosk = Kiosk(bridge, server, scanner, cups)
        made.append(kiosk)
        return kiosk

    yield make
    for kiosk in made:
        kiosk.phone.close()
        kiosk.bridge.kill()
        kiosk.server.stop()


@pytest.fixture
def printing_kiosk(make_kiosk: KioskMaker, cups: CupsServer) -> Kiosk:
    """Give a kiosk in call, with a real printer and two documents."""
    kiosk = make_kiosk(cups)
    kiosk.server.documents = {1: make_pdf("Formulaire"), 2: make_pdf("Attestation", 3)}
    kiosk.start()
    return kiosk


@pytest.fixture
def see_mended(printing_kiosk: Kiosk) -> Callable[[str, str, str], None]:
    """Give what a printer's fault must come to that somebody at the relay mends.

    It takes the fault as ippeveprinter names it, our reason and what the counsellor reads.
    """
    kiosk = printing_kiosk

    def check(fault: str, reason: str, text: str) -> None:
        kiosk.cups.set_faults(fault)
        kiosk.phone.key("*12#")
        kiosk.phone.wait_heard(text)
        wait_for(lambda: kiosk.reasons() == [reason], "the server knows too")
        waiting = next(iter(kiosk.server.last_reports().values()))
        kiosk.cups.set_faults()
        kiosk.phone.wait_heard("Impression terminée, 3 pages.")

        assert waiting["state"] == "processing"
        report = kiosk.wait_ended()
        assert (report["state"], report["reason"]) == ("completed", "")
        assert [len(pages) for pages in kiosk.printed()] == [3]
        assert kiosk.phone.heard().count(text) == 1

    return check


@pytest.fixture
def scanning_kiosk(make_kiosk: KioskMaker) -> Kiosk:
    """Give a kiosk in call, with a real SANE scanner and a virtual printer."""
    kiosk = make_kiosk()
    kiosk.start()
    return kiosk


@pytest.fixture
def pdf() -> Callable[..., bytes]:
    """Give the maker of PDFs."""
    return make_pdf


@pytest.fixture
def pages_of() -> Callable[[bytes | Path], list[str]]:
    """Give the reader of PDFs."""
    return read_pages


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """Give a JPEG of lines of text, as a phone would take it."""
    image = Image.new("RGB", (800, 1100), "white")
    draw = ImageDraw.Draw(image)
    for top in range(60, 1040, 40):
        draw.line((80, top, 700, top), fill="black", width=6)
    target = tmp_path / "photograph.jpg"
    image.save(target)
    return target


@pytest.fixture(scope="session", autouse=True)
def devices_are_installed() -> None:
    """Say at once what is missing."""
    for program in ("ippeveprinter", "dbus-daemon"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing: run script/setup")
