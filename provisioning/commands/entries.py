# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision add-...` and `remove`: one entry at a time, without a file.

Each `add-` goes through the inventory's own rules, so both ways give the same entry and
the same complaints.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from provisioning.commands.context import (
    CommandContext,
    carry_out,
    dry_run_option,
    json_option,
)
from provisioning.commands.delivery import (
    AccessOptions,
    access_options,
    secrets_dir_option,
)
from provisioning.database.models import DEFAULT_TIME_ZONE, InterpreterKind, UserRole
from provisioning.directory.entries import Rows, addition_of
from provisioning.directory.service import removal_of
from provisioning.inventory.plan import Kind

Command = TypeVar("Command", bound=Callable[..., Any])
in_clear_option = click.option(
    "--in-clear",
    is_flag=True,
    help="With --softphone: it may come without TLS and SRTP.",
)

browser_option = click.option(
    "--browser",
    is_flag=True,
    help="A page of the site, for who may install nothing; needs an account, no secret.",
)


def add_options(command: Command) -> Command:
    """Add the options that every `add-` command has."""
    for option in (json_option, dry_run_option):
        command = option(command)
    return command


def delivery_options(command: Command) -> Command:
    """Add the options of a command that makes secrets."""
    return secrets_dir_option(access_options(add_options(command)))


@click.command("add-relay")
@click.argument("slug")
@click.option("--name", required=True, help="As residents and secretaries read it.")
@click.option("--commune", required=True, help="Where it is.")
@click.option("--address", help="Street and number, for the slip.")
@click.option("--time-zone", help=f"[default: {DEFAULT_TIME_ZONE}]")
@click.option("--latitude", type=float, help="In degrees; for distances.")
@click.option("--longitude", type=float, help="In degrees, east positive.")
@click.option("--telephone", help="Of the town hall.")
@click.option("--room", help="Where in the building the kiosk stands.")
@add_options
@click.pass_obj
def add_relay(
    context: CommandContext, /, dry_run: bool, as_json: bool, **row: Any
) -> None:
    """Add a relay: the room of a commune that houses a kiosk."""
    _add(context, {Kind.RELAY: [row]}, dry_run=dry_run, as_json=as_json)


@click.command("add-kiosk")
@click.argument("slug")
@click.option("--relay", required=True, help="Slug of the relay where it stands.")
@delivery_options
@click.pass_obj
def add_kiosk(
    context: CommandContext, /, slug: str, relay: str, **options: Any
) -> None:
    """Add a kiosk, with its telephone and its token; SLUG begins with "kiosk-"."""
    _add(context, {Kind.KIOSK: [{"slug": slug, "relay": relay}]}, **options)


@click.command("add-organisation")
@click.argument("slug")
@click.option("--name", required=True, help="As residents read it.")
@click.option("--short-name", help="For narrow places.  [default: the name]")
@click.option("--abandon-after-seconds", type=int, help="[default: 300]")
@click.option("--appointment-minutes", type=int, help="[default: 30]")
@click.option("--telephone", help="Whom to call where there is no appointment.")
@click.option(
    "--time-zone", help=f"Of its opening hours.  [default: {DEFAULT_TIME_ZONE}]"
)
@click.option(
    "--interprets",
    type=click.Choice([str(kind) for kind in InterpreterKind]),
    help="A service of interpreters: it joins the appointments of others.",
)
@click.option(
    "--wrap-up-seconds",
    type=int,
    help="How long counsellors are not rung after a call.  [default: 120]",
)
@click.option(
    "--missed-rings-allowed",
    type=int,
    help="After so many in a row a counsellor is paused; 0: never.  [default: 3]",
)
@click.option(
    "--counter",
    "counters",
    multiple=True,
    help="Name of a counter; several may be given.",
)
@click.option(
    "--counsellor",
    "counsellors",
    multiple=True,
    help="Name of a counsellor; several may be given.",
)
@click.option("--softphone", is_flag=True, help="The counsellors use any softphone.")
@in_clear_option
@browser_option
@delivery_options
@click.pass_obj
def add_organisation(
    context: CommandContext,
    /,
    slug: str,
    counters: tuple[str, ...],
    counsellors: tuple[str, ...],
    softphone: bool,
    in_clear: bool,
    browser: bool,
    name: str,
    short_name: str | None,
    abandon_after_seconds: int | None,
    appointment_minutes: int | None,
    telephone: str | None,
    time_zone: str | None,
    interprets: str | None,
    wrap_up_seconds: int | None,
    missed_rings_allowed: int | None,
    **options: Any,
) -> None:
    """Add an organisation with its queue, its counters and its counsellors.

    They get slugs by number: SLUG-1 for a counter, counsellor-SLUG-1 for a counsellor.
    Without --counter there is one, "Guichet 1".
    """
    rows: Rows = {
        Kind.ORGANISATION: [
            {
                "slug": slug,
                "name": name,
                "short_name": short_name,
                "abandon_after_seconds": abandon_after_seconds,
                "appointment_minutes": appointment_minutes,
                "telephone": telephone,
                "time_zone": time_zone,
                "interprets": interprets,
                "wrap_up_seconds": wrap_up_seconds,
                "missed_rings_allowed": missed_rings_allowed,
            }
        ],
        Kind.COUNTER: [
            {"slug": f"{slug}-{number}", "name": counter, "organisation": slug}
            for number, counter in enumerate(counters or ("Guichet 1",), 1)
        ],
        Kind.COUNSELLOR: [
            {
                "slug": f"counsellor-{slug}-{number}",
                "name": counsellor,
                "organisation": slug,
                "softphone": softphone,
                "in_clear": in_clear,
                "browser": browser,
            }
            for number, counsellor in enumerate(counsellors, 1)
        ],
    }
    _add(context, rows, **options)


@click.command("add-counter")
@click.argument("slug")
@click.option("--name", required=True, help="As managers read it.")
@click.option("--organisation", required=True, help="Slug of the organisation.")
@add_options
@click.pass_obj
def add_counter(
    context: CommandContext, /, dry_run: bool, as_json: bool, **row: Any
) -> None:
    """Add a counter: a bookable line of an organisation."""
    _add(context, {Kind.COUNTER: [row]}, dry_run=dry_run, as_json=as_json)


@click.command("add-reason")
@click.argument("slug")
@click.option("--organisation", required=True, help="Slug of the organisation.")
@click.option("--name", required=True, help="As secretaries and residents read it.")
@click.option("--pictogram", help="An icon of bootstrap-icons, such as car-front.")
@click.option("--minutes", type=int, help="[default: the organisation's]")
@click.option("--position", type=int, help="Smaller comes first.  [default: 0]")
@click.option(
    "--paper", "papers", multiple=True, help="A paper to bring; several may be given."
)
@add_options
@click.pass_obj
def add_reason(
    context: CommandContext,
    /,
    papers: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    **row: Any,
) -> None:
    """Add a reason for which residents come, with the papers to bring."""
    rows: Rows = {Kind.REASON: [{**row, "papers": list(papers)}]}
    _add(context, rows, dry_run=dry_run, as_json=as_json)


@click.command("add-counsellor")
@click.argument("slug")
@click.option("--name", required=True, help="As colleagues read it.")
@click.option("--organisation", required=True, help="Slug of the organisation.")
@click.option("--softphone", is_flag=True, help="Any softphone, not our own program.")
@in_clear_option
@browser_option
@delivery_options
@click.pass_obj
def add_counsellor(
    context: CommandContext,
    /,
    slug: str,
    name: str,
    organisation: str,
    softphone: bool,
    in_clear: bool,
    browser: bool,
    **options: Any,
) -> None:
    """Add a counsellor to an organisation's queue; SLUG begins with "counsellor-"."""
    row = {
        "slug": slug,
        "name": name,
        "organisation": organisation,
        "softphone": softphone,
        "in_clear": in_clear,
        "browser": browser,
    }
    _add(context, {Kind.COUNSELLOR: [row]}, **options)


@click.command("add-user")
@click.argument("email")
@click.option("--name", required=True, help="Of the person or the office.")
@click.option(
    "--role",
    required=True,
    type=click.Choice([str(role) for role in UserRole]),
    help="What the person may do.",
)
@click.option("--relay", help="Slug of a secretary's relay.")
@click.option(
    "--organisation", help="Slug of a manager's or counsellor's organisation."
)
@click.option("--counsellor", help="Slug of the telephone that a counsellor answers.")
@secrets_dir_option
@add_options
@click.pass_obj
def add_user(
    context: CommandContext,
    /,
    secrets_dir: Path | None,
    dry_run: bool,
    as_json: bool,
    **row: Any,
) -> None:
    """Add a person who signs in to the web application."""
    rows: Rows = {Kind.USER: [row]}
    _add(context, rows, secrets_dir=secrets_dir, dry_run=dry_run, as_json=as_json)


@click.command("remove")
@click.argument("slugs", metavar="SLUG...", nargs=-1, required=True)
@add_options
@click.pass_obj
def remove(
    context: CommandContext, /, slugs: tuple[str, ...], dry_run: bool, as_json: bool
) -> None:
    """Remove entries (an e-mail for a user), all of them or none.

    Refused while other entries or appointments refer to one of them.
    """
    carry_out(context, removal_of(list(slugs)), dry_run=dry_run, as_json=as_json)


def _add(
    context: CommandContext,
    rows: Rows,
    *,
    dry_run: bool,
    as_json: bool,
    secrets_dir: Path | None = None,
    **access: Any,
) -> None:
    carry_out(
        context,
        addition_of(rows),
        dry_run=dry_run,
        as_json=as_json,
        secrets_dir=secrets_dir,
        options=AccessOptions(**access),
    )
