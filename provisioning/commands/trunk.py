# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision trunk`: the telephone line by which counsellors have somebody called."""

import os
import tomllib
from pathlib import Path
from typing import Any

import click

from provisioning.asterisk.certificates import write_private
from provisioning.asterisk.layout import SiteLayout
from provisioning.asterisk.site_settings import settings_text
from provisioning.asterisk.trunk import (
    PORTS,
    SIP_FILE,
    SYSTEM_AUTHORITIES,
    TrunkError,
    TrunkOptions,
    remove_trunk,
    trunk_settings,
    write_trunk,
)
from provisioning.commands.context import dry_run_option, json_option, print_json

AFTERWARDS = (
    "restart Asterisk once nobody is in a call, then the dispatcher and the pages: they"
    " take it up as they start"
)
AFTERWARDS_HERE = (
    "then: guichet-server upgrade (it restarts pages and dispatcher, and Asterisk once"
    " nobody is in a call)"
)
site_option = click.option(
    "--site",
    "directory",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="The folder of a site; else the server that is installed here.",
)


@click.group()
def trunk() -> None:
    """Have, or give up, a telephone line: an operator's SIP trunk, or the town hall's."""


@trunk.command("add")
@click.argument("host")
@click.option(
    "--caller-number", required=True, help="What whoever is called sees: 0323000000."
)
@click.option("--user", default="", help="The account's name; none: known by address.")
@click.option(
    "--secret-file",
    type=click.File(encoding="utf-8"),
    help="Where its password stands (- : standard input); else it is asked for.",
)
@click.option(
    "--transport",
    type=click.Choice(tuple(PORTS)),
    default="tls",
    show_default=True,
    help="TLS wherever the operator offers it.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The operator's; else the usual one.",
)
@click.option(
    "--srtp",
    "encrypts_media",
    is_flag=True,
    help="The sound is encrypted too.",
)
@click.option(
    "--authorities",
    type=click.Path(dir_okay=False, exists=True, resolve_path=True, path_type=Path),
    default=SYSTEM_AUTHORITIES,
    show_default=True,
    help="Who vouches for the operator's certificate.",
)
@click.option("--register", "registers", is_flag=True, help="The operator wants it.")
@click.option(
    "--user-in-from",
    "from_user",
    is_flag=True,
    help="From names the account; the number goes in P-Asserted-Identity.",
)
@click.option("--bind", default="0.0.0.0", show_default=True, help="Our own address.")
@click.option(
    "--local-port",
    type=click.IntRange(1, 65535),
    default=5070,
    show_default=True,
    help="Our own port; it needs no hole in the firewall.",
)
@click.option(
    "--dials",
    type=click.Choice(("national", "international")),
    default="national",
    show_default=True,
    help="0612345678 or +33612345678.",
)
@click.option("--exit-digits", default="", help="Before an outside number, often 0.")
@click.option(
    "--prefix",
    "prefixes",
    multiple=True,
    help="A country that may be called besides France: +262.",
)
@click.option(
    "--calls-an-hour",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="How many numbers each organisation may have called.",
)
@site_option
@dry_run_option
@json_option
def add(
    directory: Path | None,
    secret_file: Any,
    dry_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Have calls to outside numbers go to the operator HOST.

    Nobody calls in by it. Run it again to change anything; the password is never printed.
    """
    layout = _layout(directory)
    options["secret"] = _secret(options["user"], secret_file)
    try:
        wanted = TrunkOptions(**options)
        changed = write_trunk(layout, wanted, dry_run=dry_run)
    except TrunkError as error:
        raise click.UsageError(str(error)) from error
    changed += _write_settings(layout, trunk_settings(wanted), dry_run)
    _tell(changed, directory, dry_run, as_json)


@trunk.command("remove")
@site_option
@dry_run_option
@json_option
def remove(directory: Path | None, dry_run: bool, as_json: bool) -> None:
    """Give the line up: nobody can be called any more."""
    layout = _layout(directory)
    gone = remove_trunk(layout, dry_run=dry_run)
    gone += _write_settings(layout, trunk_settings(None), dry_run)
    _tell(gone, directory, dry_run, as_json)


@trunk.command("show")
@site_option
@json_option
def show(directory: Path | None, as_json: bool) -> None:
    """Say what line there is; its password is not shown."""
    layout = _layout(directory)
    known = tomllib.loads(layout.settings.read_text(encoding="utf-8"))
    found = {key: known[key] for key in trunk_settings(None) if key in known}
    file = layout.etc / SIP_FILE
    if file.exists():
        lines = file.read_text(encoding="utf-8").splitlines()
        contacts = [each for each in lines if each.startswith("contact = ")]
        found["operator"] = contacts[0].removeprefix("contact = ").replace("\\", "")
    if as_json:
        print_json(found)
        return
    for key, value in found.items():
        click.echo(f"{key.removeprefix('trunk_')}: {value}")
    if not found:
        click.echo("there is no telephone line: guichet-provision trunk add")


def _layout(directory: Path | None) -> SiteLayout:
    layout = SiteLayout.single(directory) if directory else SiteLayout.machine()
    if not layout.settings.exists():
        raise click.UsageError(
            f"there is no site ({layout.settings}): give --site, or install it first"
        )
    if not os.access(layout.etc, os.R_OK | os.W_OK):
        raise click.ClickException(f"{layout.etc} is not yours: run it as root")
    return layout


def _secret(user: str, file: Any) -> str:
    if not user:
        return ""
    if file is not None:
        return str(file.read()).strip()
    return str(click.prompt("password", hide_input=True, err=True))


def _write_settings(
    layout: SiteLayout, chosen: dict[str, Any], dry_run: bool
) -> list[Path]:
    text = layout.settings.read_text(encoding="utf-8")
    known = {**tomllib.loads(text), **chosen}
    wanted = settings_text({k: v for k, v in known.items() if v is not None})
    if wanted == text:
        return []
    if not dry_run:
        write_private(layout.settings, wanted.encode())
    return [layout.settings]


def _tell(
    changed: list[Path], directory: Path | None, dry_run: bool, as_json: bool
) -> None:
    if as_json:
        files = [str(path) for path in changed]
        print_json({"dry_run": dry_run, "changed": files})
    else:
        for path in changed:
            click.echo(path)
    if changed and not dry_run:
        click.echo(AFTERWARDS if directory else AFTERWARDS_HERE, err=True)
