# SPDX-License-Identifier: AGPL-3.0-or-later
"""Checks of what others reach: names, ports, the pages over HTTPS, the mail server."""

import http.client
import ipaddress
import json
import socket
import ssl
from contextlib import closing
from datetime import UTC, datetime

from cryptography.hazmat.primitives.serialization import Encoding

from provisioning.server.answers import Answers
from provisioning.server.certificate import (
    authority_for_browsers,
    certificate_in_use,
)
from provisioning.server.checks.check import Checked, absent, failed, ok
from provisioning.server.errors import ServerError
from provisioning.server.machine import Machine
from provisioning.server.ports import HTTP, HTTPS, SIP, SIP_TLS

SECONDS = 5.0
MOST_BYTES = 10_000
PAGE = "/sante"
ANSWERS = "/etc/guichet/server.toml"
DAYS_LEAST = 14
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED.
EXPIRED = 10
# What to do about a certificate that ends, by who vouches for the server.
RENEWING = {
    "own": "guichet-server renew-certificate",
    "acme": "certbot renew tells why it was not renewed",
    "files": "have it renewed, then guichet-server renew-certificate",
}


def names(machine: Machine, answers: Answers) -> Checked:
    """Tell whether every name leads to this machine, or to the router that is told of."""
    own = _own_addresses(machine)
    router = answers.public_address
    routed, unseen = [], []
    for name in answers.names:
        try:
            found = _addresses(name)
        except OSError:
            return failed(
                "names",
                f"nobody knows {name}",
                f"enter {name} in the DNS, with an address of this machine",
            )
        if any(each.is_loopback for each in found):
            unseen.append(name)
        elif not found & own:
            if wrong := _of_elsewhere(machine, name, found, router):
                return wrong
            routed.append(name)
    if unseen:
        return absent(
            "names",
            f"{', '.join(unseen)} lead here by /etc/hosts: what the DNS tells others is not"
            " seen from here",
        )
    if routed:
        return ok("names", f"{', '.join(routed)} lead to the router, {router}")
    return ok("names", f"{', '.join(answers.names)} lead here")


def router_before(machine: Machine, name: str) -> str | None:
    """Give the address to which the name leads where none of this machine's is among them."""
    try:
        found = _addresses(name)
    except OSError:
        return None
    if found & _own_addresses(machine) or any(each.is_loopback for each in found):
        return None
    first = _first(found)
    return str(first) if first.version == 4 else None


def ports(_machine: Machine, answers: Answers) -> Checked:
    """Tell whether somebody listens at each TCP port that others come to."""
    wanted = [HTTP, HTTPS, SIP_TLS, *([SIP] if answers.softphones else [])]
    if silent := [port for port in wanted if not is_open("127.0.0.1", port)]:
        numbers = ", ".join(map(str, silent))
        return failed(
            "ports",
            f"nobody listens at {numbers}",
            "guichet-server logs shows why; ss -tlnp shows who else has taken a port",
        )
    return ok("ports", f"{', '.join(map(str, wanted))} listen")


def pages(machine: Machine, answers: Answers) -> Checked:
    """Tell whether pages come by HTTPS, believed, and what they say of database and Asterisk.

    A certificate that has ended is told as the certificate's: the pages answer.
    """
    try:
        status, told = _ask_pages(machine, answers)
    except ssl.SSLCertVerificationError as error:
        says = f"the certificate is not believed: {error.verify_message}"
        if error.verify_code == EXPIRED:
            return failed("certificate", says, RENEWING[answers.certificate.kind])
        return failed(
            "pages",
            says,
            "correct [certificate] in /etc/guichet/server.toml, then guichet-server install",
        )
    except (OSError, http.client.HTTPException) as error:
        return failed(
            "pages", f"no answer: {error}", "guichet-server logs --unit front"
        )
    if told.get("database") == "away":
        return failed(
            "pages", "they do not reach the database", "systemctl status postgresql"
        )
    if told.get("asterisk", "ok") != "ok":
        return failed(
            "pages",
            "nobody hears Asterisk: no kiosk is called",
            "guichet-server logs --unit dispatcher, and --unit asterisk",
        )
    if status != 200:
        return failed(
            "pages", f"the answer is {status}", "guichet-server logs --unit web"
        )
    return ok(
        "pages", f"{answers.site_url} answers, with a certificate that is believed"
    )


def certificate(machine: Machine, answers: Answers) -> Checked:
    """Tell until when the certificate is good."""
    try:
        end = certificate_in_use(machine).not_valid_after_utc
    except ServerError as error:
        return failed("certificate", str(error), "guichet-server install")
    days = (end - datetime.now(UTC)).days
    if days >= DAYS_LEAST:
        return ok("certificate", f"good for {days} days, until {end:%Y-%m-%d}")
    return failed(
        "certificate", f"ends in {days} days", RENEWING[answers.certificate.kind]
    )


def mail(_machine: Machine, answers: Answers) -> Checked:
    """Tell whether the mail server takes connections."""
    server = answers.mail
    if server is None:
        return absent("mail", "no mail server is named: no e-mail goes out")
    if is_open(server.host, server.port):
        return ok("mail", f"{server.host} answers at {server.port}")
    return failed(
        "mail",
        f"{server.host} does not answer at {server.port}",
        "correct [mail] in /etc/guichet/server.toml, or have its firewall let this"
        " machine in",
    )


def is_open(host: str, port: int) -> bool:
    """Tell whether somebody takes a TCP connection there."""
    try:
        socket.create_connection((host, port), SECONDS).close()
    except OSError:
        return False
    return True


def _of_elsewhere(
    machine: Machine, name: str, found: set[Address], router: str | None
) -> Checked | None:
    """Judge a name that leads to none of this machine's addresses; None: to its router."""
    is_shown = _is_own_certificate_shown(machine, name)
    address = str(_first(found))
    # Many a router leads nobody back who is behind it.
    if router in set(map(str, found)) and is_shown is not False:
        return None
    write = f'public_address = "{address}" in {ANSWERS}, then guichet-server install'
    if is_shown:
        return failed(
            "names",
            f"{name} leads to a router, {address}: who comes by it would hear and see nothing",
            write,
        )
    return failed(
        "names",
        f"{name} leads to {address}, which is not this machine",
        f"correct the DNS; where this is the router before this machine, {write}",
    )


def _first(found: set[Address]) -> Address:
    return min(found, key=lambda each: (each.version, int(each)))


def _own_addresses(machine: Machine) -> set[Address]:
    links = json.loads(machine.programs.run("ip", "-json", "address"))
    return {
        ipaddress.ip_address(entry["local"])
        for link in links
        for entry in link.get("addr_info", [])
        if "local" in entry
    }


def _addresses(name: str) -> set[Address]:
    found = socket.getaddrinfo(name, HTTPS, type=socket.SOCK_STREAM)
    return {ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found}


def _is_own_certificate_shown(machine: Machine, name: str) -> bool | None:
    """Tell whether who connects to the name sees this machine's certificate; None: no answer."""
    context = ssl.create_default_context()
    # The certificate is compared, whoever vouches for it.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection((name, HTTPS), SECONDS) as line:
            with context.wrap_socket(line, server_hostname=name) as secured:
                shown = secured.getpeercert(binary_form=True)
        return shown == certificate_in_use(machine).public_bytes(Encoding.DER)
    except (OSError, ServerError):
        return None


def ask_site(machine: Machine, answers: Answers, path: str) -> tuple[int, bytes]:
    """Ask this machine for a page by its name; gives the status and the body's beginning.

    Raises ssl.SSLCertVerificationError, OSError and http.client.HTTPException.
    """
    authority = authority_for_browsers(machine, answers.certificate)
    context = ssl.create_default_context(cafile=str(authority) if authority else None)
    name = answers.name
    with socket.create_connection(("127.0.0.1", HTTPS), SECONDS) as line:
        with closing(http.client.HTTPSConnection(name, context=context)) as here:
            # Connected already: to this machine, wherever the name leads.
            here.sock = context.wrap_socket(line, server_hostname=name)
            here.request("GET", path)
            answer = here.getresponse()
            return answer.status, answer.read(MOST_BYTES)


def _ask_pages(machine: Machine, answers: Answers) -> tuple[int, dict[str, str]]:
    """Ask how they are; gives the status and what they say, nothing where it is no JSON."""
    status, body = ask_site(machine, answers, PAGE)
    try:
        told = json.loads(body)
    except ValueError:
        told = {}
    return status, told if isinstance(told, dict) else {}
