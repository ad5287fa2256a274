# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-server publish`, `promote`, `withdraw`, `packages`: which version kiosks get."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from provisioning.commands.context import json_option, print_json
from provisioning.server.lock import one_at_a_time
from provisioning.server.looking import installed_answers, require_root
from provisioning.server.machine import Machine
from provisioning.server.repository.errors import RepositoryError
from provisioning.server.repository.given_out import package_in, version_of
from provisioning.server.repository.pilots import pilots_now
from provisioning.server.repository.places import RepositoryPlaces
from provisioning.server.repository.rings import Rings, Trial, hindrances
from provisioning.server.repository.rings_file import (
    is_newer,
    read_rings,
    write_rings,
)
from provisioning.server.repository.store import STABLE, SUITES, Package, Store


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@json_option
def publish(files: tuple[Path, ...], as_json: bool) -> None:
    """Give a version of guichet-kiosk (.deb) to the pilots, and then to all kiosks.

    The pilots take it the next night; `promote`, each evening, gives it to all once the
    pilots' self-tests are green.
    """
    require_root()
    machine = Machine()
    packages = [package_in(machine.programs, file) for file in files]
    version = version_of(packages)
    pilots = installed_answers(machine).updates.pilots
    with one_at_a_time("guichet-server publish"):
        rings = _publish(machine, files, packages, version)
    if as_json:
        print_json(rings.as_json())
    elif rings.trial is None:
        click.echo(f"{version} is published to all kiosks already.")
    elif not pilots:
        click.echo(f"{version} is published, but no kiosk is a pilot:")
        click.echo("name some in [updates] of /etc/guichet/server.toml, then run")
        click.echo("guichet-server install; or guichet-server promote --now")
    else:
        click.echo(f"{version} is for {', '.join(pilots)} tonight,")
        click.echo("and for all kiosks once these have tried it.")


@click.command()
@click.option("--now", "at_once", is_flag=True, help="Whatever the pilots say.")
@json_option
def promote(at_once: bool, as_json: bool) -> None:
    """Give to all kiosks what the pilots have tried; the timer does so each evening.

    What is given out is signed anew: kiosks take no list that is older than a week.
    Says what is missing where it is too early; that is no failure.
    """
    require_root()
    machine = Machine()
    with one_at_a_time("guichet-server promote"):
        store, trial = _store(machine), read_rings(machine).trial
        why = [] if at_once or trial is None else _hindrances(machine, trial)
        has_promoted = trial is not None and not why
        if trial is not None and has_promoted:
            store.promote(trial.version)
            write_rings(machine, store, None)
        # Each evening: kiosks believe no list that was signed more than a week ago.
        store.sign_again()
    if as_json:
        version = trial.version if trial else None
        print_json({"version": version, "promoted": has_promoted, "waits_for": why})
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
@json_option
def withdraw(version: str, as_json: bool) -> None:
    """Give VERSION to nobody any more; kiosks that have it keep it until a newer one."""
    require_root()
    machine = Machine()
    with one_at_a_time("guichet-server withdraw"):
        store, trial = _store(machine), read_rings(machine).trial
        known = {each.version for suite in SUITES for each in store.packages(suite)}
        is_tried = trial is not None and trial.version == version
        if version not in known and not is_tried:
            raise RepositoryError(
                f"there is no version {version}: guichet-server packages names them"
            )
        store.withdraw(version)
        rings = write_rings(machine, store, None if is_tried else trial)
    if as_json:
        print_json(rings.as_json())
    else:
        click.echo(f"{version} is given to nobody any more.")


@click.command("packages")
@json_option
def list_packages(as_json: bool) -> None:
    """Show what pilots and the other kiosks are given."""
    require_root()
    machine = Machine()
    store, rings = _store(machine), read_rings(machine)
    told = {
        suite: [
            {"name": e.name, "version": e.version, "architecture": e.architecture}
            for e in sorted(store.packages(suite))
        ]
        for suite in SUITES
    }
    if as_json:
        print_json(told | {"trial": rings.as_json()["trial"]})
        return
    for suite, packages in told.items():
        for package in packages:
            click.echo(f"{suite:7} {' '.join(package.values())}")


def _publish(
    machine: Machine, files: Sequence[Path], packages: Sequence[Package], version: str
) -> Rings:
    store, rings = _store(machine), read_rings(machine)
    if rings.pilot and is_newer(machine.programs, rings.pilot, version):
        raise RepositoryError(
            f"{version} is older than {rings.pilot}, which was published: kiosks take"
            f" newer ones alone. Give it a higher number, or first: guichet-server"
            f" withdraw {rings.pilot}"
        )
    store.add(files)
    trial = rings.trial if rings.trial and rings.trial.version == version else None
    if set(packages) - set(store.packages(STABLE)):
        trial = trial or Trial(version, datetime.now(UTC))
    return write_rings(machine, store, trial)


def _hindrances(machine: Machine, trial: Trial) -> list[str]:
    updates = installed_answers(machine).updates
    return hindrances(
        trial,
        timedelta(hours=updates.trial_hours),
        updates.pilots,
        pilots_now(machine),
        datetime.now(UTC),
    )


def _store(machine: Machine) -> Store:
    places = RepositoryPlaces.of(machine)
    if not places.configuration.exists():
        raise RepositoryError("there is no repository yet: run guichet-server install")
    return Store(places, machine.programs)
