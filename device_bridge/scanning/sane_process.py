# SPDX-License-Identifier: AGPL-3.0-or-later
"""The child process in which SANE runs: the only importer of `sane`.

A driver that hangs or crashes takes this process along, never the bridge. Orders come
as JSON lines on standard input, answers leave as JSON lines on standard output; the
end of standard input is the end of the process.
"""

import ctypes
import io
import json
import os
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import sane
from PIL import Image

from device_bridge.jobs.reasons import Reason
from device_bridge.scanning.kept_memory import keep_memory
from device_bridge.scanning.page_writer import PageWriter, RawPage
from device_bridge.scanning.sane_options import (
    Offered,
    choose_sources,
    choose_values,
)
from device_bridge.scanning.scanner import ScannerError, ScanRequest, Source

PR_SET_PDEATHSIG = 1
# python-sane's errors carry nothing but SANE's own English text (sane_strstatus), and
# the parent sets LC_ALL=C for it.
ERRORS = {
    "Document feeder jammed": Reason.FEEDER_JAM,
    "Document feeder out of documents": Reason.FEEDER_EMPTY,
    "Scanner cover is open": Reason.COVER_OPEN,
    "Device busy": Reason.SCANNER_BUSY,
    "Error during device I/O": Reason.SCANNER_OFFLINE,
    "Invalid argument": Reason.SCANNER_FAULT,
    "Access to resource has been denied": Reason.SCANNER_FAULT,
}
# A page is answered on the thread that wrote it.
_ANSWERING = threading.Lock()
# A webcam is a SANE device too.
NOT_SCANNERS = ("v4l:", "v4l2:")


class SaneSession:
    """Opens, sets up and scans; one order at a time, `cancel` from another thread."""

    def __init__(self, writer: PageWriter) -> None:
        sane.init()
        self._writer = writer
        self._device: Any = None
        self._is_canceled = threading.Event()

    def discover(self) -> list[str]:
        """Give the names of the scanners found; takes seconds."""
        found = sane.get_devices()
        return [each[0] for each in found if not each[0].startswith(NOT_SCANNERS)]

    def probe(self, name: str) -> None:
        """Open and close the device, to see that it is there."""
        self._open(name).close()

    def cancel(self) -> None:
        """End the running scan early."""
        self._is_canceled.set()
        device = self._device
        if device is not None:
            device.cancel()

    def scan(
        self, name: str, request: ScanRequest, folder: Path, extra: dict[str, Any]
    ) -> None:
        """Scan and answer each page; raises ScannerError. Ends quietly on `cancel`.

        However it ends, the pages that were whole by then are written and answered
        before. The device stays open for `release`.
        """
        self._is_canceled.clear()
        device = self._device = self._open(name)
        try:
            self._scan_any(device, request, folder, extra)
        finally:
            self._writer.end_scan()

    def release(self) -> None:
        """Let the device of the last scan go, which may take long or hang."""
        device, self._device = self._device, None
        if device is not None:
            device.cancel()
            device.close()

    def _scan_any(
        self, device: Any, request: ScanRequest, folder: Path, extra: dict[str, Any]
    ) -> None:
        sources = choose_sources(_options(device), request)
        for number, (source, word) in enumerate(sources):
            if word:
                device.source = word
            _set_values(device, choose_values(_options(device), request, source))
            _set_values(device, {k: v for k, v in extra.items() if k != "pages"})
            pages = self._scan_source(device, source, request, folder, extra)
            if pages or self._is_canceled.is_set():
                return
            if number + 1 == len(sources):
                raise ScannerError(Reason.FEEDER_EMPTY)

    def _scan_source(
        self,
        device: Any,
        source: Source,
        request: ScanRequest,
        folder: Path,
        extra: dict[str, Any],
    ) -> int:
        """Give the number of pages; 0 is an empty feeder."""
        page = 0
        while not self._is_canceled.is_set():
            _set_values(device, extra.get("pages", {}).get(str(page + 1), {}))
            try:
                device.start()
                lines = device.get_parameters()[2][1]
                file = folder / f"raw-{page + 1:03}.jpg"
                raw = _read_page(device, request, file, source)
            except Exception as error:
                if self._is_canceled.is_set():
                    return page
                reason = _reason(error)
                # AUTO without a source option is a feeder if it says so.
                if reason is Reason.FEEDER_EMPTY and source is not Source.FLATBED:
                    return page
                raise ScannerError(reason, str(error)) from error
            if self._is_canceled.is_set():
                # A cancelled page comes back short, and as a success.
                return page
            if 0 < lines != raw.height:
                detail = f"{raw.height} of {lines} lines"
                raise ScannerError(Reason.SHORT_PAGE, detail)
            page += 1
            self._writer.put(raw)
            if source is Source.FLATBED or (source is Source.AUTO and page == 1):
                return page
            if page >= request.max_pages:
                raise ScannerError(Reason.TOO_MANY_SCANNED)
        return page

    def _open(self, name: str) -> Any:
        try:
            return sane.open(name)
        except Exception as error:
            reason = _reason(error)
            # A device of that name which is not there is "Invalid argument" to SANE.
            if reason is Reason.SCANNER_FAULT:
                reason = Reason.SCANNER_OFFLINE
            raise ScannerError(reason, str(error)) from error


def _options(device: Any) -> dict[str, Offered]:
    return {
        option[1].replace("-", "_"): Offered(option[8], option[5])
        for option in device.get_options()
        if option[1] and device[option[1].replace("-", "_")].is_active()
    }


def _set_values(device: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        try:
            setattr(device, name, value)
        except Exception as error:
            # A value that the device refuses leaves its own default.
            _answer({"note": f"{name}={value}: {error}"})


def _read_page(
    device: Any, request: ScanRequest, file: Path, source: Source
) -> RawPage:
    """Read the page that was begun.

    Its bytes are taken from python-sane's inner object: its own `snap` copies them once
    more and unpacks them here, where the scanner waits for it.
    """
    data, width, height, samples, _ = device.dev.snap(True, False, None)
    if not data:
        raise ScannerError(Reason.SCANNER_FAULT, "a page without data")
    try:
        resolution_dpi = round(float(device.resolution))
    except Exception:
        resolution_dpi = request.resolution_dpi
    return RawPage(data, width, height, samples, resolution_dpi, file, source)


def _answer_page(page: RawPage) -> None:
    _answer({"page": str(page.file), "source": page.source.value})


def _reason(error: Exception) -> Reason:
    if isinstance(error, ScannerError):
        return error.reason
    if isinstance(error, OSError):
        return Reason.DISK_FULL
    return ERRORS.get(str(error), Reason.SCANNER_FAULT)


def _answer(message: dict[str, Any]) -> None:
    with _ANSWERING:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def _read_orders(session: SaneSession, orders: "queue.Queue[dict[str, Any]]") -> None:
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "cancel":
            session.cancel()
        else:
            orders.put(order)
    # The bridge is gone, or wants us gone; a hung driver must not keep us.
    os._exit(0)


def _obey(session: SaneSession, order: dict[str, Any]) -> dict[str, Any]:
    if order["do"] == "discover":
        return {"devices": session.discover()}
    if order["do"] == "probe":
        session.probe(order["device"])
        return {}
    request = ScanRequest(
        **{**order["request"], "source": Source(order["request"]["source"])}
    )
    session.scan(order["device"], request, Path(order["folder"]), order["extra"])
    return {}


def _load_libraries() -> None:
    """Load every library that a scan needs before SANE has a thread.

    The first thread of a process that ends by pthread_exit or pthread_cancel makes
    glibc load its unwinder. Backends cancel their reader asynchronously: one that is hit
    just there dies with the loader's locks, and whatever needs them next, a library of
    Pillow's or the reader of the next page, waits for ever (measured with the backend
    `test`: one scan in a hundred). So a thread that does nothing else goes first.
    """
    libc = ctypes.CDLL(None)
    thread = ctypes.c_ulong()
    ends = ctypes.cast(libc.pthread_exit, ctypes.c_void_p)
    if libc.pthread_create(ctypes.byref(thread), None, ends, None) == 0:
        libc.pthread_join(thread, None)
    Image.new("RGB", (1, 1)).save(io.BytesIO(), "JPEG")
    Image.frombuffer("L", (1, 1), bytes(1), "raw", "L", 0, 1)


def main() -> None:
    """Serve orders until standard input ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.umask(0o077)
    keep_memory()
    _load_libraries()
    session = SaneSession(PageWriter(_answer_page))
    orders: queue.Queue[dict[str, Any]] = queue.Queue()
    reader = threading.Thread(target=_read_orders, args=(session, orders), daemon=True)
    reader.start()
    _answer({"ready": True})
    while True:
        order = orders.get()
        # The parent does not wait long for this: so far no device was touched.
        _answer({"begun": True})
        try:
            _answer({"done": True, **_obey(session, order)})
        except Exception as error:
            _answer({"error": _reason(error).value, "detail": str(error)})
        # The result is told first: a driver that hangs now takes no page along.
        session.release()
        _answer({"idle": True})


if __name__ == "__main__":
    main()
