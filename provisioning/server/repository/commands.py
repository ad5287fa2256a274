# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-server publish`, `promote`, `withdraw`, `packages`: who gets which version."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from provisioning.commands.context import json_option, print_json
from provisioning.server.answers import Answers
from provisioning.server.lock import one_at_a_time
from provisioning.server.looking import installed_answers, require_root
from provisioning.server.machine import Machine
from provisioning.server.repository.errors import RepositoryError
from provisioning.server.repository.given_out import (
    ASTERISK,
    COUNSELLOR,
    KIOSK,
    SERVER,
    package_in,
    versions_of,
)
from provisioning.server.repository.pilots import pilots_now
from provisioning.server.repository.places import (
    PATH,
    SOURCES_NAME,
    RepositoryPlaces,
)
from provisioning.server.repository.rings import Rings, Trial, hindrances
from provisioning.server.repository.rings_file import (
    is_newer,
    newest_of,
    read_rings,
    write_rings,
)
from provisioning.server.repository.store import (
    PILOT,
    SITE,
    STABLE,
    SUITES,
    Package,
    Store,
)


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@json_option
def publish(files: tuple[Path, ...], as_json: bool) -> None:
    """Give out a version of our packages (.deb), any of them, in one go.

    guichet-kiosk goes to the pilots, which take it the next night; `promote`, each evening,
    gives it to all once the pilots' self-tests are green. The server's own and the
    counsellors' are for apt upgrade, there.
    """
    require_root()
    machine = Machine()
    named = {file: package_in(machine.programs, file) for file in files}
    versions = versions_of(list(named.values()))
    answers = installed_answers(machine)
    of_site = {name: each for name, each in versions.items() if name != KIOSK}
    with one_at_a_time("guichet-server publish"):
        store = _store(machine)
        store.ensure()
        _refuse_older(machine, store, versions)
        for_site = [file for file, package in named.items() if package.name != KIOSK]
        if for_site:
            store.add(for_site, SITE)
        for_kiosks = {
            f: package for f, package in named.items() if package.name == KIOSK
        }
        rings = _give_to_pilots(machine, store, for_kiosks)
    if as_json:
        print_json(rings.as_json() | {"site": of_site})
        return
    for line in _in_words(versions, rings, answers):
        click.echo(line)


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
        store.ensure()
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
    """Give VERSION to nobody any more; who has it keeps it until a newer one."""
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
    """Show what pilots, the other kiosks, the server and counsellors' PCs are given."""
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


def _refuse_older(machine: Machine, store: Store, versions: Mapping[str, str]) -> None:
    """Raise RepositoryError where something newer was published of one of these."""
    for name, version in versions.items():
        suite = PILOT if name == KIOSK else SITE
        known = [each.version for each in store.packages(suite) if each.name == name]
        newest = newest_of(machine.programs, known)
        if newest and is_newer(machine.programs, newest, version):
            raise RepositoryError(
                f"{name} {version} is older than {newest}, which was published: apt takes"
                " newer ones alone. Give it a higher number, or first: guichet-server"
                f" withdraw {newest}"
            )


def _give_to_pilots(
    machine: Machine, store: Store, packages: Mapping[Path, Package]
) -> Rings:
    trial = read_rings(machine).trial
    if not packages:
        return write_rings(machine, store, trial)
    store.add(list(packages))
    [version] = {package.version for package in packages.values()}
    trial = trial if trial and trial.version == version else None
    if set(packages.values()) - set(store.packages(STABLE)):
        trial = trial or Trial(version, datetime.now(UTC))
    return write_rings(machine, store, trial)


def _in_words(
    versions: Mapping[str, str], rings: Rings, answers: Answers
) -> Iterator[str]:
    pilots, version = answers.updates.pilots, versions.get(KIOSK, "")
    if version and rings.trial is None:
        yield f"{version} is published to all kiosks already."
    elif version and not pilots:
        yield f"{version} is published, but no kiosk is a pilot:"
        yield "name some in [updates] of /etc/guichet/server.toml, then run"
        yield "guichet-server install; or guichet-server promote --now"
    elif version:
        yield f"{version} is for {', '.join(pilots)} tonight,"
        yield "and for all kiosks once these have tried it."
    here = [
        f"{name} {versions[name]}" for name in (SERVER, ASTERISK) if name in versions
    ]
    if here:
        yield f"{' and '.join(here)}: here, by apt update and apt upgrade."
    if COUNSELLOR in versions:
        yield f"{COUNSELLOR} {versions[COUNSELLOR]}: by apt upgrade on each PC that reads"
        yield f"https://{answers.name}{PATH}/{SOURCES_NAME}"


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
