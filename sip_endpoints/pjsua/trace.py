# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: what went over SIP, told to the log without anybody's data.

Of each exchange: the method, who asked, and the code of the answer. Never a header, a body, an
address or a word that the other side chose: whoever looks for a fault from afar reads it.
"""

from sip_endpoints.log import Log

log = Log(__name__)

# The message by which a diagnosis finds these lines.
EXCHANGE, CONNECTION = "sip exchange", "sip connection"
# RFC 3261 and its extensions that may come here; a peer can send any other word.
_METHODS = frozenset(
    {"REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "INFO", "MESSAGE", "OPTIONS"}
    | {"UPDATE", "PRACK", "REFER", "NOTIFY", "SUBSCRIBE", "PUBLISH"}
)


def tell_exchange(method: str, code: int, *, is_ours: bool) -> None:
    """Tell how a request was answered; `is_ours`: we asked."""
    log.info(
        EXCHANGE,
        method=method if method in _METHODS else "another",
        asked_by="us" if is_ours else "them",
        code=code,
    )


def tell_connection(is_up: bool, error: int) -> None:
    """Tell that a connection was made or lost, and the stack's number for why."""
    log.info(CONNECTION, is_up=is_up, error=error)
