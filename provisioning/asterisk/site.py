# SPDX-License-Identifier: AGPL-3.0-or-later
"""The files of one running system: Asterisk's configuration, certificates, settings.

Renders `asterisk-config/`, which is installed with us, into a folder. Endpoints and queues
are not here: they are rows.
"""

import hmac
import json
import secrets
import shlex
import shutil
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import URL, make_url

import provisioning
from provisioning.asterisk.capacity import LAST_PORT, PORTS_PER_CALL, Capacity
from provisioning.asterisk.certificates import ensure_certificates, write_private
from provisioning.asterisk.documents_key import ensure_documents_key
from provisioning.asterisk.own_name import knows_its_own_name

# Files beside Asterisk's folder `etc`: what starts it and what tidies up after it.
_IN_BASE = {"asterisk.conf", "logrotate.conf"}
CONFIGURATION = Path(provisioning.__file__).resolve().parent / "asterisk-config"
AMI_USERNAME = "guichet-dispatcher"
# A Unix socket's path holds 107 bytes (sockaddr_un).
SOCKET_PATH_MAX_BYTES = 107


class SiteError(Exception):
    """The site cannot be written; the message says what to change."""


@dataclass(frozen=True)
class AsteriskProgram:
    """An Asterisk that `script/setup` found or made."""

    program: tuple[str, ...]
    version: str
    modules_dir: Path
    data_dir: Path
    sqlite_odbc_driver: str
    postgresql_odbc_driver: str

    @classmethod
    def read(cls, file: Path) -> "AsteriskProgram":
        """Read `.setup/asterisk.json`; raises SiteError where it is missing or broken."""
        try:
            values = json.loads(file.read_text())
            return cls(
                program=tuple(values["program"]),
                version=values["version"],
                modules_dir=Path(values["modules_dir"]),
                data_dir=Path(values["data_dir"]),
                sqlite_odbc_driver=values["sqlite_odbc_driver"],
                postgresql_odbc_driver=values["postgresql_odbc_driver"],
            )
        except (OSError, ValueError, KeyError) as error:
            raise SiteError(f"{file}: {error}; run script/setup") from error


@dataclass(frozen=True)
class SiteOptions:
    """What the administrator decides of a site; a port of 0 switches a service off."""

    bind: str
    names: tuple[str, ...]
    sip_tls_port: int
    ami_port: int
    rtp_first: int
    rtp_last: int
    database_url: str
    sip_port: int = 0
    ws_port: int = 0
    secure_cookies: bool = True
    # How browsers elsewhere name the site; empty: as it was set before, if it was.
    site_url: str = ""
    kiosks: int = 0

    @property
    def capacity(self) -> Capacity:
        """What the ports of media carry."""
        return Capacity.of_range(self.rtp_first, self.rtp_last, self.kiosks)

    def check(self) -> None:
        """Raise SiteError where the options cannot make a working site."""
        if self.capacity.calls_at_once < 1:
            raise SiteError(f"a call takes {PORTS_PER_CALL} RTP ports: widen the range")
        if self.rtp_last > LAST_PORT:
            raise SiteError(f"there is no RTP port {self.rtp_last}: begin lower")
        named = [self.sip_tls_port, self.sip_port, self.ws_port, self.ami_port]
        ports = [port for port in named if port]
        if len(set(ports)) != len(ports):
            raise SiteError("two services have the same port")


def write_site(
    directory: Path,
    options: SiteOptions,
    asterisk: AsteriskProgram,
    *,
    configuration: Path = CONFIGURATION,
    renew_certificate: bool = False,
) -> list[Path]:
    """Write or refresh the site in `directory` and return the files that changed.

    Secrets are generated the first time and kept afterwards; running it again with the
    same options changes nothing. Raises SiteError.
    """
    options.check()
    if not knows_its_own_name():
        name = socket.gethostname()
        raise SiteError(
            f"this machine does not know its own name, {name}, without the DNS, which"
            f' Asterisk would ask for each call: add the line "127.0.1.1 {name}" to'
            " /etc/hosts"
        )
    directory = directory.resolve()
    base = directory / "asterisk"
    control = str(base / "run" / "asterisk.ctl")
    if len(control.encode()) > SOCKET_PATH_MAX_BYTES:
        raise SiteError(f"{control} is too long for a socket: choose a shorter folder")
    for name in ("etc", "lib/keys", "db", "spool", "run", "log", "data"):
        (base / name).mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    changed = []
    if ensure_certificates(
        directory / "tls", options.names or (options.bind,), renew=renew_certificate
    ):
        changed.append(directory / "tls" / "server.pem")
    settings = _settings(directory, options)
    changed += ensure_documents_key(Path(settings["documents_key_file"]))
    values = {
        **vars(options),
        "descriptors": options.capacity.descriptors,
        "directory": base,
        "tls_directory": directory / "tls",
        "asterisk_command": shlex.join(
            [*asterisk.program, "-C", str(base / "asterisk.conf")]
        ),
        "modules_dir": asterisk.modules_dir,
        "sqlite_odbc_driver": asterisk.sqlite_odbc_driver,
        "postgresql_odbc_driver": asterisk.postgresql_odbc_driver,
        "ami_username": AMI_USERNAME,
        "ami_secret": settings["ami_secret"],
        "system_name": _system_name(settings["ami_secret"]),
        "database": _odbc_database(make_url(options.database_url)),
    }
    changed += _render(configuration, base, values)
    _link_sounds(base / "data", asterisk.data_dir, configuration)
    changed += _write_settings(directory / "guichet.toml", settings)
    return changed


def _settings(directory: Path, options: SiteOptions) -> dict[str, Any]:
    file = directory / "guichet.toml"
    known: dict[str, Any] = {}
    if file.exists():
        known = tomllib.loads(file.read_text())
    return {
        # What the administrator added by hand stays.
        **known,
        "database_url": options.database_url,
        "secret_key": known.get("secret_key") or secrets.token_urlsafe(48),
        "ami_host": "127.0.0.1",
        "ami_port": options.ami_port,
        "ami_username": AMI_USERNAME,
        "ami_secret": known.get("ami_secret") or secrets.token_urlsafe(32),
        "calls_at_once": options.capacity.calls_at_once,
        "doorbell": str(directory / "doorbell.sock"),
        # A folder or a key that was moved elsewhere by hand stays where it is.
        "documents_dir": known.get("documents_dir") or str(directory / "documents"),
        "documents_key_file": known.get("documents_key_file")
        or str(directory / "documents.key"),
        "secure_cookies": options.secure_cookies,
        # The front stands before the pages on the same machine.
        "trusted_proxies": known.get("trusted_proxies", "127.0.0.1 ::1 unix"),
        **({"site_url": options.site_url} if options.site_url else {}),
    }


def _system_name(ami_secret: str) -> str:
    """Give a name that nobody can guess, and that stays as long as the secret does."""
    digest = hmac.digest(ami_secret.encode(), b"the system's name", "sha256")
    return f"guichet-{digest.hex()[:16]}"


def _write_settings(file: Path, settings: Mapping[str, Any]) -> list[Path]:
    lines = ["# SPDX-License-Identifier: AGPL-3.0-or-later"]
    lines += ["# Written by guichet-provision site; keys added here by hand are kept."]
    # JSON's strings, numbers and booleans are TOML's.
    lines += [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    return _write_if_new(file, "\n".join(lines) + "\n")


def _render(configuration: Path, base: Path, values: Mapping[str, Any]) -> list[Path]:
    environment = Environment(
        loader=FileSystemLoader(configuration),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    sources = sorted(configuration.glob("*.conf")) + sorted(configuration.glob("*.j2"))
    if not sources:
        raise SiteError(f"no configuration in {configuration}")
    changed = []
    for source in sources:
        name = source.name.removesuffix(".j2")
        in_base = name in _IN_BASE or name.endswith(".ini")
        target = base / name if in_base else base / "etc" / name
        text = source.read_text()
        if source.suffix == ".j2":
            text = environment.get_template(source.name).render(values)
        changed += _write_if_new(target, text)
    return changed


def _write_if_new(file: Path, text: str) -> list[Path]:
    if file.exists() and file.read_text() == text:
        return []
    write_private(file, text.encode())
    return [file]


def _odbc_database(url: URL) -> dict[str, Any]:
    """Give the driver's name and settings for odbc.ini."""
    if url.get_backend_name() == "sqlite":
        if not url.database or not Path(url.database).is_absolute():
            raise SiteError("the SQLite database must be a file with an absolute path")
        return {
            "driver": "sqlite",
            "settings": {
                "Database": url.database,
                # Milliseconds that a lookup waits for a writer.
                "Timeout": 5000,
                "JournalMode": "WAL",
                "SyncPragma": "NORMAL",
            },
        }
    if url.get_backend_name() == "postgresql":
        return {
            "driver": "postgresql",
            "settings": {
                "Servername": url.query.get("host") or url.host or "localhost",
                "Port": url.query.get("port") or url.port or 5432,
                "Database": url.database,
                "Username": url.username or "",
                "Password": url.password or "",
                "ReadOnly": "No",
                "MaxVarcharSize": 4000,
            },
        }
    raise SiteError(f"Asterisk cannot read a {url.get_backend_name()} database here")


def _link_sounds(data: Path, stock: Path, configuration: Path) -> None:
    """Give Asterisk a data folder of its own: the stock files and our French prompts.

    The prompts are copied, so that recordings by a person can take their place; a
    recording that is there already stays.
    """
    for name in ("documentation", "moh"):
        link = data / name
        if not link.exists() and (stock / name).exists():
            link.unlink(missing_ok=True)
            link.symlink_to(stock / name)
    french = data / "sounds" / "fr"
    prompts = french / "guichet"
    prompts.mkdir(parents=True, exist_ok=True)
    for recording in sorted((configuration / "sounds/fr/guichet").glob("*.wav")):
        if not (prompts / recording.name).exists():
            shutil.copyfile(recording, prompts / recording.name)
    # Numbers and "you are next" come from the core set, under whatever name its
    # package gives the voice (fr, fr_CA_f_June, fr_FR_f_Armelle).
    for voice in sorted((stock / "sounds").glob("fr*")):
        for entry in sorted(voice.iterdir()):
            link = french / entry.name
            if not link.exists() and not link.is_symlink():
                link.symlink_to(entry.resolve())
