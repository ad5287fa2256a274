# SPDX-License-Identifier: AGPL-3.0-or-later
"""What any softphone of a counsellor is told: who it is and how it reaches Asterisk.

How each program wants to read it is in `linphone` and `baresip`.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from provisioning.asterisk.realtime_rows import REALM
from provisioning.database.models import SipTransport
from provisioning.directory.errors import DirectoryError

LINK_PATH = "/telephone"
# Shorter than Asterisk's own 300: a town hall's router forgets whom it let out.
REGISTER_SECONDS = 120
# Where Debian, and most of Linux, keeps the authorities that everybody knows.
KNOWN_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
SRTP_MANDATORY, SRTP_OPTIONAL = "SRTP, mandatory", "SRTP, optional"
UNENCRYPTED = "none"


@dataclass(frozen=True)
class SoftphoneServer:
    """How softphones reach Asterisk; `plain_port` 0 where the site lets none in in clear.

    `authority` is the PEM of who signed Asterisk's certificate; None where everybody
    knows them.
    """

    host: str
    tls_port: int = 5061
    plain_port: int = 0
    authority: str | None = None

    def port_of(self, transport: SipTransport) -> int:
        """Give the port for this transport; raises DirectoryError where it is closed."""
        if transport is SipTransport.TLS:
            return self.tls_port
        if not self.plain_port:
            raise DirectoryError(
                f"this site takes no softphone over {transport}: use TLS, or open a port"
                " with guichet-provision site --sip-port"
            )
        return self.plain_port

    @property
    def transports(self) -> tuple[SipTransport, ...]:
        """Give what the site takes, the best first."""
        return tuple(SipTransport) if self.plain_port else (SipTransport.TLS,)


@dataclass(frozen=True)
class SoftphoneSettings:
    """All that a softphone is told; holds the secret in clear."""

    user: str
    display_name: str
    server: SoftphoneServer
    transport: SipTransport
    # What Asterisk asks of this counsellor; see `Telephone` in `realtime_rows`.
    may_be_in_clear: bool
    secret: str = field(repr=False)

    @property
    def port(self) -> int:
        """Give the port of the transport."""
        return self.server.port_of(self.transport)

    @property
    def is_encrypted(self) -> bool:
        """Tell whether what is said in SIP is, and with it the keys of sound and picture."""
        return self.transport is SipTransport.TLS

    @property
    def must_encrypt(self) -> bool:
        """Tell whether sound and picture without SRTP are refused, by either side."""
        return not self.may_be_in_clear

    @property
    def media_encryption(self) -> str:
        """Say how sound and picture are to be encrypted."""
        if self.must_encrypt:
            return SRTP_MANDATORY
        return SRTP_OPTIONAL if self.is_encrypted else UNENCRYPTED

    @property
    def address(self) -> str:
        """Give the SIP address of the server, as softphones write it."""
        return f"sip:{self.server.host}:{self.port};transport={self.transport}"

    @property
    def quoted_name(self) -> str:
        """Give the name without what would end it in a softphone's own file."""
        return "".join(
            " " if each in '"\\<>;' or not each.isprintable() else each
            for each in self.display_name
        ).strip()

    @property
    def ha1(self) -> str:
        """Give the MD5 of user, realm and secret (RFC 2617).

        It signs in as the secret does, here and nowhere else.
        """
        credentials = f"{self.user}:{REALM}:{self.secret}".encode()
        return hashlib.md5(credentials, usedforsecurity=False).hexdigest()


def own_authority(file: str | None) -> str | None:
    """Read the site's own authority; None where everybody knows who vouches for it.

    Raises OSError or UnicodeDecodeError where the file cannot be read.
    """
    if not file or file == KNOWN_AUTHORITIES:
        return None
    return Path(file).read_text(encoding="ascii")


def link_address(web_url: str, token: str) -> str:
    """Give the address that sets a softphone up; the token in it is the secret."""
    return f"{web_url.rstrip('/')}{LINK_PATH}/{token}"


def settings_as_lines(settings: SoftphoneSettings) -> list[tuple[str, str]]:
    """Give each setting by its key, for whoever types them into another softphone."""
    return [
        ("user", settings.user),
        ("password", settings.secret),
        ("server", settings.server.host),
        ("port", str(settings.port)),
        ("transport", settings.transport.upper()),
        ("media_encryption", settings.media_encryption),
        ("dtmf", "SIP INFO"),
        ("codecs", "Opus, G.722, PCMU; VP8, H264"),
    ]
