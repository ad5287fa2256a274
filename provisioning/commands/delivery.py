# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command-line options that say where new secrets go, and the delivery itself."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from provisioning.bundles.bundle import (
    ACCOUNTS_FILE,
    CA_FILE,
    Access,
    DeviceNames,
    accounts_with,
    bundle_of,
)
from provisioning.bundles.staged_files import StagedFiles
from provisioning.commands.options import web_url_option
from provisioning.directory.errors import DirectoryError
from provisioning.directory.service import Outcome
from provisioning.inventory.entries import SipTable, WebTable
from provisioning.inventory.toml_text import to_toml

Command = TypeVar("Command", bound=Callable[..., Any])

# Of those whose secrets would be lost.
MOST_NAMED = 5

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_ACCESS_OPTIONS = (
    click.option(
        "--sip-server",
        envvar="GUICHET_SIP_SERVER",
        help="Asterisk's host, as kiosks and counsellors reach it.",
    ),
    click.option(
        "--sip-port",
        envvar="GUICHET_SIP_PORT",
        type=click.IntRange(1, 65535),
        help="Its TLS port.  [default: 5061]",
    ),
    click.option(
        "--sip-ca",
        envvar="GUICHET_SIP_CA_FILE",
        type=FILE,
        help="Certificate authority to copy beside the bundles as ca.pem.",
    ),
    web_url_option,
    click.option(
        "--public-web-certificate",
        is_flag=True,
        help="The web application's certificate is a public authority's, not --sip-ca's.",
    ),
    click.option("--camera", help='Camera to name in the bundles ("colorbar").'),
    click.option("--audio", help='Sound device to name in the bundles ("null").'),
    click.option("--display", help='Display to name in the bundles ("none").'),
    click.option("--printer", help="CUPS queue of the kiosks' printers."),
    click.option(
        "--scanner", help='SANE device of the kiosks\' scanners ("": the only one).'
    ),
)


@dataclass(frozen=True)
class AccessOptions:
    """What the command line says about reaching Asterisk; an inventory may fill in."""

    sip_server: str | None = None
    sip_port: int | None = None
    sip_ca: Path | None = None
    web_url: str | None = None
    public_web_certificate: bool = False
    camera: str | None = None
    audio: str | None = None
    display: str | None = None
    printer: str | None = None
    scanner: str | None = None

    def access(
        self,
        sip: SipTable | None = None,
        web: WebTable | None = None,
        folder: Path = Path(),
    ) -> Access:
        """Merge the inventory's tables and the options, which win.

        `folder` is the inventory's. Raises UsageError where nothing names the server.
        """
        server = self.sip_server or (sip.server if sip else None)
        if server is None:
            raise click.UsageError(
                "a bundle needs Asterisk's host: give --sip-server, set GUICHET_SIP_SERVER"
                " or write a [sip] table in the inventory"
            )
        ca = self.sip_ca or (folder / sip.ca if sip and sip.ca else None)
        if ca is not None and not ca.is_file():
            raise click.UsageError(f"there is no certificate authority at {ca}")
        return Access(
            server=server,
            port=self.sip_port or (sip.port if sip else 5061),
            ca=ca,
            web_url=self.web_url or (web.url if web else ""),
            is_web_public=self.public_web_certificate,
        )

    @property
    def devices(self) -> DeviceNames:
        """Give the devices to name in the bundles."""
        return DeviceNames(
            self.camera, self.audio, self.display, self.printer, self.scanner
        )


def access_options(command: Command) -> Command:
    """Add the options of AccessOptions to a command."""
    for option in reversed(_ACCESS_OPTIONS):
        command = option(command)
    return command


def secrets_dir_option(command: Command) -> Command:
    """Add `--secrets-dir`."""
    return click.option(
        "--secrets-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Write new bundles and passwords here, once, readable by you alone.",
    )(command)


def stage_secrets(
    files: StagedFiles,
    folder: Path,
    outcome: Outcome,
    access: Callable[[], Access],
    devices: DeviceNames,
) -> None:
    """Stage a bundle for each new SIP secret, and the accounts file, in `folder`.

    `access` is asked only when a bundle is needed.
    """
    if outcome.sip_secrets:
        reached = access()
        for secret in outcome.sip_secrets:
            document = bundle_of(secret, outcome.directory, reached, devices)
            files.add(folder / f"{secret.slug}.toml", to_toml(document).encode())
        stage_ca(files, folder, reached)
    if outcome.passwords:
        path = folder / ACCOUNTS_FILE
        accounts = accounts_with(path, outcome.passwords)
        files.add(path, to_toml(accounts).encode())


def stage_ca(files: StagedFiles, folder: Path, access: Access) -> None:
    """Stage the certificate authority beside the bundles, where it is known."""
    if access.ca is None:
        return
    try:
        content = access.ca.read_bytes()
    except OSError as error:
        raise DirectoryError(f"{access.ca} cannot be read: {error}") from error
    files.add(folder / CA_FILE, content, mode=0o644)


def nowhere_to_write(outcome: Outcome) -> str:
    """Say that new secrets would be lost, whose, and what to do."""
    named = ", ".join(outcome.new_secrets_for[:MOST_NAMED])
    others = len(outcome.new_secrets_for) - MOST_NAMED
    whose = f"{named} and {others} others" if others > 0 else named
    return (
        f"there are new secrets, of {whose}, and nowhere to write them: nothing was"
        " changed. Give --secrets-dir FOLDER, where they are written once; or"
        " --secrets-later, where each gets one in another way: a kiosk by"
        ' "guichet-provision enrolment-code", a telephone by "guichet-provision'
        ' softphone", a person by "guichet-web invite"'
    )


def undelivered_advice(outcome: Outcome) -> list[str]:
    """Say how to get the secrets that were written nowhere."""
    return [
        f"the secret of {key} was not written anywhere; get a new one with"
        f' "guichet-provision rotate-secret {key} --print"'
        for key in outcome.new_secrets_for
    ]
