# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asks the server for what a code stands for; nothing is trusted before the code proves it."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from sip_endpoints.machine.enrolment.code import EnrolmentCode
from sip_endpoints.machine.enrolment.grant import Grant, read_grant
from sip_endpoints.machine.server.faults import ProblemAnswered
from sip_endpoints.machine.server.site import Answer, Site
from sip_endpoints.machine.system.errors import MachineError

PATH = "/api/kiosk/v1/enrolment"
# Somebody stands there: with the time to connect, what is not reached is said within 20 s.
ANSWER_SECONDS = 12.0
_REFUSALS = {
    404: "Ce code est inconnu sur {host}. Vérifiez-le, ou demandez-en un autre.",
    410: "Ce code a déjà servi, ou il est trop vieux. Demandez-en un autre.",
    429: "Ce code a été essayé trop souvent. Attendez un peu, ou demandez-en un autre.",
}


class EnrolmentRefused(MachineError):
    """The server does not take the code."""


class ServerUnproven(MachineError):
    """Whoever answers does not know the code: it is not our server."""


class Exchange(Protocol):
    """The part of a site that is needed here."""

    def send(
        self, method: str, path: str, content: dict[str, Any] | None = None
    ) -> Answer:
        """Send a request; raise SiteUnreachable or ProblemAnswered."""


# Opens a site by its authority's file; False as second value: without looking at it.
Open = Callable[[Path | None, bool], Exchange]


def open_site(host: str) -> Open:
    """Give what opens the site of a host."""
    return lambda authority, is_trusted: Site(
        f"https://{host}",
        authority,
        is_trusted=is_trusted,
        read_seconds=ANSWER_SECONDS,
    )


def ask_for_grant(
    host: str, code: EnrolmentCode, attempt: str, machine: dict[str, str], open_it: Open
) -> Grant:
    """Give what the code stands for; the same attempt asked again is answered again."""
    authority = _proven_authority(host, code, open_it(None, False))
    body = {"code": code.normalised, "attempt": attempt, "machine": machine}
    with tempfile.TemporaryDirectory() as folder:
        file = None
        if authority is not None:
            file = Path(folder) / "authority.pem"
            file.write_text(authority, encoding="ascii")
        answer = _ask(host, open_it(file, True), "POST", PATH, body)
    return read_grant(answer.content)


def _proven_authority(host: str, code: EnrolmentCode, site: Exchange) -> str | None:
    found = _ask(host, site, "GET", f"{PATH}/{code.public_id}", None).content
    authority, proof = found.get("authority"), found.get("proof")
    is_readable = authority is None or isinstance(authority, str)
    if (
        not is_readable
        or not isinstance(proof, str)
        or not code.proves(authority, proof)
    ):
        raise ServerUnproven(
            f"{host} ne connaît pas ce code : ce n'est pas le bon serveur, le code est mal"
            " recopié, ou un autre l'a remplacé depuis. Rien ne lui a été confié."
        )
    return authority


def _ask(
    host: str, site: Exchange, method: str, path: str, body: dict[str, Any] | None
) -> Answer:
    try:
        return site.send(method, path, body)
    except ProblemAnswered as problem:
        sentence = _REFUSALS.get(problem.status)
        if sentence is None:
            raise
        raise EnrolmentRefused(sentence.format(host=host)) from problem
