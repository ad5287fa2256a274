# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether calls can be had at all: said at once, before a telephone tries for a minute."""

import socket
from contextlib import closing

from sip_endpoints.machine.enrolment.grant import Grant
from sip_endpoints.machine.server.faults import explain

_USUAL_PORT = 5061
WAIT_SECONDS = 6.0


def hindrance_of_calls(grant: Grant, wait_seconds: float = WAIT_SECONDS) -> str:
    """Give why Asterisk is not reached, in a sentence; empty where it answers.

    One connection is made and closed (TCP, RFC 3261, 18); each address of the name is waited
    for. That sound and picture pass is found by the self-test's call.
    """
    sip = grant.bundle["sip"]
    host, port = str(sip["server"]), int(sip.get("port", _USUAL_PORT))
    try:
        with closing(socket.create_connection((host, port), timeout=wait_seconds)):
            return ""
    except TimeoutError:
        return (
            f"{host} ne répond pas sur le port {port}, par lequel la borne téléphone :"
            " le pare-feu du relais doit le laisser sortir, ou celui du serveur entrer."
        )
    except OSError as error:
        return str(explain(error, host, port))
