# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's rules: which calls it answers by itself, and what it tells of them."""

from datetime import UTC, datetime
from typing import Any

from sip_endpoints.call.camera_keeper import CameraKeeper
from sip_endpoints.call.counsellor_near import read_counsellor_near
from sip_endpoints.call.keeper import CallKeeper
from sip_endpoints.call.phone import (
    CallConfirmed,
    CallEnded,
    CallGoneError,
    CallReceived,
    DigitReceived,
    MediaAgreed,
    MessageReceived,
    Phone,
    PhoneEvent,
    RegistrationChanged,
    TextReceived,
)
from sip_endpoints.call.record import CallRecord, CallStage
from sip_endpoints.call.sip_text import is_auto_answer
from sip_endpoints.captions.link import CaptionsLink
from sip_endpoints.control import Outcome
from sip_endpoints.device_link import DeviceLink
from sip_endpoints.interpreter import (
    BUSY,
    FORBIDDEN,
    Interpreter,
    read_interpreter_answered,
)
from sip_endpoints.log import Log
from sip_endpoints.media_test import CALL_UP, HELD, MEDIA_TEST, MediaTest

log = Log(__name__)

# Keys without end must not fill the memory; a code has six at most.
DIGITS_KEPT = 64


def stranger_refusal(
    call: CallReceived, account: str, registrar_address: str | None
) -> tuple[int, str] | None:
    """Return SIP status and reason why whoever calls may not; None for our Asterisk.

    The mark alone would let anybody who reaches the port listen in the room: the call
    must also be for our own account, over the very connection to our Asterisk.
    """
    if registrar_address is None or call.remote_address != registrar_address:
        return FORBIDDEN, "not from our Asterisk"
    if call.account != account:
        return FORBIDDEN, "not for our account"
    if not is_auto_answer(call.call_info):
        return FORBIDDEN, "no auto-answer mark"
    return None


def refusal(
    call: CallReceived,
    account: str,
    registrar_address: str | None,
    is_busy: bool,
    is_held: bool = False,
) -> tuple[int, str] | None:
    """Return SIP status and reason why a kiosk refuses this call; None to answer."""
    refused = stranger_refusal(call, account, registrar_address)
    if refused is not None:
        return refused
    if is_busy:
        return BUSY, "already in a call"
    if is_held:
        return BUSY, "the last appointment is not wiped yet"
    return None


class Kiosk:
    """Answers what it may, one call at a time and an interpreter's beside it; refuses all else."""

    def __init__(
        self,
        phone: Phone,
        account: str,
        keeper: CallKeeper,
        camera: CameraKeeper,
        interpreter: Interpreter,
        devices: DeviceLink | None = None,
        captions: CaptionsLink | None = None,
        media_test: MediaTest | None = None,
    ) -> None:
        self._phone = phone
        self._account = account
        self._keeper = keeper
        self._camera = camera
        self._interpreter = interpreter
        self._devices = devices
        self._captions = captions
        self._media_test = media_test or MediaTest(phone)
        self._answered = 0
        self._refused = 0

    def handle(self, event: PhoneEvent) -> None:
        """Act on what the telephone tells."""
        match event:
            case CallReceived():
                self._receive(event)
            case CallConfirmed(call) if self._keeper.holds(call):
                self._confirm()
            case CallConfirmed(call) if self._media_test.holds(call):
                self._media_test.confirm()
            case CallEnded() if self._keeper.holds(event.call):
                appointment = self._appointment()
                self._keeper.end(event)
                self._end_call()
                log.info("call ended", appointment=appointment, code=event.code)
            case CallEnded() if self._media_test.holds(event.call):
                self._media_test.end(event)
            case CallEnded():
                self._interpreter.end(event)
            case DigitReceived(call, digit) if self._keeper.holds(call):
                self._take_digit(digit)
            case MessageReceived(call, _, text) if self._keeper.holds(call):
                # Nothing else that is written to a kiosk is shown anywhere.
                self._keeper.take_text(text)
            case MessageReceived(call, _, text) if self._interpreter.holds(call):
                self._interpreter.take_text(text)
            case TextReceived(remote_address, text):
                self._take_text(remote_address, text)
            case MediaAgreed(call) if self._media_test.holds(call):
                self._media_test.agree_media()
            case MediaAgreed(call):
                self._camera.agree_media(call)
                if self._captions is not None:
                    self._captions.agree_media(call)
            case RegistrationChanged(registration):
                log.info("registration changed", state=registration.state.value)

    def tick(self) -> None:
        """Look after the calls; called about twice a second."""
        self._caption()
        gone = self._keeper.tick()
        self._interpreter.tick()
        self._media_test.tick()
        quality = self._keeper.line_quality
        if quality is not None and self._devices is not None:
            self._devices.tell_line(*quality)
        if gone is not None:
            self._end_call()
            log.warning("peer gone, call ended", appointment=gone.appointment_id)

    def obey(self, order: str, argument: str) -> Outcome:
        """Look whether media passes; a kiosk takes no other order of its own."""
        if order != MEDIA_TEST:
            return Outcome(error=f"unknown order {order!r}")
        if self._keeper.current is not None:
            return Outcome(error=CALL_UP)
        if self._devices is not None and self._devices.is_held_against(None):
            return Outcome(error=HELD)
        return self._media_test.begin()

    def status(self) -> dict[str, Any]:
        """Return what `status` shows beyond the registration."""
        current, last = self._keeper.current, self._keeper.last
        return {
            "call": current.to_json() if current else None,
            "last_call": last.to_json() if last else None,
            "line": self._keeper.line_json(),
            "camera": self._camera.status(),
            "interpreter": self._interpreter.status(),
            "calls_answered": self._answered,
            "calls_refused": self._refused,
            "bridge": self._devices.status() if self._devices else None,
            "captions": self._captions.status() if self._captions else None,
        }

    def _receive(self, call: CallReceived) -> None:
        began_at, first = datetime.now(UTC), self._keeper.current
        registrar = self._phone.registration.server_address
        if call.role:
            refused = stranger_refusal(
                call, self._account, registrar
            ) or self._interpreter.refusal(call, first)
        else:
            is_held = self._devices is not None and self._devices.is_held_against(
                call.appointment_id
            )
            is_busy = first is not None
            refused = refusal(call, self._account, registrar, is_busy, is_held)
        try:
            if refused is not None:
                self._phone.hang_up(call.call, refused[0])
            else:
                # First: nothing of the test is to be in the way of who comes to talk.
                self._media_test.break_off()
                self._phone.answer(call.call, is_apart=bool(call.role))
        except CallGoneError:
            log.info("the caller left at once", appointment=call.appointment_id)
            return
        if refused is None:
            self._take(_record(call, began_at), call.role)
            return
        self._refused += 1
        log.warning(
            "call refused",
            code=refused[0],
            reason=refused[1],
            peer=call.remote_address,
            appointment=call.appointment_id,
        )

    def _take(self, record: CallRecord, role: str) -> None:
        self._answered += 1
        first = self._keeper.current
        if first is not None:
            self._interpreter.begin(record, first)
        else:
            self._keeper.begin(record)
            self._camera.begin(record)
        log.info("call answered", appointment=record.appointment_id, role=role)

    def _confirm(self) -> None:
        record = self._keeper.confirm()
        if record is None:
            return
        log.info("call confirmed", appointment=record.appointment_id)
        if self._devices is not None:
            self._devices.confirm(record)

    def _take_digit(self, digit: str) -> None:
        record = self._keeper.current
        if record is None:
            return
        record.digits_received = (record.digits_received + digit)[-DIGITS_KEPT:]
        if self._devices is not None:
            self._devices.send_digit(digit)

    def _take_text(self, remote_address: str, text: str) -> None:
        """Take what our own Asterisk tells of who is there; nobody else is believed."""
        if remote_address != self._phone.registration.server_address:
            return
        if told := read_counsellor_near(text):
            self._camera.take(told)
        elif appointment := read_interpreter_answered(text):
            self._interpreter.take_answered(appointment)
        else:
            self._media_test.take_text(text)

    def _caption(self) -> None:
        """Have written what the counsellor says, once one is there: not the queue's music."""
        record = self._keeper.current
        if self._captions and record is not None and self._camera.is_counsellor_there:
            self._captions.begin(record, is_interpreted=self._interpreter.is_here)

    def _end_call(self) -> None:
        self._interpreter.end_with_first()
        self._camera.end()
        if self._captions is not None:
            self._captions.end()
        last = self._keeper.last
        if last is not None:
            last.forget()
        if self._devices is not None:
            self._devices.end(self._kept())

    def _kept(self) -> int:
        """Count what is still remembered of calls that are over."""
        current, last = self._keeper.current, self._keeper.last
        kept = (current is not None) + (last.personal if last else 0)
        return kept + self._interpreter.kept

    def _appointment(self) -> str | None:
        return self._keeper.current.appointment_id if self._keeper.current else None


def _record(call: CallReceived, began_at: datetime) -> CallRecord:
    return CallRecord(
        call=call.call,
        remote_user=call.remote_user,
        remote_name=call.remote_name,
        appointment_id=call.appointment_id,
        sip_call_id=call.sip_call_id,
        language=call.language,
        stage=CallStage.RINGING,
        began_at=began_at,
    )
