# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every port that the server opens, for the firewall, the checks and docs/install.md. Pure."""

from dataclasses import dataclass

from provisioning.asterisk.capacity import FIRST_PORT, Capacity
from provisioning.server.answers import Answers

HTTP, HTTPS, SIP_TLS, SIP = 80, 443, 5061, 5060


@dataclass(frozen=True)
class OpenPort:
    """A port, or a range up to `last`: its protocol, who comes there, and when it is open."""

    protocol: str
    first: int
    last: int
    who: str
    when: str = ""

    @property
    def numbers(self) -> str:
        """Give the port or the range, as nft and people write them."""
        return (
            str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        )


def capacity_of(kiosks: int) -> Capacity:
    """Give the ports of media for so many kiosks."""
    return Capacity.for_kiosks(kiosks, FIRST_PORT)


def open_ports(answers: Answers) -> list[OpenPort]:
    """List the ports of this server; those that are open for nobody else's sake."""
    media = capacity_of(answers.kiosks)
    ports = [
        OpenPort("tcp", HTTP, HTTP, "browsers, led to HTTPS; ACME authorities"),
        OpenPort("tcp", HTTPS, HTTPS, "browsers, kiosks, other software"),
        OpenPort("tcp", SIP_TLS, SIP_TLS, "telephones of kiosks and counsellors (TLS)"),
        OpenPort("udp", media.rtp_first, media.rtp_last, "sound and picture"),
    ]
    if answers.softphones:
        who, when = "softphones that know no TLS", "`softphones = true`"
        ports += [OpenPort(each, SIP, SIP, who, when) for each in ("tcp", "udp")]
    return ports
