# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision enrolment-code` and `enrolment-file`: how a machine becomes a kiosk."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from provisioning.bundles.enrolment_file import (
    FILE_SUFFIX,
    RepositoryFiles,
    SiteFiles,
    enrolment_at,
    file_of,
)
from provisioning.bundles.staged_files import staged_files
from provisioning.commands.context import (
    CommandContext,
    dry_run_option,
    json_option,
    print_json,
)
from provisioning.commands.delivery import FILE, AccessOptions, access_options
from provisioning.commands.options import hours_option, web_url_option
from provisioning.commands.would_do import say_what_would_be
from provisioning.directory.enrolment import CODE_LASTS
from provisioning.directory.enrolment_codes import new_enrolment_code
from provisioning.directory.errors import DirectoryError
from provisioning.directory.machine_access import MachineAccess
from provisioning.directory.service import Outcome
from provisioning.inventory.plan import Kind

Command = TypeVar("Command", bound=Callable[..., Any])


def kiosks_options(command: Command) -> Command:
    """Add the kiosks that a command makes codes for: those named, or all without a machine."""
    for option in (
        click.option(
            "--without-machine",
            is_flag=True,
            help="For every kiosk that no machine has become yet.",
        ),
        click.argument("slugs", metavar="[KIOSK]...", nargs=-1),
    ):
        command = option(command)
    return command


def kiosks_meant(
    context: CommandContext, slugs: tuple[str, ...], without_machine: bool
) -> list[str]:
    """Name the kiosks that are meant, each once. Raises UsageError, DirectoryError."""
    if bool(slugs) == without_machine:
        raise click.UsageError("which kiosks? Name them, or give --without-machine")
    if slugs:
        return list(dict.fromkeys(slugs))
    with context.database() as database:
        meant = MachineAccess(database).without_machine()
    if not meant:
        raise DirectoryError("each kiosk has its machine already; name those you mean")
    return meant


def typed_on_the_kiosk(web_url: str | None, code: str) -> str:
    """Give the command by which a machine becomes the kiosk of this code."""
    host = urlsplit(web_url).netloc if web_url else ""
    return f"guichet-kiosk enrol {host or 'HOST'} {code}"


@click.command("enrolment-code")
@kiosks_options
@hours_option(CODE_LASTS)
@web_url_option
@dry_run_option
@json_option
@click.pass_obj
def enrolment_code(
    context: CommandContext,
    /,
    slugs: tuple[str, ...],
    without_machine: bool,
    hours: int,
    web_url: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Print a code by which one machine becomes KIOSK, once; a former code ends.

    Type it there: guichet-kiosk enrol HOST CODE. The machine that is this kiosk now stays
    until then, and is shut out as the new one comes in. --json: one object a line.
    """
    meant = kiosks_meant(context, slugs, without_machine)
    if dry_run:
        act = "make a code for"
        say_what_would_be(context, act, meant, (Kind.KIOSK,), as_json)
        return
    ends_at = datetime.now(UTC) + timedelta(hours=hours)
    codes = {slug: new_enrolment_code() for slug in meant}
    with context.database() as database:
        MachineAccess(database).open_codes(codes, ends_at)
    until = ends_at.isoformat(timespec="seconds")
    for slug, code in codes.items():
        command = typed_on_the_kiosk(web_url, code)
        if as_json:
            told = {"kiosk": slug, "code": code, "hours": hours, "ends_at": until}
            print_json({**told, "command": command})
            continue
        if len(codes) > 1:
            click.echo(f"{slug}:")
        click.echo(f"code: {code}")
        click.echo(f"good until: {until}")
        click.echo(f"type on the kiosk, as root: {command}")


@click.command("enrolment-file")
@click.argument("slug", metavar="KIOSK")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Folder to write KIOSK.guichet into.  [default: this one]",
)
@click.option(
    "--web-ca",
    envvar="GUICHET_WEB_CA_FILE",
    type=FILE,
    help="Authority of the pages' certificate; none: every browser knows it.",
)
@click.option(
    "--language",
    envvar="GUICHET_KIOSK_LANGUAGE",
    default="fr",
    show_default=True,
    help="In which language the kiosk speaks at first.",
)
@click.option(
    "--repository-uri",
    envvar="GUICHET_REPOSITORY_URI",
    help="Where the kiosk takes its packages from.",
)
@click.option(
    "--repository-suite",
    envvar="GUICHET_REPOSITORY_SUITE",
    default="stable",
    show_default=True,
    help="The suite of that repository.",
)
@click.option(
    "--repository-key",
    envvar="GUICHET_REPOSITORY_KEY_FILE",
    type=FILE,
    help="The key of that repository's signature.",
)
@click.option(
    "--repository-pilots",
    envvar="GUICHET_REPOSITORY_PILOTS",
    default="",
    help="Kiosks whose suite is `pilot`, between blanks.",
)
@access_options
@dry_run_option
@json_option
@click.pass_obj
def enrolment_file(
    context: CommandContext,
    /,
    slug: str,
    output: Path,
    web_ca: Path | None,
    language: str,
    repository_uri: str | None,
    repository_suite: str,
    repository_key: Path | None,
    repository_pilots: str,
    dry_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Write KIOSK.guichet, all that a machine without a line needs to be KIOSK.

    The machine that is this kiosk now is shut out at once. The file holds secrets: carry
    it there, then delete it. On the kiosk: guichet-kiosk enrol --file KIOSK.guichet
    """
    repository = None
    if repository_uri and repository_key:
        pilots = frozenset(repository_pilots.split())
        repository = RepositoryFiles(
            repository_uri, repository_suite, repository_key, pilots
        )
    site = _site(AccessOptions(**options), web_ca, language, repository)
    if dry_run:
        act = "write new secrets into a file for"
        say_what_would_be(context, act, [slug], (Kind.KIOSK,), as_json)
        return
    write, path = enrolment_at(site), output / f"{slug}{FILE_SUFFIX}"
    with context.database() as database, staged_files() as files:

        def deliver(outcome: Outcome) -> None:
            [secret] = outcome.sip_secrets
            content = file_of(write(secret, outcome.directory))
            files.add(path, content.encode())

        MachineAccess(database).carry(slug, deliver)
        files.publish()
    if as_json:
        print_json({"kiosk": slug, "file": str(path)})
    else:
        click.echo(f"written: {path}")


def _site(
    options: AccessOptions,
    web_ca: Path | None,
    language: str,
    repository: RepositoryFiles | None,
) -> SiteFiles:
    access = options.access()
    if access.ca is None:
        raise click.UsageError(
            "a kiosk must know the authority of Asterisk's certificate: give --sip-ca or"
            " set GUICHET_SIP_CA_FILE"
        )
    if not access.web_url:
        raise DirectoryError(
            "a kiosk must know the web application: give --web-url or set GUICHET_WEB_URL"
        )
    return SiteFiles(access, access.ca, web_ca, language, repository)
