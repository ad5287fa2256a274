# SPDX-License-Identifier: AGPL-3.0-or-later
"""The site's telephone line: a SIP trunk of an operator, or the town hall's own exchange.

It is the one endpoint in a file: Asterisk signs in there with a clear secret, and the database
holds none. Nothing is let in by it.
"""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from provisioning.asterisk.certificates import write_private
from provisioning.asterisk.layout import SiteLayout
from provisioning.asterisk.realtime_rows import MESSAGE_CONTEXT
from provisioning.asterisk.site import CONFIGURATION

# No slug holds such a line: the trunk has the name of nothing else.
TRUNK = "guichet_trunk"
CONTEXT = "guichet-trunk"
PORTS = {"tls": 5061, "tcp": 5060, "udp": 5060}
SYSTEM_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
SIP_FILE, MODULES_FILE = "pjsip_trunk.conf", "modules_trunk.conf"
AUTHORITIES_FILE = "trunk_authorities.pem"
_FILES = (SIP_FILE, MODULES_FILE, AUTHORITIES_FILE)
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_USER = re.compile(r"[A-Za-z0-9_.+-]{1,64}")
_SECRET = re.compile(r"[!-~]{1,128}")
_NUMBER = re.compile(r"\+?[0-9]{3,15}")
_EXIT = re.compile(r"[0-9]{0,4}")
_PREFIX = re.compile(r"\+[1-9][0-9]{0,5}")
_ADDRESS = re.compile(r"([0-9]{1,3}\.){3}[0-9]{1,3}|\[[0-9a-f:]{2,45}\]")
# What a transport says of a router before this machine (pjsip.conf).
_ROUTER = re.compile(r"(?m)^(?:external_\w+_address|local_net) = .*\n")
_FILE = re.compile(r"/[^;\x00-\x1f]{1,400}")


class TrunkError(Exception):
    """The line cannot be set up so; the message says what to change, and no secret."""


@dataclass(frozen=True, kw_only=True)
class TrunkOptions:
    """What the operator gave, and what the site wants of it."""

    host: str
    caller_number: str
    transport: str = "tls"
    port: int = 0
    # Empty: the operator knows the site by its address.
    user: str = ""
    secret: str = field(default="", repr=False)
    # Operators that register whom they take calls of.
    registers: bool = False
    # The caller's number is told apart from the user name, which stands in From.
    from_user: bool = False
    encrypts_media: bool = False
    authorities: Path = SYSTEM_AUTHORITIES
    bind: str = "0.0.0.0"
    local_port: int = 5070
    dials: str = "national"
    exit_digits: str = ""
    prefixes: tuple[str, ...] = ()
    calls_an_hour: int = 20

    def check(self) -> None:
        """Raise TrunkError where a value is none of its kind, or would end its line."""
        wrong = {
            "the operator's host": not _HOST.fullmatch(self.host),
            "--user": bool(self.user) and not _USER.fullmatch(self.user),
            "the secret": bool(self.secret) and not _SECRET.fullmatch(self.secret),
            "--caller-number": not _NUMBER.fullmatch(self.caller_number),
            "--exit-digits": not _EXIT.fullmatch(self.exit_digits),
            "--prefix": not all(_PREFIX.fullmatch(each) for each in self.prefixes),
            "--bind": not _ADDRESS.fullmatch(self.bind),
            "--authorities": not _FILE.fullmatch(str(self.authorities)),
        }
        named = ", ".join(name for name, is_wrong in wrong.items() if is_wrong)
        if named:
            raise TrunkError(f"not as expected: {named}")
        if bool(self.user) != bool(self.secret):
            raise TrunkError("a user name and a secret belong together")
        if self.registers and not self.user:
            raise TrunkError("--register needs --user")
        if self.encrypts_media and self.transport != "tls":
            raise TrunkError("--srtp needs --transport tls: its keys travel there")


def trunk_settings(options: TrunkOptions | None) -> dict[str, Any]:
    """Give what pages and dispatcher know of the line; None takes a key out."""
    if options is None:
        return dict.fromkeys(
            (
                *("trunk_caller_number", "trunk_dials", "trunk_exit_digits"),
                *("trunk_foreign_prefixes", "trunk_calls_an_hour"),
            )
        )
    return {
        "trunk_caller_number": options.caller_number,
        "trunk_dials": options.dials,
        "trunk_exit_digits": options.exit_digits,
        "trunk_foreign_prefixes": " ".join(options.prefixes),
        "trunk_calls_an_hour": options.calls_an_hour,
    }


def write_trunk(
    layout: SiteLayout, options: TrunkOptions, *, dry_run: bool = False
) -> list[Path]:
    """Write what Asterisk needs of the line; give the files that change.

    The operator's own authorities are copied: Asterisk reads nobody's home.
    """
    options.check()
    authorities = SYSTEM_AUTHORITIES
    contents: dict[str, bytes] = {}
    if options.authorities != SYSTEM_AUTHORITIES:
        authorities = layout.etc / AUTHORITIES_FILE
        contents[authorities.name] = _certificates(options.authorities)
    text = _behind_router(layout, sip_text(options, authorities))
    contents[SIP_FILE] = text.encode()
    contents[MODULES_FILE] = modules_text(options).encode()
    changed = [
        file
        for name, content in contents.items()
        if _write(
            file := layout.etc / name,
            content,
            like=layout.etc / "pjsip.conf",
            dry_run=dry_run,
        )
    ]
    return changed + _remove(layout, set(_FILES) - set(contents), dry_run)


def remove_trunk(layout: SiteLayout, *, dry_run: bool = False) -> list[Path]:
    """Take the line away; give the files that go."""
    return _remove(layout, set(_FILES), dry_run)


def follow_router(layout: SiteLayout) -> list[Path]:
    """Have the line, if there is one, tell its operator of the router that pjsip.conf knows.

    Gives the file if it changes. To be called once pjsip.conf is written.
    """
    file = layout.etc / SIP_FILE
    if not file.exists():
        return []
    text = _behind_router(layout, file.read_text())
    is_new = _write(file, text.encode(), like=file, dry_run=False)
    return [file] if is_new else []


def sip_text(options: TrunkOptions, authorities: Path) -> str:
    """Give the sections of the line, for pjsip.conf to include."""
    address = f"{options.host}:{options.port or PORTS[options.transport]}"
    server = f"sip:{address}\\;transport={options.transport}"
    sections: list[tuple[str, Mapping[str, Any]]] = [
        ("transport-trunk", _transport(options, authorities)),
        (TRUNK, {"type": "aor", "contact": server, **_kept_open(options)}),
        (TRUNK, _endpoint(options)),
    ]
    if options.user:
        sections.append((TRUNK, _auth(options)))
    if options.registers:
        sections.append((TRUNK, _registration(options, server)))
    lines = [
        "; SPDX-License-Identifier: AGPL-3.0-or-later",
        "; Written by guichet-provision trunk. It holds a secret.",
    ]
    for name, values in sections:
        lines += ["", f"[{name}]", *(f"{key} = {v}" for key, v in values.items())]
    return "\n".join(lines) + "\n"


def modules_text(options: TrunkOptions) -> str:
    """Give the modules that the line needs besides, for modules.conf to include."""
    environment = Environment(
        loader=FileSystemLoader(CONFIGURATION / "trunk"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    return environment.get_template(f"{MODULES_FILE}.j2").render(
        user=options.user, registers=options.registers
    )


def _behind_router(layout: SiteLayout, text: str) -> str:
    """Give the line's sections with what pjsip.conf says of a router, and nothing else of one."""
    others = layout.etc / "pjsip.conf"
    told = "".join(_ROUTER.findall(others.read_text())) if others.exists() else ""
    plain = _ROUTER.sub("", text)
    return re.sub(r"(?m)^bind = .*\n", lambda bind: bind[0] + told, plain, count=1)


def _transport(options: TrunkOptions, authorities: Path) -> Mapping[str, Any]:
    bind = f"{options.bind}:{options.local_port}"
    values = {"type": "transport", "protocol": options.transport, "bind": bind}
    if options.transport != "tls":
        return values
    return values | {
        "method": "tlsv1_2",
        "verify_server": "yes",
        "ca_list_file": authorities,
    }


def _endpoint(options: TrunkOptions) -> Mapping[str, Any]:
    values: dict[str, Any] = {
        "type": "endpoint",
        "aors": TRUNK,
        "transport": "transport-trunk",
        # No module identifies by address: whoever calls under its name is a stranger.
        "identify_by": "ip",
        "context": CONTEXT,
        "message_context": MESSAGE_CONTEXT,
        "disallow": "all",
        "allow": "alaw,ulaw",
        "dtmf_mode": "rfc4733",
        "language": "fr",
        "direct_media": "no",
        "rtp_symmetric": "yes",
        "force_rport": "yes",
        "rewrite_contact": "yes",
        "media_encryption": "sdes" if options.encrypts_media else "no",
        "rtp_timeout": 60,
        "rtp_timeout_hold": 300,
        "timers": "yes",
        "from_domain": options.host,
        "trust_id_inbound": "no",
        "trust_id_outbound": "yes",
        "send_pai": "yes",
        "send_connected_line": "no",
        "trust_connected_line": "no",
        "allow_transfer": "no",
        "allow_subscribe": "no",
        "allow_overlap": "no",
        # Who is called and sends the call elsewhere (302) gives Dial a number, and Dial takes
        # none (its option i). Asterisk's SIP itself would call any number at the operator's.
        "redirect_method": "user",
    }
    if options.user:
        values["outbound_auth"] = TRUNK
    if options.from_user:
        values["from_user"] = options.user
    return values


def _kept_open(options: TrunkOptions) -> Mapping[str, Any]:
    # Over UDP a firewall forgets the way back after a minute or two.
    return {"qualify_frequency": 60} if options.transport == "udp" else {}


def _auth(options: TrunkOptions) -> Mapping[str, Any]:
    return {
        "type": "auth",
        "auth_type": "digest",
        "username": options.user,
        # A semicolon would begin a comment.
        "password": options.secret.replace(";", "\\;"),
        "supported_algorithms_uac": "SHA-256,MD5",
    }


def _registration(options: TrunkOptions, server: str) -> Mapping[str, Any]:
    return {
        "type": "registration",
        "transport": "transport-trunk",
        "outbound_auth": TRUNK,
        "server_uri": server,
        "client_uri": f"sip:{options.user}@{options.host}",
        "contact_user": options.user,
        "retry_interval": 60,
        "forbidden_retry_interval": 600,
        "expiration": 600,
    }


def _certificates(file: Path) -> bytes:
    content = file.read_bytes()
    try:
        x509.load_pem_x509_certificates(content)
    except ValueError as error:
        raise TrunkError(f"{file} holds no certificate in PEM") from error
    return content


def _remove(layout: SiteLayout, names: set[str], dry_run: bool) -> list[Path]:
    gone = [file for name in sorted(names) if (file := layout.etc / name).exists()]
    for file in [] if dry_run else gone:
        file.unlink()
    return gone


def _write(file: Path, content: bytes, *, like: Path, dry_run: bool) -> bool:
    """Write a file that whoever reads Asterisk's other files reads; tell whether it changes."""
    if file.exists() and file.read_bytes() == content:
        return False
    if dry_run:
        return True
    is_new = not file.exists()
    write_private(file, content)
    if is_new and like.exists():
        # Asterisk runs as somebody else than who writes its configuration.
        found = like.stat()
        shutil.chown(file, found.st_uid, found.st_gid)
        file.chmod(found.st_mode & 0o777)
    return True
