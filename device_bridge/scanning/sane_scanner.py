# SPDX-License-Identifier: AGPL-3.0-or-later
"""A SANE scanner, driven through a child process with a limit on its patience."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog

from device_bridge.jobs.device_state import DeviceState
from device_bridge.jobs.reasons import Reason
from device_bridge.scanning.scanner import (
    OnPage,
    ScanCanceled,
    ScannedPage,
    ScannerError,
    ScanRequest,
    Source,
)

log = structlog.get_logger(__name__)

OPTIONS_VARIABLE = "GUICHET_SANE_OPTIONS"
START_LIMIT_SECONDS = 20.0
BEGIN_LIMIT_SECONDS = 3.0
RELEASE_LIMIT_SECONDS = 3.0
PROBE_LIMIT_SECONDS = 15.0
DISCOVER_LIMIT_SECONDS = 60.0
# A driver that was asked to cancel and does not is killed.
CANCEL_LIMIT_SECONDS = 5.0
POLL_SECONDS = 0.1


class SaneScanner:
    """The scanner of a kiosk; `device` is SANE's name, or "" for the one found.

    What was found is remembered in `memory`, since looking takes seconds.
    """

    def __init__(
        self, device: str, config_dir: str, memory: Path, page_limit_seconds: float
    ) -> None:
        self._device = device
        self._config_dir = config_dir
        self._memory = memory
        self._page_limit_seconds = page_limit_seconds
        self._child: _Child | None = None
        self._extra: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._is_scanning = False

    def state(self) -> DeviceState:
        """Open and close the device, unless a scan runs or it was never there."""
        is_free = not self._is_scanning and self._lock.acquire(
            timeout=PROBE_LIMIT_SECONDS
        )
        if not is_free:
            return DeviceState(name=self._device, state="processing")
        try:
            device = self._find()
            self._ask({"do": "probe", "device": device}, PROBE_LIMIT_SECONDS)
            return DeviceState(name=device, state="idle")
        except ScannerError as error:
            return DeviceState(
                name=self._device,
                state="stopped",
                reasons=(error.reason,),
                detail=str(error),
            )
        finally:
            self._lock.release()

    def warm_up(self) -> None:
        """Start the child, so that the first scan need not wait for it."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._running_child()
        except ScannerError as error:
            log.warning("scanner process did not start", reason=error.reason.value)
        finally:
            self._lock.release()

    def scan(
        self,
        request: ScanRequest,
        folder: Path,
        on_page: OnPage,
        cancel: threading.Event,
    ) -> None:
        """Scan; kill the child when a page takes too long. See the port."""
        with self._lock:
            extra = _read_extra()
            if extra != self._extra:
                # Options survive close and open within one process.
                self._stop_child()
                self._extra = extra
            order = {
                "do": "scan",
                "device": self._find(),
                "request": asdict(request),
                "folder": str(folder),
                "extra": extra,
            }
            self._is_scanning = True
            try:
                child = self._order(order)
                try:
                    self._follow(child, on_page, cancel)
                finally:
                    self._await_idle(child)
            finally:
                self._is_scanning = False

    def discover(self) -> list[str]:
        """Give the names of all scanners; takes seconds."""
        with self._lock:
            found = self._ask({"do": "discover"}, DISCOVER_LIMIT_SECONDS)["devices"]
        return [str(name) for name in found]

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._stop_child()

    def _follow(
        self, child: "_Child", on_page: OnPage, cancel: threading.Event
    ) -> None:
        deadline = time.monotonic() + self._page_limit_seconds
        canceled = False
        while True:
            if cancel.is_set() and not canceled:
                canceled = True
                child.send({"do": "cancel"})
                deadline = time.monotonic() + CANCEL_LIMIT_SECONDS
            answer = child.receive(POLL_SECONDS)
            if answer is None:
                if time.monotonic() > deadline:
                    self._stop_child()
                    if canceled:
                        raise ScanCanceled()
                    raise ScannerError(Reason.SCANNER_HUNG)
                continue
            if "page" in answer:
                # After a cancel too: the child lets no page pass that was cut.
                if not canceled:
                    deadline = time.monotonic() + self._page_limit_seconds
                on_page(_page(answer))
            elif "note" in answer:
                log.info("scanner refused an option", note=answer["note"])
            elif "done" in answer or "error" in answer:
                if canceled:
                    raise ScanCanceled()
                _raise_error(answer)
                return

    def _ask(self, order: dict[str, Any], limit_seconds: float) -> dict[str, Any]:
        child = self._order(order)
        answer = child.receive(limit_seconds)
        if answer is None:
            self._stop_child()
            raise ScannerError(Reason.SCANNER_HUNG)
        self._await_idle(child)
        _raise_error(answer)
        return answer

    def _await_idle(self, child: "_Child") -> None:
        """Give the driver time to let its device go; end one that hangs over it."""
        if child is not self._child:
            return
        answer = child.receive(RELEASE_LIMIT_SECONDS)
        if answer is None or "idle" not in answer:
            log.warning("scanner process ended after its work", answer=answer)
            self._stop_child()

    def _order(self, order: dict[str, Any]) -> "_Child":
        """Give the child an order; one that does not take it is replaced, once."""
        for _ in range(2):
            child = self._running_child()
            child.send(order)
            taken = child.receive(BEGIN_LIMIT_SECONDS)
            if taken is not None and "begun" in taken:
                return child
            log.warning("scanner process replaced", answer=taken)
            self._stop_child()
        raise ScannerError(Reason.SCANNER_HUNG)

    def _find(self) -> str:
        if not self._device and self._memory.exists():
            self._device = self._memory.read_text().strip()
        if not self._device:
            found = self._ask({"do": "discover"}, DISCOVER_LIMIT_SECONDS)["devices"]
            if not found:
                raise ScannerError(Reason.SCANNER_MISSING)
            self._device = str(found[0])
            self._memory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._memory.write_text(self._device + "\n")
            log.info("scanner found", device=self._device, others=len(found) - 1)
        return self._device

    def _running_child(self) -> "_Child":
        if self._child is None or not self._child.is_running:
            self._stop_child()
            self._child = _Child(self._config_dir)
            if self._child.receive(START_LIMIT_SECONDS) is None:
                self._stop_child()
                raise ScannerError(Reason.SCANNER_HUNG, "SANE does not start")
        return self._child

    def _stop_child(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None


class _Child:
    """The process, its orders and its answers."""

    def __init__(self, config_dir: str) -> None:
        environment = {**os.environ, "LC_ALL": "C", "PYTHONUNBUFFERED": "1"}
        if config_dir:
            environment["SANE_CONFIG_DIR"] = config_dir
        self._process = subprocess.Popen(
            [sys.executable, "-m", "device_bridge.scanning.sane_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
            start_new_session=True,
        )
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def send(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise ScannerError(Reason.SCANNER_FAULT, "its process ended") from error

    def receive(self, limit_seconds: float) -> dict[str, Any] | None:
        try:
            return self._answers.get(timeout=limit_seconds)
        except queue.Empty:
            return None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    # What was still to be sent has nobody to read it.
                    pass

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                self._answers.put(json.loads(line))
            except ValueError:
                # Some backends print to standard output.
                continue
        # A driver that crashed ends its scan here and now.
        detail = f"its process ended with {self._process.wait()}"
        self._answers.put({"error": Reason.SCANNER_FAULT.value, "detail": detail})


def _page(answer: dict[str, Any]) -> ScannedPage:
    return ScannedPage(file=Path(answer["page"]), source=Source(answer["source"]))


def _raise_error(answer: dict[str, Any]) -> None:
    if "error" in answer:
        raise ScannerError(Reason(answer["error"]), answer.get("detail", ""))


def _read_extra() -> dict[str, Any]:
    """Give the options of the device's own that the administrator set, if any."""
    name = os.environ.get(OPTIONS_VARIABLE)
    if not name or not Path(name).exists():
        return {}
    content: dict[str, Any] = json.loads(Path(name).read_text())
    return content
