# SPDX-License-Identifier: AGPL-3.0-or-later
"""The interpreter's call at a kiosk: a second one, beside the counsellor's and never without it.

It is answered as it comes, for our Asterisk's queue of interpreters stands behind it: until an
interpreter answered nothing of it is heard or seen, and nobody there hears or sees the room. Then
resident, counsellor and interpreter hear each other, and each of the two sees the resident.
"""

import re
from typing import Any

from sip_endpoints.call.camera_keeper import CameraKeeper
from sip_endpoints.call.keeper import CallKeeper
from sip_endpoints.call.phone import (
    CallEnded,
    CallGoneError,
    CallReceived,
    OrderRefusedError,
    Phone,
)
from sip_endpoints.call.record import CallRecord, CallStage
from sip_endpoints.log import Log

log = Log(__name__)

# Of the header X-Guichet-Role.
INTERPRETER = "interpreter"
FORBIDDEN, BUSY = 403, 486
_ANSWERED = re.compile(r"guichet-interpreter/1 answered appointment=([0-9]{1,18})")


def read_interpreter_answered(text: str) -> str | None:
    """Read for which appointment an interpreter answered; None when it says something else."""
    found = _ANSWERED.fullmatch(text.strip())
    return found[1] if found else None


def interpreter_refusal(
    call: CallReceived, first: CallRecord | None, *, is_busy: bool
) -> tuple[int, str] | None:
    """Return SIP status and reason why an interpreter may not join; None to let them.

    Only the call that they interpret for lets anybody in, and only one; `is_busy`: there is one.
    """
    if call.role != INTERPRETER:
        return FORBIDDEN, "nobody known joins a call"
    if first is None or first.stage is not CallStage.CONFIRMED:
        return FORBIDDEN, "no call to interpret for"
    if not call.appointment_id or call.appointment_id != first.appointment_id:
        return FORBIDDEN, "not for the appointment of the call"
    if is_busy:
        return BUSY, "an interpreter is called already"
    return None


class Interpreter:
    """The second call of a kiosk, from its INVITE to its end; it touches the first one never."""

    def __init__(self, phone: Phone, keeper: CallKeeper, camera: CameraKeeper) -> None:
        self._phone = phone
        self._keeper = keeper
        self._camera = camera
        self._joins: CallRecord | None = None

    def refusal(
        self, call: CallReceived, first: CallRecord | None
    ) -> tuple[int, str] | None:
        """Return SIP status and reason why the call is refused; None to answer."""
        return interpreter_refusal(
            call, first, is_busy=self._keeper.current is not None
        )

    def holds(self, call: int) -> bool:
        """Say whether this is the interpreter's call."""
        return self._keeper.holds(call)

    def begin(self, record: CallRecord, first: CallRecord) -> None:
        """Take over a second call that was answered apart from the first."""
        self._joins = first
        self._keeper.begin(record)
        self._camera.begin_second(record)

    def take_answered(self, appointment: str) -> None:
        """Let who answered join: heard by all, seen, and shown the resident."""
        record, first = self._keeper.current, self._joins
        if record is None or first is None or record.appointment_id != appointment:
            return
        if self._keeper.confirm() is None:
            return
        log.info("interpreter joins", appointment=appointment)
        try:
            self._phone.join(record.call, first.call)
        except (CallGoneError, OrderRefusedError) as error:
            log.warning("interpreter not heard", reason=str(error))
        self._camera.answer_second()

    @property
    def is_here(self) -> bool:
        """Tell whether an interpreter has joined."""
        current = self._keeper.current
        return current is not None and current.stage is CallStage.CONFIRMED

    def take_text(self, text: str) -> None:
        """Take a MESSAGE of the interpreter's telephone; only what tells of the line is for us."""
        self._keeper.take_text(text)

    def end(self, event: CallEnded) -> None:
        """Note the end of the second call; the first one goes on."""
        if self._keeper.end(event) is not None:
            self._forget(event.code)

    def end_with_first(self) -> None:
        """End the second call, for the first one is over."""
        record = self._keeper.current
        if record is None:
            return
        try:
            self._phone.hang_up(record.call)
        except (CallGoneError, OrderRefusedError) as error:
            log.info("interpreter gone", reason=str(error))
        # Not waiting for the BYE's answer: the next call must not meet this one.
        self._keeper.end(CallEnded(record.call, 0, "with the first call"))
        self._forget(0)

    def tick(self) -> None:
        """Look after the call; called about twice a second."""
        gone = self._keeper.tick()
        if gone is not None:
            self._forget(gone.end_code)

    def status(self) -> dict[str, Any] | None:
        """Return what `status` shows of the second call; None where there is none."""
        current = self._keeper.current
        return current.to_json() if current else None

    @property
    def kept(self) -> int:
        """Count what is still remembered of calls that are over."""
        current, last = self._keeper.current, self._keeper.last
        return (current is not None) + (last.personal if last else 0)

    def _forget(self, code: int) -> None:
        self._camera.end_second()
        self._joins = None
        last = self._keeper.last
        if last is not None:
            last.forget()
            log.info("interpreter left", appointment=last.appointment_id, code=code)
