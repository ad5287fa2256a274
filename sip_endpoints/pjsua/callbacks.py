# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: pjsua2's callbacks turned into events of the port.

Each callback only appends to a queue that the owner thread drains afterwards: nothing
is answered, deleted or raised from inside the stack.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import pjsua2 as pj

from sip_endpoints.call.phone import (
    CallConfirmed,
    CallEnded,
    CallReceived,
    DigitAnswered,
    DigitReceived,
    MediaAgreed,
    MessageAnswered,
    MessageReceived,
    TextReceived,
)
from sip_endpoints.call.sip_text import read_headers, read_name_and_user
from sip_endpoints.log import Log
from sip_endpoints.pjsua.clock import Validity
from sip_endpoints.pjsua.joined_sound import join_room
from sip_endpoints.pjsua.trace import tell_connection, tell_exchange

log = Log(__name__)

Sink = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class RegistrationAnswered:
    """Adapter's own event: the registrar said something, or nothing (408, 502, 503)."""

    code: int
    reason: str
    expires_seconds: int
    server_address: str


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """Adapter's own event: a TLS connection ended; ``remote_address`` may be empty."""

    remote_address: str


@dataclass(frozen=True, slots=True)
class CertificateOutOfTime:
    """Adapter's own event: the server's certificate is not valid now, by this clock."""

    validity: Validity


@dataclass(frozen=True, slots=True)
class CallbackFailed:
    """Adapter's own event: our code raised inside the stack; health is lost."""

    callback: str


def guarded(callback: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Log what a callback raises: SWIG would only print it and go on."""

    @wraps(callback)
    def call(self: Any, parameters: Any) -> None:
        try:
            callback(self, parameters)
        except Exception:
            log.exception("a callback failed", callback=callback.__name__)
            self.sink(CallbackFailed(callback.__name__))

    return call


class PjsuaEndpoint(pj.Endpoint):
    """The stack; tells of connections only."""

    def __init__(self, sink: Sink) -> None:
        super().__init__()
        self.sink = sink

    @guarded
    def onTransportState(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Tell of an ended TLS connection."""
        if prm.state == pj.PJSIP_TP_STATE_CONNECTED:
            tell_connection(True, 0)
        if prm.state != pj.PJSIP_TP_STATE_DISCONNECTED:
            return
        tell_connection(False, int(prm.lastError))
        info = prm.tlsInfo
        if info.verifyStatus & pj.PJ_SSL_CERT_EVALIDITY_PERIOD:
            found = info.remoteCertInfo
            validity = Validity.of_seconds(
                found.validityStart.sec, found.validityEnd.sec
            )
            self.sink(CertificateOutOfTime(validity))
        self.sink(ConnectionLost(str(info.remoteAddr)))


class PjsuaCall(pj.Call):
    """One call; keeps no reference to the telephone, only to its queue's append."""

    def __init__(self, account: pj.Account, sink: Sink, call_id: int = -1) -> None:
        super().__init__(account, call_id)
        self.sink = sink
        # Its sound is joined to nothing.
        self.is_apart = False
        # It sends silence, so that packets of sound leave all the same.
        self.is_silent = False
        # The number of the call that it hears beside the room.
        self.joined_to: int | None = None

    @guarded
    def onCallState(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Tell of the confirmation and of the end."""
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self.sink(CallConfirmed(info.id))
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.sink(CallEnded(info.id, int(info.lastStatusCode), info.lastReason))

    @guarded
    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Join microphone and loudspeaker to each sound stream that came up."""
        if not self.is_apart:
            join_room(self)
        self.sink(MediaAgreed(self.getId()))

    @guarded
    def onDtmfEvent(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Tell of a key that came by SIP INFO; keys inside RTP are not for us."""
        if prm.method == pj.PJSUA_DTMF_METHOD_SIP_INFO:
            self.sink(DigitReceived(self.getId(), prm.digit))

    @guarded
    def onCallTsxState(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Tell of the final answer to an INFO of ours."""
        transaction = prm.e.body.tsxState.tsx
        if not _is_answered(prm.e):
            return
        is_ours = transaction.role == pj.PJSIP_ROLE_UAC
        code = int(transaction.statusCode)
        tell_exchange(transaction.method, code, is_ours=is_ours)
        if transaction.method == "INFO" and is_ours:
            self.sink(DigitAnswered(self.getId(), code))

    @guarded
    def onInstantMessage(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Tell of a MESSAGE inside the dialog."""
        self.sink(MessageReceived(self.getId(), prm.contentType, prm.msgBody))

    @guarded
    def onInstantMessageStatus(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Tell how the peer answered our MESSAGE."""
        self.sink(MessageAnswered(self.getId(), int(prm.code)))


class PjsuaAccount(pj.Account):
    """Our account; puts each incoming call into the telephone's table at once."""

    def __init__(self, sink: Sink, calls: dict[int, PjsuaCall]) -> None:
        super().__init__()
        self.sink = sink
        self.calls = calls
        self._last_code = 0

    @guarded
    def onRegState(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Tell of the registrar's answer."""
        if prm.code != self._last_code:
            # It is asked every minute or two: only what is new is told.
            self._last_code = int(prm.code)
            tell_exchange("REGISTER", self._last_code, is_ours=True)
        self.sink(
            RegistrationAnswered(
                int(prm.code),
                prm.reason,
                int(prm.expiration),
                str(prm.rdata.srcAddress),
            )
        )

    @guarded
    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Keep the call before returning (else it is lost), tell of it."""
        self.calls[prm.callId] = PjsuaCall(self, self.sink, prm.callId)
        message = prm.rdata.wholeMsg
        headers = read_headers(message)
        remote_name, remote_user = read_name_and_user(headers.get("from", [""])[0])
        target = message.partition("\n")[0].split(" ")
        account = read_name_and_user(target[1])[1] if len(target) > 1 else ""
        self.sink(
            CallReceived(
                call=prm.callId,
                account=account,
                remote_address=str(prm.rdata.srcAddress),
                remote_user=remote_user,
                remote_name=remote_name,
                call_info=tuple(headers.get("call-info", ())),
                appointment_id=headers.get("x-guichet-appointment", [None])[0],
                sip_call_id=headers.get("call-id", [""])[0],
                language=headers.get("x-guichet-language", [""])[0],
                role=headers.get("x-guichet-role", [""])[0],
            )
        )

    @guarded
    def onInstantMessage(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Tell of a MESSAGE outside any call."""
        self.sink(TextReceived(str(prm.rdata.srcAddress), prm.msgBody))


def _is_answered(event: Any) -> bool:
    """Tell whether a transaction has just got its final answer, or will get none."""
    told = event.body.tsxState
    state = told.tsx.state
    # A time-out, a dead connection or a 2xx to INVITE never passes "completed".
    has_ended = (
        state == pj.PJSIP_TSX_STATE_TERMINATED
        and told.prevState < pj.PJSIP_TSX_STATE_COMPLETED
    )
    return bool(state == pj.PJSIP_TSX_STATE_COMPLETED or has_ended)
