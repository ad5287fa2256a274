# SPDX-License-Identifier: AGPL-3.0-or-later
"""A call of the demo with the kiosk's devices, and when its codes reached the kiosk."""

import shutil
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from measure.bench_system import SipCapture
from measure.sip_capture import SipMessage
from stage.counsellor_desk import CounsellorDesk
from stage.device_story import COUNSELLOR_ACCOUNT, QUICK_RESIDENT
from stage.kiosk_devices import KioskDevices
from stage.papers import form_pdf
from stage.secretary import Secretary
from stage.stack import Stage, StageOptions
from stage.story import COUNSELLOR, KIOSK, ORGANISATION, RESIDENT, SECRETARY

SPOOL_POLL_SECONDS = 0.0005
IN_CALL_SECONDS = 30.0


class DeviceCall:
    """A context manager: inside it the kiosk of Wassigny is in a call, its devices ready."""

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> "DeviceCall":
        try:
            self._enter()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def upload(self, *pages: str) -> tuple[int, bytes]:
        """Add a form to the appointment; give its number and its bytes."""
        content = form_pdf(*pages)
        return self.desk.upload(self.appointment, "form.pdf", content), content

    def key(self, code: str) -> None:
        """Have the counsellor key a code; return when its last INFO is answered."""
        self.stage.counsellor(COUNSELLOR).order("digits", code)

    def sip_capture(self) -> SipCapture:
        """Return a context manager that records the SIP messages of its block."""
        return SipCapture(self.stage.asterisk, self.folder)

    def last_digits(self, messages: list[SipMessage]) -> list[float]:
        """Return when each code's # left Asterisk for the kiosk, seconds since 1970."""
        call = self.stage.kiosk(KIOSK).call()
        sip_call_id = call["sip_call_id"] if call else ""
        return [
            message.at
            for message in messages
            if message.status is None
            and message.method == "INFO"
            and message.call_id == sip_call_id
            and "Signal=#" in message.body.replace(" ", "")
        ]

    def _enter(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gb-"))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        options = StageOptions(
            devices=True, bridge_settings=QUICK_RESIDENT, provisions_in_process=True
        )
        self.stage = self._stack.enter_context(Stage(self.folder / "site", options))
        self.stage.prepare()
        self.devices: KioskDevices = self.stage.devices_of(KIOSK)
        self.stage.start(
            *("asterisk", "web", "dispatcher", COUNSELLOR, KIOSK, self.devices.name)
        )
        passwords = self.stage.passwords()
        secretary = self._stack.enter_context(Secretary(self.stage.url))
        secretary.sign_in(SECRETARY, passwords[SECRETARY])
        watch = secretary.watch()
        self.appointment = secretary.book(RESIDENT, ORGANISATION)
        watch.wait_state(self.appointment, "in_call", IN_CALL_SECONDS)
        self.desk = self._stack.enter_context(CounsellorDesk(self.stage.url))
        self.desk.sign_in(COUNSELLOR_ACCOUNT, passwords[COUNSELLOR_ACCOUNT])


class SpoolWatch:
    """Notes when CUPS put a job's document into its spool: accepted, for every sender.

    A context manager. CUPS itself tells that moment in whole seconds only.
    """

    def __init__(self, devices: KioskDevices) -> None:
        self._spool = devices.cups.base / "spool"
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._seen: dict[str, float] = {}

    def accepted(self) -> list[float]:
        """Return the moments in the order of the jobs, seconds since 1970."""
        return [at for _, at in sorted(self._seen.items())]

    def __enter__(self) -> "SpoolWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_ending.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_ending.wait(SPOOL_POLL_SECONDS):
            for file in self._spool.glob("d[0-9]*"):
                if file.name not in self._seen:
                    self._seen[file.name] = time.time()
