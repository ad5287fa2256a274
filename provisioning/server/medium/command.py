# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-server kiosk-medium`: a USB stick that makes a bare PC a kiosk, but for its code."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile
from zoneinfo import available_timezones

import click
from pydantic import TypeAdapter, ValidationError

from provisioning.commands.context import json_option, print_json
from provisioning.server.answers import Answers, Host, Network, words_of
from provisioning.server.certificate import authority_for_browsers
from provisioning.server.errors import ServerError
from provisioning.server.looking import installed_answers, require_root
from provisioning.server.machine import Machine
from provisioning.server.medium.contents import (
    Release,
    Wishes,
    medium_texts,
    read_ssh_keys,
    ssh_of,
)
from provisioning.server.medium.installer import fetch_installer
from provisioning.server.repository.errors import RepositoryError
from provisioning.server.repository.given_out import KIOSK
from provisioning.server.repository.places import RepositoryPlaces
from provisioning.server.repository.rings_file import newest_of
from provisioning.server.repository.setting_up import sources_text
from provisioning.server.repository.store import STABLE, Store

# Of the PCs that Debian's installer on the medium is for.
_ARCHITECTURE = "amd64"


class _Told(click.ParamType[str]):
    """A value of one of the answers' own types."""

    def __init__(self, name: str, kind: Any) -> None:
        self.name = name
        self._checked: TypeAdapter[str] = TypeAdapter(kind)

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Check what was typed; fails with a sentence."""
        try:
            return self._checked.validate_python(value)
        except ValidationError as error:
            self.fail(words_of(dict(error.errors()[0])), param, ctx)


@click.command("kiosk-medium")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--time-zone",
    "zone",
    type=click.Choice(sorted(available_timezones())),
    metavar="ZONE",
    default=Wishes.zone,
    show_default=True,
    help="Where these kiosks stand, such as Indian/Reunion.",
)
@click.option(
    "--time-server",
    type=_Told("name", Host),
    help="Whom they ask for the time, where they do not reach Debian's servers.",
)
@click.option(
    "--ssh-key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Public keys by which root may come in; else the installer asks for a password.",
)
@click.option(
    "--ssh-from",
    multiple=True,
    type=_Told("network", Network),
    help="A network from which administrators come in by SSH; may be repeated.",
)
@json_option
def kiosk_medium(
    file: Path,
    zone: str,
    time_server: str | None,
    key_file: Path | None,
    ssh_from: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write a FILE (.zip) to be unpacked onto a USB stick: it makes a bare PC a kiosk.

    The PC (amd64, UEFI) starts from it, has Debian 13 and guichet-kiosk put on its disk, of
    which all is erased, and asks for the code of the kiosk. No secret is on it.
    """
    require_root()
    machine = Machine()
    answers = installed_answers(machine)
    keys = (
        () if key_file is None else read_ssh_keys(key_file.read_text(), str(key_file))
    )
    ssh_of(keys, ssh_from)
    wishes = Wishes(zone, time_server or "", keys, ssh_from)
    version = _version_for_all(machine)
    if not file.absolute().parent.is_dir():
        raise ServerError(f"{file.parent} is no folder: make it first, or name another")
    if not as_json:
        click.echo("Debian's installer is fetched (150 MB)...")
    with TemporaryDirectory(dir=machine.path("/var/tmp")) as folder:
        installer = fetch_installer(machine.programs, Path(folder))
        release = Release(date.today(), installer.version, version)
        texts = _texts(machine, answers, wishes, release)
        _write(file, texts, installer.files)
    if as_json:
        told = {"file": str(file), "installer": installer.version, "version": version}
        print_json(told)
        return
    click.echo(f"{file}: Debian {installer.version}, guichet-kiosk {version} or later.")
    click.echo("Unpack it onto an empty USB stick (FAT32), and start the PC from that.")


def _version_for_all(machine: Machine) -> str:
    """Give the version that the medium's machines install; raises RepositoryError."""
    places = RepositoryPlaces.of(machine)
    if not places.configuration.exists():
        raise RepositoryError("there is no repository yet: run guichet-server install")
    known = Store(places, machine.programs).packages(STABLE)
    versions = [
        each.version
        for each in known
        if each.name == KIOSK and each.architecture == _ARCHITECTURE
    ]
    newest = newest_of(machine.programs, versions)
    if not newest:
        raise RepositoryError(
            "no version of guichet-kiosk is for all kiosks yet: guichet-server publish"
            " guichet-kiosk_*.deb, then guichet-server promote"
        )
    return newest


def _texts(
    machine: Machine, answers: Answers, wishes: Wishes, release: Release
) -> dict[str, str]:
    authority = authority_for_browsers(machine, answers.certificate)
    return medium_texts(
        answers,
        wishes,
        release,
        authority=authority.read_text() if authority else "",
        sources=sources_text(answers, RepositoryPlaces.of(machine), STABLE),
    )


def _write(file: Path, texts: Mapping[str, str], files: Mapping[str, Path]) -> None:
    """Write the archive, whole or not at all; raises ServerError."""
    begun = file.with_name(f".{file.name}.part")
    try:
        with ZipFile(begun, "w") as archive:
            for name, text in texts.items():
                archive.writestr(name, text)
            for name, source in files.items():
                archive.write(source, name)
        os.replace(begun, file)
    except OSError as error:
        begun.unlink(missing_ok=True)
        raise ServerError(f"{file} cannot be written: {error.strerror}") from error
