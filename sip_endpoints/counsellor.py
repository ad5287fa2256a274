# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's telephone: ring, answer, call a kiosk, key codes, take a pause.

What the counsellor reads is French and goes to a ``Screen``. Each order returns an
``Outcome``, so that the prompt and the control socket tell the same.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sip_endpoints.call.digit_queue import DigitQueue
from sip_endpoints.call.keeper import CallKeeper
from sip_endpoints.call.line_words import LineTeller
from sip_endpoints.call.phone import (
    CallConfirmed,
    CallEnded,
    CallGoneError,
    CallReceived,
    DigitAnswered,
    MessageReceived,
    Phone,
    PhoneEvent,
    Registration,
    RegistrationChanged,
    RegistrationState,
)
from sip_endpoints.call.record import CallRecord, CallStage
from sip_endpoints.call.sip_text import printable
from sip_endpoints.control import Outcome
from sip_endpoints.log import Log

log = Log(__name__)

FORBIDDEN, BUSY, DECLINED = 403, 486, 603
AVAILABLE_NUMBER, PAUSE_NUMBER = "*56", "*55"
RING_EVERY_SECONDS = 3.0
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CODE = re.compile(r"[0-9*#]{1,16}")
MESSAGES_KEPT = 20


class Screen(Protocol):
    """Where the counsellor reads and hears what happens."""

    def say(self, text: str) -> None:
        """Show one line."""

    def ring(self) -> None:
        """Make the terminal's sound once."""


@dataclass(slots=True)
class _ServiceCall:
    """A call to *55 or *56 under way, and what it is to bring about."""

    call: int
    available: bool
    outcome: Outcome
    is_confirmed: bool = False


class Counsellor:
    """One counsellor's telephone: one conversation at a time."""

    def __init__(
        self,
        phone: Phone,
        keeper: CallKeeper,
        screen: Screen,
        *,
        auto_answer: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._phone = phone
        self._keeper = keeper
        self._line = LineTeller()
        self._screen = screen
        self._auto_answer = auto_answer
        self._clock = clock
        self._digits = DigitQueue(phone)
        self._service_call: _ServiceCall | None = None
        self._dialling: Outcome | None = None
        self._available: bool | None = None
        self._ring_at = 0.0
        self._messages: list[str] = []
        self._message_count = 0

    # What the telephone tells.

    def handle(self, event: PhoneEvent) -> None:
        """Act on what the telephone tells."""
        match event:
            case CallReceived():
                self._receive(event)
            case CallConfirmed(call):
                self._confirm(call)
            case CallEnded():
                self._end(event)
            case DigitAnswered(call, code) if self._keeper.holds(call):
                if self._digits.take_answer(call, code):
                    self._screen.say("Code envoyé.")
            case MessageReceived(call, content_type, text) if self._keeper.holds(call):
                if not self._keeper.take_text(text):
                    self._show_message(content_type, text)
            case RegistrationChanged(registration):
                self._show_registration(registration)

    def tick(self) -> None:
        """Ring while a call waits; look after the media; called twice a second."""
        gone = self._keeper.tick()
        if gone is not None:
            log.warning("peer gone, call ended", appointment=gone.appointment_id)
            self._finish(gone, "La communication est perdue.")
        for sentence in self._line.news(self._keeper.line_quality):
            self._screen.say(sentence)
        current = self._keeper.current
        if current is None or current.stage is not CallStage.RINGING:
            return
        if self._clock() >= self._ring_at:
            self._ring_at = self._clock() + RING_EVERY_SECONDS
            self._screen.ring()

    def _receive(self, call: CallReceived) -> None:
        server = self._phone.registration.server_address
        refused = 0
        if server is None or call.remote_address != server:
            refused = FORBIDDEN
        elif self._keeper.current is not None:
            refused = BUSY
        try:
            if refused:
                log.warning("call refused", code=refused, peer=call.remote_address)
                self._phone.hang_up(call.call, refused)
            elif self._auto_answer:
                self._phone.answer(call.call)
            else:
                self._phone.ring(call.call)
        except CallGoneError:
            log.info("the caller left at once", appointment=call.appointment_id)
            return
        if not refused:
            self._present(call)

    def _present(self, call: CallReceived) -> None:
        record = CallRecord(
            call=call.call,
            remote_user=call.remote_user,
            remote_name=printable(call.remote_name),
            appointment_id=call.appointment_id,
            sip_call_id=call.sip_call_id,
            began_at=datetime.now(UTC),
        )
        self._keeper.begin(record)
        self._ring_at = 0.0
        log.info("call received", appointment=call.appointment_id)
        if self._auto_answer:
            self._screen.say(f"Appel de {_name(record)}, pris automatiquement.")
        else:
            self._screen.say(
                f"Appel de {_name(record)}. Tapez « répondre » (r)"
                " ou « raccrocher » (x)."
            )

    def _confirm(self, call: int) -> None:
        service_call = self._service_call
        if service_call is not None and service_call.call == call:
            service_call.is_confirmed = True
            return
        record = self._keeper.confirm() if self._keeper.holds(call) else None
        if record is None:
            return
        log.info("call confirmed", appointment=record.appointment_id)
        self._screen.say(f"En communication avec {_name(record)}.")
        if self._dialling is not None:
            self._dialling.succeed(call=record.to_json())
            self._dialling = None

    def _end(self, event: CallEnded) -> None:
        service_call = self._service_call
        if service_call is not None and service_call.call == event.call:
            self._end_service_call(service_call, event)
            return
        record = self._keeper.end(event)
        if record is None:
            return
        log.info("call ended", appointment=record.appointment_id, code=event.code)
        if record.confirmed_at is not None:
            text = f"Appel terminé ({_length(record)})."
        elif self._dialling is not None:
            text = f"L'appel n'a pas abouti ({event.code} {printable(event.reason)})."
        else:
            text = "L'appel n'a pas été pris."
        self._finish(record, text)

    def _finish(self, record: CallRecord, text: str) -> None:
        self._digits.drop(record.call)
        if self._dialling is not None:
            self._dialling.fail(text)
            self._dialling = None
        self._screen.say(text)

    def _end_service_call(self, service_call: _ServiceCall, event: CallEnded) -> None:
        self._service_call = None
        if not service_call.is_confirmed:
            text = f"Le standard a refusé ({event.code} {printable(event.reason)})."
            service_call.outcome.fail(text)
            self._screen.say(text)
            return
        self._available = service_call.available
        service_call.outcome.succeed(available=service_call.available)
        self._screen.say(
            "Vous êtes disponible." if service_call.available else "Vous êtes en pause."
        )

    def _show_message(self, content_type: str, text: str) -> None:
        if not content_type.lower().startswith("text/"):
            return
        line = printable(text, 500)
        self._messages = [*self._messages, line][-MESSAGES_KEPT:]
        self._message_count += 1
        self._screen.say(f"Message de la borne : {line}")

    def _show_registration(self, registration: Registration) -> None:
        log.info("registration changed", state=registration.state.value)
        if registration.state is RegistrationState.REGISTERED:
            self._screen.say("Relié au standard.")
        else:
            self._screen.say("Le standard ne répond plus ; nouvel essai en cours.")

    # What the counsellor orders.

    def answer(self) -> Outcome:
        """Take the call that rings."""
        record = self._keeper.current
        if record is None or record.stage is not CallStage.RINGING:
            return self._refuse("Aucun appel à prendre.")
        try:
            self._phone.answer(record.call)
        except CallGoneError:
            return self._refuse("L'appel vient de se terminer.")
        return Outcome(result={})

    def hang_up(self) -> Outcome:
        """End the conversation, or refuse the call that rings."""
        record = self._keeper.current
        if record is None:
            return self._refuse("Aucun appel en cours.")
        code = DECLINED if record.stage is CallStage.RINGING else 0
        try:
            self._phone.hang_up(record.call, code)
        except CallGoneError:
            return self._refuse("L'appel vient de se terminer.")
        return Outcome(result={})

    def call(self, kiosk: str) -> Outcome:
        """Call a kiosk by its slug; known when it answered or did not."""
        if not _SLUG.fullmatch(kiosk):
            return self._refuse("Tapez « appeler » et le nom de la borne.")
        if self._keeper.current is not None:
            return self._refuse("Un appel est déjà en cours.")
        try:
            number = self._phone.dial(kiosk)
        except CallGoneError as error:
            return self._refuse(f"L'appel n'a pas pu partir ({error}).")
        record = CallRecord(
            call=number,
            remote_user=kiosk,
            stage=CallStage.DIALLING,
            began_at=datetime.now(UTC),
        )
        self._keeper.begin(record)
        self._dialling = Outcome()
        self._screen.say(f"Appel de {kiosk}…")
        return self._dialling

    def send_code(self, code: str) -> Outcome:
        """Key a code such as ``*12#``; known when its last key was taken."""
        record = self._keeper.current
        if record is None or record.stage is not CallStage.CONFIRMED:
            return self._refuse("Aucune communication en cours.")
        if not _CODE.fullmatch(code):
            return self._refuse("Un code n'a que des chiffres, * et #, par ex. *12#.")
        return self._digits.send(record.call, code)

    def set_available(self, available: bool) -> Outcome:
        """Tell the switchboard to send calls, or none; known when it has hung up."""
        if self._service_call is not None:
            return self._refuse("Le standard traite déjà votre demande.")
        number = AVAILABLE_NUMBER if available else PAUSE_NUMBER
        try:
            call = self._phone.dial(number, with_picture=False)
        except CallGoneError as error:
            return self._refuse(f"Le standard n'est pas joignable ({error}).")
        self._service_call = _ServiceCall(call, available, Outcome())
        return self._service_call.outcome

    def obey(self, order: str, argument: str) -> Outcome:
        """Carry out an order from the control socket."""
        match order:
            case "answer":
                return self.answer()
            case "hangup":
                return self.hang_up()
            case "call":
                return self.call(argument)
            case "digits":
                return self.send_code(argument)
            case "available" | "pause":
                return self.set_available(order == "available")
        return Outcome(error=f"unknown order {order!r}")

    def status(self) -> dict[str, Any]:
        """Return what `status` shows beyond the registration."""
        current, last = self._keeper.current, self._keeper.last
        return {
            "available": self._available,
            "call": current.to_json() if current else None,
            "last_call": last.to_json() if last else None,
            "line": self._keeper.line_json(),
            "messages": list(self._messages),
            # Since the start; `messages` holds the latest.
            "message_count": self._message_count,
        }

    def _refuse(self, text: str) -> Outcome:
        self._screen.say(text)
        return Outcome(error=text)


def _name(record: CallRecord) -> str:
    return record.remote_name or record.remote_user or "inconnu"


def _length(record: CallRecord) -> str:
    if record.confirmed_at is None or record.ended_at is None:
        return "0 s"
    seconds = round((record.ended_at - record.confirmed_at).total_seconds())
    return (
        f"{seconds // 60} min {seconds % 60:02} s" if seconds >= 60 else f"{seconds} s"
    )
