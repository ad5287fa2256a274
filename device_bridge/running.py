# SPDX-License-Identifier: AGPL-3.0-or-later
"""A running bridge: its parts, its threads, its loop, its end."""

import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
from sdnotify import SystemdNotifier

from device_bridge.bridge import Bridge, heartbeat
from device_bridge.call import sentences
from device_bridge.call.ahead import Ahead
from device_bridge.call.cues import COUNTED, Cue
from device_bridge.call.link import Audience
from device_bridge.call.link_server import LinkServer
from device_bridge.call.missing import MissingParts
from device_bridge.call.screen_link import EVENT as SCREEN_EVENT
from device_bridge.call.screen_link import MISSING_EVENT
from device_bridge.call.second_screen import CueDelivery, ScreenCue, SecondScreen
from device_bridge.devices import Devices, has_room
from device_bridge.jobs.job import Job
from device_bridge.jobs.reasons import Reason
from device_bridge.ledger.delivery import (
    Courier,
    ReportDelivery,
    ScanDelivery,
    WipeDelivery,
)
from device_bridge.ledger.ledger import Ledger
from device_bridge.ledger.store import Store
from device_bridge.printing.pdf_check import check_pdf
from device_bridge.printing.print_work import PrintWork
from device_bridge.scanning.scan_pdf import has_ocr
from device_bridge.scanning.scan_work import ScanWork
from device_bridge.server.port import Server, ServerError
from device_bridge.settings import BridgeSettings
from device_bridge.wiping.wiping import Wiping
from device_bridge.wiring import (
    DATABASE_NAME,
    make_printer,
    make_scanner,
    make_server,
    make_wiper,
    prepare_folder,
    print_limits,
    scan_pauses,
)

log = structlog.get_logger(__name__)

TICK_SECONDS = 0.5
# Nobody sees a page counted a tenth of a second later; a device that is being set to work
# meanwhile has the machine, and the line, to itself.
GATHER_SECONDS = 0.1
STOP_SECONDS = 2.0


class RunningBridge:
    """Everything that `guichet-bridge run` runs."""

    def __init__(self, settings: BridgeSettings) -> None:
        self._settings = settings
        self._work_folder = prepare_folder(settings)
        self._server = make_server(settings)
        printer, scanner = make_printer(settings), make_scanner(settings)
        self._store = Store(settings.data_dir / DATABASE_NAME)
        self._link = LinkServer(settings.socket)
        self._is_stopping = threading.Event()
        self._call_lock = threading.RLock()
        # The connection that told of the call which is up.
        self._telephone: socket.socket | None = None
        self._missing = MissingParts()
        self._couriers: list[Courier] = []
        self._cues: CueDelivery | None = None
        ledger = Ledger(self._store, self._work_folder, self, self._wake_couriers)
        document_limits = print_limits(settings).document
        self._ahead = Ahead(
            self._server,
            ledger.appointment_folder,
            lambda file: check_pdf(file, document_limits),
            self._has_room,
            lambda call, number: self._store.prepared_job(call, number) is not None,
        )
        self._devices = Devices(
            ledger,
            printer,
            scanner,
            PrintWork(
                ledger,
                printer,
                self._server,
                print_limits(settings),
                lambda job: self._bridge.is_in_call(job),
                self._has_room,
                self._take_ahead,
            ),
            ScanWork(
                ledger,
                scanner,
                scan_pauses(settings),
                settings.ocr and has_ocr(),
                self._may_begin,
            ),
        )
        wiper = make_wiper(settings, self._store, printer, self._in_call)
        self._bridge = Bridge(
            ledger,
            self._devices,
            self._server,
            self.say,
            SecondScreen(self._server, self._announce_document),
            self._ahead,
            lambda call: self._show_cue(ScreenCue(Cue.NONE, call.appointment, call.id)),
            lambda call, level: self._link.broadcast(
                {"volume": level, "call": call.id}
            ),
            self._call_lock,
            settings.rejoin_seconds,
            wiper,
        )
        self._wiping: Wiping | None = None
        if self._server is not None:
            post, tell = WipeDelivery(self._store, self._server), self._link.broadcast
            self._wiping = Wiping(wiper, tell, self._call_lock, post.deliver)
            self._make_couriers(ledger, self._server, self._wiping)

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; only the main thread may call it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self._bridge.recover()
        self._devices.start()
        for courier in self._couriers:
            courier.start()
        notifier = SystemdNotifier()
        notifier.notify("READY=1")
        log.info("bridge runs", socket=str(self._settings.socket))
        try:
            while not self._is_stopping.is_set():
                self._turn()
                notifier.notify("WATCHDOG=1")
        finally:
            notifier.notify("STOPPING=1")
            self._stop()

    def say(self, text: str, to: Audience, call: str) -> None:
        """Tell a sentence in a call; the telephone knows whether that is still up."""
        self._link.broadcast({"say": text, "to": to.value, "call": call})

    def cue(self, cue: Cue, job: Job, is_spoken: bool) -> None:
        """Show a cue on the second screen; the telephone speaks it where asked."""
        if is_spoken:
            self._link.broadcast(
                {
                    "say": sentences.CUES[cue],
                    "to": Audience.RESIDENT.value,
                    "call": job.call,
                    "cue": cue.value,
                    "language": self._language_of(job.appointment),
                }
            )
        page = pages = 0
        if cue in COUNTED:
            page = job.page
            pages = job.pages * (job.copies if cue is Cue.PRINTING else 1)
        self._show_cue(ScreenCue(cue, job.appointment, job.call, page, pages))

    def _language_of(self, appointment: int) -> str:
        return self._server.language_of(appointment) if self._server else ""

    def _show_cue(self, cue: ScreenCue) -> None:
        if self._cues is not None:
            self._cues.want(cue)
            self._wake_couriers()

    def _in_call(self) -> int | None:
        return self._bridge.current_appointment()

    def _is_call_up(self, call: str) -> bool:
        return self._bridge.call is not None and self._bridge.call.id == call

    def _turn(self) -> None:
        for client, message in self._link.poll(TICK_SECONDS):
            self._take(client, message)
        before = self._bridge.call
        self._bridge.tick()
        has_news = self._wiping is not None and self._wiping.turn()
        if has_news or self._bridge.call != before:
            self._wake_couriers()

    def _take(self, client: socket.socket, message: dict[str, Any]) -> None:
        event = message.get("event")
        if event == "status":
            clock = self._server.clock.to_json() if self._server else None
            wipe = self._wiping.told() if self._wiping else None
            status = {**self._bridge.status(), "clock": clock, "wipe": wipe}
            self._link.answer(client, {"status": status})
            return
        if event == SCREEN_EVENT:
            if self._wiping is not None and self._wiping.take(message):
                self._wake_couriers()
            return
        if event == MISSING_EVENT:
            self._missing.take(client, message)
            self._wake_couriers()
            return
        if event == "gone" and self._missing.leave(client):
            self._wake_couriers()
        if event == "gone" and client is not self._telephone:
            # Whoever only asked for the status does not take the call along.
            return
        if event == "call_confirmed":
            self._telephone = client
        self._bridge.handle(message)
        if event in ("call_confirmed", "call_ended", "idle", "volume", "line"):
            if self._wiping is not None:
                self._wiping.turn(news=True)
            self._wake_couriers()

    def _take_ahead(
        self, job: Job, target: Path, cancel: threading.Event
    ) -> int | None:
        if job.document is None:
            return None
        return self._ahead.take_document(job.appointment, job.document, target, cancel)

    def _announce_document(self, document: int | None, call: str) -> None:
        self._link.broadcast({"show": document, "call": call})

    def _has_room(self) -> bool:
        return has_room(self._work_folder, self._settings.min_free_bytes)

    def _may_begin(self, job: Job) -> Reason:
        """Look at the disk, and ask the server whose call this is, if it answers."""
        if not self._has_room():
            return Reason.DISK_FULL
        if self._server is None:
            return Reason.NONE
        try:
            appointment = self._server.current_call().appointment
        except ServerError:
            # A scan must not wait for a server that is away.
            return Reason.NONE
        return Reason.NONE if appointment == job.appointment else Reason.CALL_OVER

    def _make_couriers(self, ledger: Ledger, server: Server, wiping: Wiping) -> None:
        self._cues = CueDelivery(server, self._is_call_up)
        reports = ReportDelivery(self._store, server)
        scans = ScanDelivery(ledger, server)
        beats = self._settings.heartbeat_seconds
        wipes = Courier("wipes", wiping.deliver, gather_seconds=GATHER_SECONDS)

        def then_wipe(deliver: Callable[[], None]) -> Callable[[], None]:
            """Look again, after a delivery, whether something may be wiped now."""

            def deliver_first() -> None:
                deliver()
                wipes.wake()

            return deliver_first

        self._couriers = [
            Courier("cues", self._cues.deliver, gather_seconds=GATHER_SECONDS),
            Courier(
                "reports", then_wipe(reports.deliver), gather_seconds=GATHER_SECONDS
            ),
            Courier("scans", then_wipe(scans.deliver)),
            wipes,
            Courier("heartbeat", self._heartbeat(server, wiping), beats),
        ]

    def _heartbeat(self, server: Server, wiping: Wiping) -> Callable[[], None]:
        """Give a delivery that sends a heartbeat, but not oftener than wanted."""
        next_at = 0.0
        told: tuple[Any, ...] = ()

        def beat() -> None:
            nonlocal next_at, told
            now = time.monotonic()
            volume, line = self._bridge.volume, self._bridge.line
            if self._bridge.call is not None:
                line = self._missing.told_in(line)
            wipe = wiping.told()
            # Somebody waits to read these; what is not wiped does not wait either.
            news = (volume, line, wipe["failures"])
            if now >= next_at or news != told:
                devices: dict[str, Any] = heartbeat(self._devices, line)
                server.heartbeat({**devices, "volume": volume, "wipe": wipe})
                next_at, told = now + self._settings.heartbeat_seconds, news

        return beat

    def _wake_couriers(self) -> None:
        for courier in self._couriers:
            courier.wake()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._is_stopping.set()
        self._link.wake()

    def _stop(self) -> None:
        log.info("bridge stops")
        self._bridge.close()
        self._devices.stop()
        for courier in self._couriers:
            courier.stop(STOP_SECONDS)
        self._link.close()
        self._store.close()
