# SPDX-License-Identifier: AGPL-3.0-or-later
"""The service: what the telephone tells becomes jobs, what the jobs do is told back."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from device_bridge.call import sentences
from device_bridge.call.ahead import Ahead
from device_bridge.call.call import Call, CallCodes, Outcome, Repeated
from device_bridge.call.codes import PRESET_NUMBERS, VOLUMES, Command, Mistake, Verb
from device_bridge.call.line import Line
from device_bridge.call.link import Audience
from device_bridge.call.orders import OPERATIONS, job_from_command, job_from_prepared
from device_bridge.call.prepared import PreparedJobRefused, fetch_prepared
from device_bridge.call.second_screen import SecondScreen
from device_bridge.devices import Devices, describe, needs_paper_now
from device_bridge.jobs.job import Job, Preset
from device_bridge.jobs.reasons import Reason
from device_bridge.ledger.ledger import Ledger
from device_bridge.ledger.store import StoreError
from device_bridge.server.port import Server, ServerError
from device_bridge.wiping.wiper import Wiper

log = structlog.get_logger(__name__)

ANSWER_WORKERS = 3
JOB_MEMORY = timedelta(days=30)

Tell = Callable[[str, Audience, str], None]


class Bridge:
    """Obeys the call's codes. Its methods belong to one thread, that of the link."""

    def __init__(
        self,
        ledger: Ledger,
        devices: Devices,
        server: Server | None,
        tell: Tell,
        screen: SecondScreen,
        ahead: Ahead,
        clear_cue: Callable[[Call], None],
        set_volume: Callable[[Call, int], None],
        call_lock: threading.RLock,
        rejoin_seconds: float,
        wiper: Wiper,
    ) -> None:
        self._ledger = ledger
        self._devices = devices
        self._server = server
        self._tell = tell
        self._screen = screen
        self._ahead = ahead
        self._clear_cue = clear_cue
        self._set_volume = set_volume
        # What the telephone told last; whether somebody waits to hear of it.
        self.volume: int | None = None
        self._volume_asked = False
        # Held while a call or a job begins, so that a wipe never meets one half-way.
        self._lock = call_lock
        # A telephone or a bridge that restarts finds its call again in this time.
        self._rejoin_seconds = rejoin_seconds
        self._wiper = wiper
        self._codes = CallCodes()
        self._answers = ThreadPoolExecutor(ANSWER_WORKERS, "answer")
        # One thread: pages are turned in the order in which they were asked for.
        self._showing = ThreadPoolExecutor(1, "screen")
        self._held: list[Job] = []
        # The nonce of the call that is up, by the call's id.
        self._nonces: dict[str, str] = {}
        self._rejoin_by: float | None = None
        self._line: Line | None = None

    # Life

    def recover(self) -> None:
        """Take up what a former run left; called once, before any event."""
        self._ledger.store.prune(JOB_MEMORY)
        for job in self._ledger.store.open_jobs():
            log.info("job found after a start", job=job.uuid, touched=job.is_touched)
            if needs_paper_now(job) and not job.is_scanned:
                # Nothing happened yet: it is done only if its call is still up.
                self._held.append(job)
            else:
                self._devices.add(job)
        if self._held or self._ledger.store.remembered_call():
            self._rejoin_by = time.monotonic() + self._rejoin_seconds

    def close(self) -> None:
        """Stop answering."""
        self._ahead.close()
        for executor in (self._answers, self._showing):
            executor.shutdown(wait=False, cancel_futures=True)

    @property
    def call(self) -> Call | None:
        """Give the call that is up."""
        return self._codes.call

    def current_appointment(self) -> int | None:
        """Give the appointment whose call is up, or may come back after a restart."""
        call = self._codes.call
        if call is None and self._rejoin_by is not None:
            call = self._ledger.store.remembered_call()
        return call.appointment if call else None

    def is_in_call(self, job: Job) -> bool:
        """Tell whether the job's appointment is in call now."""
        return self.current_appointment() == job.appointment

    # Events

    def handle(self, message: dict[str, Any]) -> None:
        """Take one message of the telephone; nonsense is logged and passed over."""
        event = message.get("event")
        try:
            if event == "call_confirmed":
                self._confirm(_read_call(message))
            elif event == "digit":
                call, digit = str(message["call"]), str(message["digit"])
                self._obey(self._codes.digit(call, digit, time.monotonic()))
                self._look_ahead()
            elif event == "line":
                self._take_line(message)
            elif event == "call_ended":
                self._end(self._codes.end(str(message["call"])), _kept(message))
            elif event == "idle":
                self._rejoin_by = None
                before = self._codes.end() or self._ledger.store.remembered_call()
                self._end(before, _kept(message))
            elif event == "volume":
                self._take_volume(message.get("level"))
            elif event == "gone":
                self._wait_for_rejoin()
            else:
                log.warning("unknown event from the telephone", event_name=event)
        except (KeyError, TypeError, ValueError) as error:
            log.warning("broken message from the telephone", detail=repr(error))
        except StoreError as error:
            log.error("kiosk's disk does not take it", detail=str(error))
            self._say(sentences.reason(Reason.DISK_FULL))

    def tick(self) -> None:
        """Do what time asks for; called about twice a second."""
        now = time.monotonic()
        self._obey(self._codes.expire(now))
        self._look_ahead()
        if self._rejoin_by is not None and now > self._rejoin_by:
            self._rejoin_by = None
            self._end(self._codes.end() or self._ledger.store.remembered_call())

    def status(self) -> dict[str, Any]:
        """Give what `status --json` tells of the running bridge."""
        store, call = self._ledger.store, self._codes.call
        return {
            "call": call.id if call else None,
            "appointment": call.appointment if call else None,
            "jobs": [
                {
                    "uuid": job.uuid,
                    "operation": job.operation.value,
                    "state": job.state.value,
                    "reason": job.reason.value,
                    "page": job.page,
                    "pages": job.pages,
                }
                for job in store.open_jobs()
            ],
            "undelivered": {
                "reports": len(store.unreported_jobs()),
                "scans": len(store.undelivered_scans()),
                "wipes": len(store.unposted_wipes()),
            },
        }

    @property
    def line(self) -> Line | None:
        """Give how the line of the call that is up is; None where nobody told."""
        return self._line if self._codes.call is not None else None

    def _take_line(self, message: dict[str, Any]) -> None:
        call = self._codes.call
        if call is not None and call.id == message["call"]:
            self._line = Line(str(message["from_kiosk"]), str(message["to_kiosk"]))

    def _confirm(self, call: Call) -> None:
        with self._lock:
            self._rejoin_by = None
            before = self._codes.confirm(call)
            if before is not None:
                self._ahead.forget()
            if before is not None and before.appointment != call.appointment:
                self._leave(before)
            self._wiper.owe(call.appointment)
            self._ledger.store.remember_call(call)
        log.info("call confirmed", call=call.id, appointment=call.appointment)
        held, self._held = self._held, []
        for job in held:
            if job.call == call.id:
                self._devices.add(job)
            else:
                self._ledger.cancel(job, Reason.CALL_OVER)
        if not self._ledger.store.open_jobs():
            # A former bridge may have been killed in the middle of one.
            self._clear_cue(call)
        self._answers.submit(self._guard, self._learn_nonce, call)
        self._answers.submit(self._devices.scanner.warm_up)

    def _learn_nonce(self, call: Call) -> None:
        """Ask what proves that something is of this call's appointment."""
        if self._server is None or call.id in self._nonces:
            return
        try:
            found = self._server.current_call()
        except (ServerError, KeyError, ValueError) as error:
            log.info("nothing learnt of the call", detail=repr(error))
            return
        if found.appointment == call.appointment and found.nonce:
            self._nonces = {call.id: found.nonce}

    def _end(self, call: Call | None, kept: int = 0) -> None:
        """Leave the call; `kept` is how much of it the telephone remembers."""
        held, self._held = self._held, []
        for job in held:
            self._ledger.cancel(job, Reason.CALL_OVER)
        self._ahead.forget()
        self._wiper.hear_telephone(kept, call.appointment if call else None)
        if call is None:
            return
        self._line = None
        log.info("call ended", call=call.id, appointment=call.appointment)
        with self._lock:
            self._leave(call)
            self._ledger.store.remember_call(None)

    def _leave(self, call: Call) -> None:
        """Nobody asks any more for what has not begun."""

        def is_of_call(job: Job) -> bool:
            return job.appointment == call.appointment

        self._devices.cancel_waiting(is_of_call, Reason.CALL_OVER)
        self._devices.cancel_before_scan(is_of_call)

    def _wait_for_rejoin(self) -> None:
        if self._codes.call is not None:
            self._rejoin_by = time.monotonic() + self._rejoin_seconds

    # Codes

    def _look_ahead(self) -> None:
        """Get ready for the code that is being keyed, and drop what none needs."""
        call, begun = self._codes.call, self._codes.begun
        if call is None or begun is None:
            self._ahead.give_up()
        else:
            self._ahead.see(call, begun)

    def _obey(self, outcomes: "tuple[Outcome, ...] | Any") -> None:
        for outcome in outcomes:
            if isinstance(outcome, Mistake):
                self._say(sentences.mistake(outcome))
            elif isinstance(outcome, Repeated):
                self._repeat(outcome.command)
            else:
                self._run(outcome)

    def _repeat(self, command: Command) -> None:
        if not self._goes_on_with_card(command):
            self._say(sentences.ALREADY_ASKED)

    def _run(self, command: Command) -> None:
        call = self._codes.call
        if call is None:
            return
        log.info("code keyed", code=command.text, call=call.id)
        self._ahead.keep(command)
        if command.verb is Verb.CANCEL:
            self._cancel(call)
        elif command.verb is Verb.VOLUME and command.number is not None:
            self._volume_asked = True
            self._set_volume(call, command.number)
        elif command.verb is Verb.STATE:
            self._answers.submit(self._guard, self._tell_state, call)
        elif command.verb is Verb.SHOW:
            self._showing.submit(self._guard, self._show_document, call, command.number)
        elif command.verb is Verb.RUN and command.number is not None:
            self._answers.submit(self._guard, self._run_prepared, call, command.number)
        elif not self._goes_on_with_card(command):
            self._begin(job_from_command(command, call))

    def _goes_on_with_card(self, command: Command) -> bool:
        if command.verb is not Verb.SCAN:
            return False
        preset = PRESET_NUMBERS[command.number] if command.number else Preset.AUTO
        return self._devices.go_on_with_card(preset)

    def _take_volume(self, level: object) -> None:
        """Note how loud the kiosk is, and say it to whoever asked for another volume."""
        self.volume = level if type(level) is int and level in VOLUMES else None
        if self._volume_asked:
            self._volume_asked = False
            self._say(sentences.volume(self.volume))

    def _cancel(self, call: Call) -> None:
        found = self._devices.cancel(lambda job: job.appointment == call.appointment)
        self._say(sentences.CANCELING if found else sentences.NOTHING_TO_CANCEL)

    def _begin(self, job: Job) -> None:
        """Write a job down, then give it to its device; the same one only once."""
        with self._lock:
            if self._devices.is_full(job.operation):
                self._tell(sentences.QUEUE_FULL, Audience.COUNSELLOR, job.call)
                return
            proven = replace(job, nonce=self._nonces.get(job.call, ""))
            opened = self._ledger.open(proven)
        if opened is None:
            known = self._ledger.store.job(job.uuid)
            done = known is not None and known.is_over
            text = sentences.ALREADY_DONE if done else sentences.ALREADY_ASKED
            self._tell(text, Audience.COUNSELLOR, job.call)
            return
        self._devices.add(opened)

    def _run_prepared(self, call: Call, number: int) -> None:
        # In the same call it is told at once; else the server says which job it is, and
        # that one runs once.
        known = self._ledger.store.prepared_job(call, number)
        if known is not None:
            text = sentences.ALREADY_DONE if known.is_over else sentences.ALREADY_ASKED
            self._tell(text, Audience.COUNSELLOR, call.id)
            return
        self._learn_nonce(call)
        try:
            prepared = self._ahead.take_job(call, number)
            if prepared is None:
                prepared = fetch_prepared(self._server, call, number)
        except PreparedJobRefused as refused:
            text = sentences.reason(refused.reason)
            self._tell(text, Audience.COUNSELLOR, call.id)
            return
        job = job_from_prepared(prepared, call)
        if job is None or job.operation not in OPERATIONS.values():
            text = sentences.reason(Reason.JOB_UNSUPPORTED)
            self._tell(text, Audience.COUNSELLOR, call.id)
        elif self._codes.call == call:
            self._begin(job)

    def _tell_state(self, call: Call) -> None:
        printer, scanner = self._devices.states()
        text = sentences.devices(printer, scanner, self._devices.busy())
        self._tell(text, Audience.COUNSELLOR, call.id)

    def _show_document(self, call: Call, number: int | None) -> None:
        text = self._screen.show(call, number)
        self._tell(text, Audience.COUNSELLOR, call.id)

    def _guard(self, answer: Callable[..., None], *arguments: Any) -> None:
        """Run an answer on its own thread; what breaks is logged and told."""
        try:
            answer(*arguments)
        except Exception:
            log.exception("answer broke")
            self._say(sentences.reason(Reason.INTERNAL))

    def _say(self, text: str) -> None:
        call = self._codes.call
        if call is not None:
            self._tell(text, Audience.COUNSELLOR, call.id)


def _kept(message: dict[str, Any]) -> int:
    return int(message.get("kept", 0))


def _read_call(message: dict[str, Any]) -> Call:
    return Call(
        id=str(message["call"]),
        appointment=int(message["appointment"]),
        peer=str(message.get("peer", "")),
    )


def heartbeat(devices: Devices, line: Line | None) -> dict[str, Any]:
    """Give what the server is told of the devices, and of the line of a call."""
    printer, scanner = devices.states()
    told = {"from_kiosk": line.from_kiosk, "to_kiosk": line.to_kiosk} if line else None
    return {
        "line": told,
        "printer": describe(printer, sentences.of_printer(printer)),
        "scanner": describe(scanner, sentences.of_scanner(scanner)),
    }
