# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line of `script/hosts`."""

import json
import os
import re
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from stage.hosts.archives import fetch as fetch_archives
from stage.hosts.check import FAULTS, check
from stage.hosts.cut_grounds import small_ground, village_ground
from stage.hosts.cuts import pull_plugs
from stage.hosts.faults.enduring import endure_each
from stage.hosts.faults.registry import FAULTS as FAULTS_OF_MACHINES
from stage.hosts.hardware import screens
from stage.hosts.host_set import HOSTS, HostSet, names_of_sets, passing_name
from stage.hosts.installing import VillageInstallation
from stage.hosts.packages import build_packages, packages_in
from stage.hosts.told_story import tell_story
from stage.hosts.whole import NotWhole

_set_option = click.option(
    "--set", "name", default="hand", show_default=True, help="Which set of hosts."
)


class _Hosts(click.Group):
    """Commands whose known faults are one sentence and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (*FAULTS, NotWhole) as error:
            raise click.ClickException(str(error)) from error


@click.group(
    cls=_Hosts,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--check", "is_check", is_flag=True, help="Install, and live the story.")
@click.option("--json", "as_json", is_flag=True, help="With --check: the result last.")
@click.pass_context
def main(context: click.Context, is_check: bool, as_json: bool) -> None:
    """Bare Debian machines on this one, each with a systemd of its own.

    They see each other (203.0.113.0/24, by name) and nothing else. See docs/hosts.md.
    """
    if context.invoked_subcommand is not None:
        return
    if not is_check:
        raise click.UsageError("give a command, or --check")
    result = check(passing_name("check"), _tell)
    if result.problem:
        click.echo(f"FAILED: {result.problem}", err=True)
    if as_json:
        click.echo(json.dumps(result.as_json(), ensure_ascii=False))
    sys.exit(0 if result.as_json()["ok"] else 1)


@main.command()
@_set_option
@click.option(
    "--packages",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Install what lies there, such as dist; else the packages are built.",
)
def install(name: str, folder: Path | None) -> None:
    """Make a set with a server, a kiosk and a counsellor, installed, and keep it."""
    packages = packages_in(folder) if folder else build_packages()
    made = HostSet.make(name, is_kept=True)
    installation = VillageInstallation(made, packages, _tell)
    installation.install()
    efforts = installation.efforts.items()
    click.echo(json.dumps({each: effort.as_json() for each, effort in efforts}))


@main.command()
@click.option("--count", default=50, show_default=True, help="How many plugs.")
@click.option("--seed", default=1, show_default=True, help="Which moments.")
@click.option(
    "--set",
    "name",
    help="The kiosk of this installed set, to which its server offers a newer version;"
    " else a small one, in a set that is made for it.",
)
@click.option(
    "--worse", "is_worse", is_flag=True, help="The small kiosk's version is put back."
)
def cuts(count: int, seed: int, name: str | None, is_worse: bool) -> None:
    """Pull a kiosk's plug at COUNT moments of an update, and see it answer after each."""
    made = HostSet.find(name) if name else HostSet.make(passing_name("cuts"))
    try:
        ground = village_ground(made) if name else small_ground(made, is_worse=is_worse)
        pulled = pull_plugs(ground, count, seed, _tell)
    finally:
        if not name:
            made.remove()
    click.echo(json.dumps([asdict(cut) for cut in pulled]))


@main.command()
@_set_option
def story(name: str) -> None:
    """Live the story on a set that was installed."""
    told = tell_story(HostSet.find(name))
    for at_ms, text in told.get("timeline", ()):
        _tell(f"{at_ms:7d} ms  {text}")
    click.echo(json.dumps(told, ensure_ascii=False))
    sys.exit(1 if told["problem"] else 0)


@main.command()
@_set_option
@click.argument("hosts", nargs=-1)
def up(name: str, hosts: tuple[str, ...]) -> None:
    """Boot bare HOSTS (server, kiosk, counsellor) and keep them until `down`."""
    if name in names_of_sets():
        made = HostSet.find(name)
    else:
        made = HostSet.make(name, is_kept=True)
    for each in hosts or HOSTS:
        state = made.add(each).boot()
        click.echo(f"{each}: {made.network.address(made.number(each))}, {state}")


@main.command()
@_set_option
def down(name: str) -> None:
    """Pull every plug of a set and leave nothing of it."""
    HostSet.find(name).remove()


@main.command("list")
def list_sets() -> None:
    """List the sets that are there and their hosts."""
    for name in names_of_sets():
        found = HostSet.find(name)
        for each in found.hosts:
            address = found.network.address(found.number(each))
            state = "up" if found.host(each).is_up else "off"
            click.echo(f"{name}  {each}  {address}  {state}")


@main.command(context_settings={"ignore_unknown_options": True})
@_set_option
@click.argument("host")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(name: str, host: str, command: tuple[str, ...]) -> None:
    """Run a command on HOST as its root: script/hosts run kiosk -- systemctl status."""
    enter = HostSet.find(name).host(host).enter()
    os.execvp(enter[0], [*enter, *command])


@main.command()
@_set_option
@click.argument("host")
def shell(name: str, host: str) -> None:
    """Open a shell on HOST as its root."""
    enter = HostSet.find(name).host(host).enter()
    os.execvp(enter[0], [*enter, "bash", "--login"])


@main.command()
@_set_option
@click.argument("host")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", "directory", default="/root", show_default=True)
def put(name: str, host: str, files: tuple[Path, ...], directory: str) -> None:
    """Copy FILES of this machine into a folder of HOST."""
    HostSet.find(name).host(host).put(files, directory)


@main.command()
@_set_option
@click.argument("host")
@click.argument("packages", nargs=-1, type=click.Path(path_type=Path, exists=True))
def fetch(name: str, host: str, packages: tuple[Path, ...]) -> None:
    """Hand HOST what its apt would download to install PACKAGES."""
    found = HostSet.find(name)
    # apt takes what has no slash at its head for the name of a package.
    files = [each.absolute() for each in packages]
    fetched = fetch_archives(found.host(host), files, found.folder / host)
    click.echo(f"{fetched.packages} packages, {fetched.bytes / 1e6:.0f} MB")


@main.command()
@_set_option
@click.argument("host")
@click.argument("path")
def get(name: str, host: str, path: str) -> None:
    """Write a file of HOST to standard output."""
    sys.stdout.buffer.write(HostSet.find(name).host(host).read(path))


@main.command()
@_set_option
@click.option(
    "--part",
    help="K/N: that part of all faults, on a set that is made for them and is gone then.",
)
@click.argument("names", nargs=-1, type=click.Choice([*FAULTS_OF_MACHINES]))
def fault(name: str, part: str | None, names: tuple[str, ...]) -> None:
    """Have each of these FAULTS (or all) on a set that was installed, and see it well after.

    Each happens to the hosts as they are now, which is what they are at the end.
    """
    if part is not None and names:
        raise click.UsageError("name the faults, or the part of them")
    wanted = part_of([*FAULTS_OF_MACHINES], part) if part else names
    hosts = _installed_for_faults() if part else HostSet.find(name)
    is_well = True
    try:
        for each in endure_each(hosts, wanted or tuple(FAULTS_OF_MACHINES), _tell):
            click.echo(json.dumps(asdict(each), ensure_ascii=False))
            is_well = is_well and each.problem is None
    finally:
        if part:
            hosts.remove()
    sys.exit(0 if is_well else 1)


def _installed_for_faults() -> HostSet:
    hosts = HostSet.make(passing_name("faults"))
    try:
        VillageInstallation(hosts, build_packages(), _tell).install()
    except BaseException:
        hosts.remove()
        raise
    return hosts


def part_of(all_of_them: Sequence[str], part: str) -> tuple[str, ...]:
    """Give the names of part K of N, "2/3", as many in each; raises UsageError."""
    told = re.fullmatch(r"([1-9]\d?)/([1-9]\d?)", part)
    number, count = (int(each) for each in told.groups()) if told else (1, 0)
    if not 1 <= number <= count <= len(all_of_them):
        raise click.UsageError("--part is K/N, such as 2/3")
    size = len(all_of_them)
    start, end = (size * (number - 1) // count, size * number // count)
    return tuple(all_of_them[start:end])


@main.command("screens")
@_set_option
@click.option(
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default="this one",
)
def take_screens(name: str, folder: Path) -> None:
    """Take a picture of each of the kiosk's screens."""
    folder.mkdir(parents=True, exist_ok=True)
    for output, picture in screens(HostSet.find(name).host("kiosk")).items():
        (folder / f"{output}.png").write_bytes(picture)
        click.echo(folder / f"{output}.png")


@main.command()
@_set_option
@click.argument("host")
def pull(name: str, host: str) -> None:
    """Pull HOST's plug: everything on it ends at once; what it wrote stays."""
    HostSet.find(name).host(host).pull_plug()


@main.command()
@_set_option
@click.argument("host")
def off(name: str, host: str) -> None:
    """Switch HOST off in order."""
    HostSet.find(name).host(host).shut_down()


@main.command()
@_set_option
@click.argument("host")
def boot(name: str, host: str) -> None:
    """Switch HOST on again with what it wrote before."""
    click.echo(HostSet.find(name).host(host).boot())


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _end(_number: int, _frame: object) -> None:
    raise SystemExit(143)


if __name__ == "__main__":
    # Whoever ends it by a signal, what it made is given back.
    signal.signal(signal.SIGTERM, _end)
    main()
