# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why the server cannot be reached: a short code, and a sentence that says what to do."""

import errno
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum

from device_bridge.server.clock import ClockState, ask_date, is_about_time, read_date
from sip_endpoints.machine.system.errors import MachineError

_NO_NETWORK = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})
# OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED.
_EXPIRED = 10


class Cause(StrEnum):
    """What keeps a machine from its server, in the words of the self-test."""

    NO_NETWORK = "no_network"
    NAME_UNKNOWN = "name_unknown"
    NO_ANSWER = "no_answer"
    CLOCK_OFF = "clock_off"
    CERTIFICATE_ENDED = "ended"
    CERTIFICATE_UNKNOWN = "certificate_unknown"
    REFUSED = "refused"


class SiteUnreachable(MachineError):
    """No exchange with the server took place; the text says why and what to do."""

    def __init__(self, cause: Cause, sentence: str) -> None:
        super().__init__(sentence)
        self.cause = cause


class ProblemAnswered(MachineError):
    """The server answered, and said no (RFC 9457)."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def explain(error: BaseException, host: str, port: int) -> SiteUnreachable:
    """Give the cause of a failed exchange; a doubtful clock is compared with the server's."""
    chain = list(_chain(error))
    if is_about_time(error):
        return _explain_time(chain, host, port)
    refused = [each for each in chain if isinstance(each, ssl.SSLError)]
    if refused:
        why = getattr(refused[-1], "verify_message", "") or refused[-1].reason
        return SiteUnreachable(
            Cause.CERTIFICATE_UNKNOWN,
            f"Le certificat de {host} n'est pas celui qui est attendu : ce n'est pas le bon"
            f" serveur, ou son certificat a été refait par une autre autorité ({why}).",
        )
    lookup = next((each for each in chain if isinstance(each, socket.gaierror)), None)
    if lookup is not None or any(
        "NameResolution" in type(each).__name__ for each in chain
    ):
        return _explain_name(lookup, host)
    numbers = {each.errno for each in chain if isinstance(each, OSError)}
    if numbers & _NO_NETWORK:
        return _no_network()
    if errno.ECONNREFUSED in numbers:
        return SiteUnreachable(
            Cause.NO_ANSWER,
            f"{host} refuse la connexion sur le port {port}. Le serveur est-il démarré ?",
        )
    return SiteUnreachable(
        Cause.NO_ANSWER,
        f"{host} ne répond pas. Vérifiez le câble réseau, le pare-feu et le serveur.",
    )


def _explain_name(lookup: socket.gaierror | None, host: str) -> SiteUnreachable:
    if lookup is not None and lookup.errno == socket.EAI_AGAIN:
        return SiteUnreachable(
            Cause.NO_NETWORK,
            "Pas de réseau : aucun serveur de noms (DNS) ne répond. Vérifiez le câble réseau.",
        )
    return SiteUnreachable(
        Cause.NAME_UNKNOWN,
        f"Le nom {host} est inconnu. Vérifiez comment il s'écrit, et le réseau.",
    )


def _no_network() -> SiteUnreachable:
    return SiteUnreachable(
        Cause.NO_NETWORK, "Pas de réseau. Vérifiez le câble, puis recommencez."
    )


def _explain_time(chain: list[BaseException], host: str, port: int) -> SiteUnreachable:
    try:
        told = read_date(ask_date(host, port))
    except OSError:
        told = None
    if told is not None:
        ahead = round((datetime.now(UTC) - told).total_seconds())
        clock = ClockState(ahead)
        if clock.is_wrong:
            return SiteUnreachable(
                Cause.CLOCK_OFF,
                f"{clock.sentence} (timedatectl set-time ou un serveur NTP)",
            )
    codes = {
        each.verify_code
        for each in chain
        if isinstance(each, ssl.SSLCertVerificationError)
    }
    if _EXPIRED in codes:
        return SiteUnreachable(
            Cause.CERTIFICATE_ENDED,
            f"Le certificat de {host} est périmé. Renouvelez-le sur le serveur.",
        )
    return SiteUnreachable(
        Cause.CLOCK_OFF,
        f"Le certificat de {host} n'est pas encore valable : l'horloge de ce PC est-elle à"
        " l'heure ?",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error and all that it wraps, as urllib3 and requests do it."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        wrapped = [getattr(found, "reason", None), found.__cause__, found.__context__]
        wrapped += list(found.args[:1])
        waiting += [each for each in wrapped if isinstance(each, BaseException)]
