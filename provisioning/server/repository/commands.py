# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-server publish`, `promote`, `withdraw`, `packages`: which version kiosks get."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from provisioning.asterisk.certificates import write_private
from provisioning.server.answers import read_answers
from provisioning.server.errors import ServerError
from provisioning.server.lock import one_at_a_time
from provisioning.server.machine import Machine
from provisioning.server.repository.pilots import pilots_now
from provisioning.server.repository.places import RepositoryPlaces
from provisioning.server.repository.rings import Trial, hindrances
from provisioning.server.repository.store import SUITES, Package, Store

KIOSK = "guichet-kiosk"
# What a site gives out; the server's own packages come by hand.
GIVEN_OUT = (KIOSK, "guichet-counsellor")

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object."
)


class RepositoryError(ServerError):
    """A package cannot be given out, or there is none; the message says what to do."""


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@json_option
def publish(files: tuple[Path, ...], as_json: bool) -> None:
    """Give packages (.deb) to the pilots, and the next nights to all kiosks.

    The pilots take them the next night; `promote`, each night, gives them to all once the
    pilots' self-tests are green.
    """
    machine = Machine()
    packages = [_described(machine, file) for file in files]
    with one_at_a_time("guichet-server publish"):
        store = _store(machine)
        known = set(store.packages(SUITES[0]))
        new = [
            file
            for file, package in zip(files, packages, strict=True)
            if package not in known
        ]
        now = datetime.now(UTC)
        if new:
            store.add(new, f"{now:%Y%m%dT%H%M%S%f}")
            _note_trial(machine, packages, now)
    told = [f"{each.name} {each.version} {each.architecture}" for each in packages]
    if as_json:
        click.echo(json.dumps({"published": told, "new": len(new)}))
        return
    for line in told:
        click.echo(line)
    click.echo("The pilots take them by night, the others once these are green.")


@click.command()
@click.option("--now", "at_once", is_flag=True, help="Whatever the pilots say.")
@json_option
def promote(at_once: bool, as_json: bool) -> None:
    """Give to all kiosks what the pilots have tried; the timer does so each night.

    Says what is missing where it is too early; that is no failure.
    """
    machine = Machine()
    with one_at_a_time("guichet-server promote"):
        store, trial = _store(machine), read_trial(machine)
        why = [] if at_once or trial is None else _hindrances(machine, trial)
        has_promoted = trial is not None and not why
        if has_promoted:
            store.promote()
            RepositoryPlaces.of(machine).pilots.unlink()
    if as_json:
        version = trial.version if trial else None
        click.echo(
            json.dumps({"version": version, "promoted": has_promoted, "waits_for": why})
        )
    elif trial is None:
        click.echo("The pilots try nothing new.")
    elif has_promoted:
        click.echo(f"{trial.version} is for all kiosks: they take it by night.")
    else:
        click.echo(f"{trial.version} is not for all kiosks yet:")
        for sentence in why:
            click.echo(f"- {sentence}")


@click.command()
@click.argument("version")
def withdraw(version: str) -> None:
    """Give VERSION to nobody any more; kiosks that have it keep it until a newer one."""
    machine = Machine()
    with one_at_a_time("guichet-server withdraw"):
        store = _store(machine)
        if version not in {
            each.version for suite in SUITES for each in store.packages(suite)
        }:
            raise RepositoryError(
                f"there is no version {version}: guichet-server packages names them"
            )
        store.withdraw(version, f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
        trial = read_trial(machine)
        if trial and trial.version == version:
            RepositoryPlaces.of(machine).pilots.unlink()


@click.command("packages")
@json_option
def list_packages(as_json: bool) -> None:
    """Show what pilots and the other kiosks are given."""
    machine = Machine()
    store = _store(machine)
    told = {
        suite: [
            {"name": e.name, "version": e.version, "architecture": e.architecture}
            for e in sorted(store.packages(suite))
        ]
        for suite in SUITES
    }
    if as_json:
        trial = read_trial(machine)
        click.echo(json.dumps(told | {"trial": trial.as_json() if trial else None}))
        return
    for suite, packages in told.items():
        for package in packages:
            click.echo(f"{suite:7} {' '.join(package.values())}")


def read_trial(machine: Machine) -> Trial | None:
    """Give what the pilots try, if anything."""
    try:
        return Trial.from_json(
            json.loads(RepositoryPlaces.of(machine).pilots.read_text())
        )
    except (OSError, ValueError, KeyError):
        return None


def _hindrances(machine: Machine, trial: Trial) -> list[str]:
    pilots = read_answers(machine.answers_file).updates.pilots
    return hindrances(trial, pilots, pilots_now(machine), datetime.now(UTC))


def _note_trial(machine: Machine, packages: list[Package], now: datetime) -> None:
    versions = [each.version for each in packages if each.name == KIOSK]
    if versions:
        trial = Trial(versions[-1], now)
        text = json.dumps(trial.as_json()) + "\n"
        write_private(RepositoryPlaces.of(machine).pilots, text.encode())


def _store(machine: Machine) -> Store:
    places = RepositoryPlaces.of(machine)
    if not places.configuration.exists():
        raise RepositoryError("there is no repository yet: run guichet-server install")
    return Store(places, machine.programs)


def _described(machine: Machine, file: Path) -> Package:
    said = machine.programs.run(
        *(
            "dpkg-deb",
            "--show",
            "--showformat",
            "${Package}\n${Version}\n${Architecture}",
        ),
        str(file),
    )
    package = Package(*said.split("\n"))
    if package.name not in GIVEN_OUT:
        raise RepositoryError(
            f"{file.name} is {package.name}: kiosks are given {' and '.join(GIVEN_OUT)}"
            " alone. The server's own packages are installed with apt"
        )
    return package
