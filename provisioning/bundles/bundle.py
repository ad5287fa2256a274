# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes what a kiosk or counsellor starts from: TOML bundles, and the accounts file.

Bundles hold secrets in clear, so they are for one machine and one reader (0600);
`staged_files` puts them in place together, after the commit.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioning.directory.credentials import AccountPassword, SipSecret
from provisioning.directory.errors import DirectoryError
from provisioning.inventory.plan import Kind, Snapshot

ACCOUNTS_FILE = "accounts.toml"
CA_FILE = "ca.pem"
SCREEN_PATH = "/borne"

Document = dict[str, Any]


@dataclass(frozen=True)
class Access:
    """How the owner of a bundle reaches Asterisk (TLS) and the web application."""

    server: str
    port: int = 5061
    # The certificate authority to copy beside the bundle; None where IT puts it there.
    ca: Path | None = None
    web_url: str = ""
    # Whether the web application's certificate is known to every browser; else it is
    # signed by `ca`, as Asterisk's is.
    is_web_public: bool = False


@dataclass(frozen=True)
class DeviceNames:
    """Devices to name in `[media]` and `[bridge]`; None leaves the choice to the reader.

    A kiosk for which neither printer nor scanner is named gets no `[bridge]`, but where
    the kiosk itself chooses them later.
    """

    camera: str | None = None
    audio: str | None = None
    display: str | None = None
    printer: str | None = None
    scanner: str | None = None
    are_chosen_later: bool = False

    @property
    def media(self) -> Document:
        """Give what goes to `[media]`."""
        return _named(camera=self.camera, audio=self.audio, display=self.display)

    @property
    def bridge(self) -> Document:
        """Give what goes to `[bridge]`."""
        return _named(printer=self.printer, scanner=self.scanner)


def bundle_of(
    secret: SipSecret, directory: Snapshot, access: Access, devices: DeviceNames
) -> Document:
    """Give the bundle of the kiosk or counsellor to whom the secret belongs."""
    slug = secret.slug
    document: Document = {
        "sip": {
            "user": slug,
            "display_name": _display_name(slug, directory),
            "secret": secret.secret,
            "server": access.server,
            "port": access.port,
            "transport": "tls",
            "ca_file": CA_FILE,
        },
        "media": {"rtp_port_first": 0, "rtp_port_count": 0, **devices.media},
        "control": {"socket": f"{slug}.sock"},
    }
    if slug in directory[Kind.KIOSK]:
        document["kiosk"] = {
            "slug": slug,
            "screen_url": screen_url(access.web_url, secret.screen_code),
            "token": secret.token,
        }
        if devices.bridge or devices.are_chosen_later:
            document["bridge"] = _bridge_table(secret, access, devices)
    else:
        organisation = directory[Kind.COUNSELLOR][slug]["organisation"]
        document["counsellor"] = {"slug": slug, "organisations": [organisation]}
    return document


def with_authority(document: Document, ca: Path) -> Document:
    """Give a bundle that holds its authority, for who is handed a file and nothing else."""
    sip = {key: value for key, value in document["sip"].items() if key != "ca_file"}
    try:
        sip["ca"] = ca.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise DirectoryError(f"{ca} cannot be read: {error}") from error
    return {**document, "sip": sip}


def renewed_bundle(path: Path, secret: SipSecret) -> Document:
    """Give the bundle at `path` with the new secret and token, the rest as it is."""
    document = _read_toml(path)
    if document.get("sip", {}).get("user") != secret.slug:
        raise DirectoryError(f"{path} is not the bundle of {secret.slug}: left alone")
    document["sip"]["secret"] = secret.secret
    if secret.token is not None:
        kiosk = document.setdefault("kiosk", {})
        web_url = str(kiosk.get("screen_url", "")).partition(SCREEN_PATH)[0]
        kiosk["screen_url"] = screen_url(web_url, secret.screen_code)
        kiosk["token"] = secret.token
        if "bridge" in document:
            document["bridge"]["token"] = secret.token
    return document


def accounts_with(path: Path, new: tuple[AccountPassword, ...]) -> Document:
    """Give the accounts of the file at `path`, if there is one, and the new ones."""
    accounts = _read_toml(path) if path.exists() else {}
    return {**accounts, **{account.email: account.password for account in new}}


def screen_url(web_url: str, code: str | None) -> str:
    """Give the address that a kiosk's browser opens at each start; none without a server.

    The code in it lets that browser in the first time; then its cookie does.
    """
    if not web_url:
        return ""
    return f"{web_url.rstrip('/')}{SCREEN_PATH}/rattacher?code={code}"


def _display_name(slug: str, directory: Snapshot) -> str:
    if slug in directory[Kind.COUNSELLOR]:
        return str(directory[Kind.COUNSELLOR][slug]["name"])
    relay = directory[Kind.RELAY][str(directory[Kind.KIOSK][slug]["relay"])]
    return f"Guichet virtuel {relay['commune']}"


def _bridge_table(secret: SipSecret, access: Access, devices: DeviceNames) -> Document:
    if not access.web_url:
        raise DirectoryError(
            "a kiosk with a printer or a scanner needs the address of the web"
            " application: give --web-url or write a [web] table in the inventory"
        )
    table = {
        "socket": f"{secret.slug}-bridge.sock",
        "data_dir": f"{secret.slug}-bridge",
        "server_url": access.web_url.rstrip("/"),
        "token": secret.token,
    }
    is_https = access.web_url.startswith("https:")
    if access.ca is not None and is_https and not access.is_web_public:
        table["server_ca_file"] = CA_FILE
    return {**table, **devices.bridge}


def _named(**names: str | None) -> Document:
    return {key: name for key, name in names.items() if name is not None}


def _read_toml(path: Path) -> Document:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DirectoryError(f"{path} cannot be read: {error}") from error
