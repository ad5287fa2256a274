# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys sent one at a time: the next INFO leaves only after the last one's 2xx.

Two INFO outstanding may overtake each other, and the one with the lower CSeq is then
answered 500 and lost (RFC 3261, section 12.2.2).
"""

from collections import deque

from sip_endpoints.call.phone import CallGoneError, OrderRefusedError, Phone
from sip_endpoints.control import Outcome


class DigitQueue:
    """The keys of one call that wait for their turn."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._call: int | None = None
        self._waiting: deque[str] = deque()
        self._outcome = Outcome()

    def send(self, call: int, code: str) -> Outcome:
        """Send a code; refused while another one is under way."""
        if self._call is not None:
            return Outcome(error="Le code précédent n'est pas encore parti.")
        self._call, self._outcome = call, Outcome()
        self._waiting = deque(code)
        self._send_next()
        return self._outcome

    def take_answer(self, call: int, code: int) -> bool:
        """Take the peer's answer to the last key; return True after the last one."""
        if call != self._call:
            return False
        if not 200 <= code < 300:
            self._stop(f"Le code n'est pas passé ({code}).")
            return False
        if self._waiting:
            self._send_next()
            return False
        self._outcome.succeed()
        self._call = None
        return True

    def drop(self, call: int) -> None:
        """Forget what waits: the call is over."""
        if call == self._call:
            self._stop("La communication s'est terminée avant la fin du code.")

    def _send_next(self) -> None:
        try:
            if self._call is not None:
                self._phone.send_digit(self._call, self._waiting.popleft())
        except CallGoneError:
            self._stop("La communication s'est terminée avant la fin du code.")
        except OrderRefusedError:
            self._stop("Trop de demandes à la fois : tapez le code à nouveau.")

    def _stop(self, error: str) -> None:
        self._outcome.fail(error)
        self._waiting.clear()
        self._call = None
