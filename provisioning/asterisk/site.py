# SPDX-License-Identifier: AGPL-3.0-or-later
"""The files of one running system: Asterisk's configuration, certificates, settings.

Renders `asterisk-config/`, which is installed with us, into a folder. Endpoints and queues
are not here: they are rows.
"""

import json
import shlex
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import make_url

import provisioning
from provisioning.asterisk.capacity import LAST_PORT, PORTS_PER_CALL, Capacity
from provisioning.asterisk.certificates import ensure_certificates, write_private
from provisioning.asterisk.documents_key import ensure_documents_key
from provisioning.asterisk.layout import SiteLayout
from provisioning.asterisk.odbc import OdbcError, odbc_database
from provisioning.asterisk.own_name import knows_its_own_name
from provisioning.asterisk.site_settings import (
    AMI_USERNAME,
    settings_text,
    site_settings,
    system_name,
)

# Files beside Asterisk's other files: what starts it and what tidies up after it.
_IN_BASE = {"asterisk.conf", "logrotate.conf"}
CONFIGURATION = Path(provisioning.__file__).resolve().parent / "asterisk-config"
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
    # Where Asterisk has an account of its own at the database; empty: it has the pages'.
    asterisk_database_url: str = ""
    # Behind a router: the address that leads here, this machine's own one, and the networks
    # whose machines come without the router. Empty: everybody reaches this machine itself.
    public_address: str = ""
    own_address: str = ""
    local_networks: tuple[str, ...] = ()
    # True: the server's certificate is made elsewhere, and no authority is needed.
    has_own_certificate: bool = False
    # Further settings of the pages; None takes one out.
    chosen: tuple[tuple[str, Any], ...] = ()

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
    layout: SiteLayout,
    options: SiteOptions,
    asterisk: AsteriskProgram,
    *,
    configuration: Path = CONFIGURATION,
    renew_certificate: bool = False,
) -> list[Path]:
    """Write or refresh the site's files and return those that changed.

    Secrets are generated the first time and kept afterwards; running it again with the
    same options changes nothing. A file that exists stays readable by whom it was for.
    Raises SiteError.
    """
    options.check()
    _check_own_name()
    control = str(layout.control_socket)
    if len(control.encode()) > SOCKET_PATH_MAX_BYTES:
        raise SiteError(f"{control} is too long for a socket: choose a shorter folder")
    database = _odbc_database(options.asterisk_database_url or options.database_url)
    for folder in layout.folders:
        folder.mkdir(parents=True, exist_ok=True)
    if layout.closed:
        layout.closed.chmod(0o700)
    changed = []
    if not options.has_own_certificate and ensure_certificates(
        layout.tls, options.names or (options.bind,), renew=renew_certificate
    ):
        changed.append(layout.tls / "server.pem")
    settings = site_settings(
        layout,
        database_url=options.database_url,
        ami_port=options.ami_port,
        capacity=options.capacity,
        secure_cookies=options.secure_cookies,
        site_url=options.site_url,
        chosen={
            "sip_plain_port": options.sip_port or None,
            "ws_port": options.ws_port or None,
            **dict(options.chosen),
        },
    )
    changed += ensure_documents_key(Path(settings["documents_key_file"]))
    values = {
        **vars(options),
        "layout": layout,
        "descriptors": options.capacity.descriptors,
        "asterisk_command": shlex.join(
            [*asterisk.program, "-C", str(layout.asterisk / "asterisk.conf")]
        ),
        "modules_dir": asterisk.modules_dir,
        "sqlite_odbc_driver": asterisk.sqlite_odbc_driver,
        "postgresql_odbc_driver": asterisk.postgresql_odbc_driver,
        "ami_username": AMI_USERNAME,
        "ami_secret": settings["ami_secret"],
        "system_name": system_name(settings["ami_secret"]),
        "database": database,
    }
    changed += _render(configuration, layout, values)
    _link_sounds(layout.data, asterisk.data_dir, configuration)
    changed += _write_if_new(layout.settings, settings_text(settings))
    return changed


def _check_own_name() -> None:
    if not knows_its_own_name():
        name = socket.gethostname()
        raise SiteError(
            f"this machine does not know its own name, {name}, without the DNS, which"
            f' Asterisk would ask for each call: add the line "127.0.1.1 {name}" to'
            " /etc/hosts"
        )


def _odbc_database(url: str) -> dict[str, Any]:
    try:
        return odbc_database(make_url(url))
    except OdbcError as error:
        raise SiteError(str(error)) from error


def _render(
    configuration: Path, layout: SiteLayout, values: Mapping[str, Any]
) -> list[Path]:
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
        target = (layout.asterisk if in_base else layout.etc) / name
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


def _link_sounds(data: Path, stock: Path, configuration: Path) -> None:
    """Give Asterisk a data folder of its own: the stock files and our prompts.

    The prompts are copied, so that recordings by a person can take their place; a
    recording that is there already stays.
    """
    for name in ("documentation", "moh"):
        link = data / name
        if not link.exists() and (stock / name).exists():
            link.unlink(missing_ok=True)
            link.symlink_to(stock / name)
    for ours in sorted((configuration / "sounds").iterdir()):
        _link_language(data / "sounds" / ours.name, stock / "sounds", ours)


def _link_language(spoken: Path, stock: Path, ours: Path) -> None:
    for recording in sorted(ours.rglob("*.wav")):
        copied = spoken / recording.relative_to(ours)
        copied.parent.mkdir(parents=True, exist_ok=True)
        if not copied.exists():
            shutil.copyfile(recording, copied)
    # What is not ours comes from the core set, under whatever name its package gives the
    # voice (fr, fr_CA_f_June, fr_FR_f_Armelle).
    for voice in sorted(stock.glob(f"{ours.name}*")):
        for entry in sorted(voice.iterdir()):
            link = spoken / entry.name
            if not link.exists() and not link.is_symlink():
                link.symlink_to(entry.resolve())
