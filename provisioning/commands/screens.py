# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision let-in-screen`: a code for the browser of a kiosk's second screen."""

from datetime import timedelta

import click

from provisioning.bundles.bundle import screen_url
from provisioning.commands.context import (
    CommandContext,
    dry_run_option,
    json_option,
    print_json,
)
from provisioning.directory.errors import UnknownEntry
from provisioning.directory.screen_enrolment import CODE_LASTS
from provisioning.directory.service import kind_of
from provisioning.inventory.plan import Kind


@click.command("let-in-screen")
@click.argument("slug")
@click.option(
    "--hours",
    type=click.IntRange(1, 24 * 90),
    default=int(CODE_LASTS / timedelta(hours=1)),
    show_default=True,
    help="How long the code is good for.",
)
@click.option(
    "--web-url", envvar="GUICHET_WEB_URL", help="Address of the web application."
)
@dry_run_option
@json_option
@click.pass_obj
def let_in_screen(
    context: CommandContext,
    slug: str,
    hours: int,
    web_url: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Print a code that lets one browser be the second screen of the kiosk SLUG, once.

    Type it at /borne/rattacher, or open the address that is printed with --web-url. The
    browser that was let in before is let out as the new one comes in.
    """
    with context.directory() as directory:
        if dry_run:
            _print_dry_run(slug, kind_of(directory.snapshot(), slug), as_json)
            return
        code = directory.let_in_screen(slug, timedelta(hours=hours))
    address = screen_url(web_url or "", code)
    if as_json:
        print_json({"kiosk": slug, "code": code, "hours": hours, "address": address})
        return
    click.echo(f"code: {code}")
    if address:
        click.echo(f"address: {address}")


def _print_dry_run(slug: str, kind: Kind, as_json: bool) -> None:
    if kind is not Kind.KIOSK:
        raise UnknownEntry(slug)
    if as_json:
        print_json({"kiosk": None, "would_let_in_screen_of": slug})
    else:
        click.echo(f"would make a code for the screen of {slug} (dry run)")
