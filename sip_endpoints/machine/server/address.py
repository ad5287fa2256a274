# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the site is. Pure."""

import re
from urllib.parse import urlsplit

from sip_endpoints.machine.system.errors import MachineError

# A name, an IPv4 address, or an IPv6 address in brackets; then perhaps a port.
_HOST = re.compile(r"(\w([\w.-]{0,251}\w)?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


def site_of(page: str) -> str:
    """Give the address of the site that a page is of."""
    parts = urlsplit(page)
    return f"{parts.scheme}://{parts.netloc}"


def host_of(typed: str) -> str:
    """Give the server that somebody means, who may have copied the address of a page of its.

    It is asked by HTTPS alone, whatever was typed before its name. Raises MachineError.
    """
    _, _, after_scheme = typed.strip().rpartition("://")
    host = after_scheme.partition("/")[0].rstrip(".").lower()
    if not _HOST.fullmatch(host):
        raise MachineError(
            f"« {typed} » n'est pas le nom d'un serveur : donnez-le comme"
            " guichet.example.fr."
        )
    return host
