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
from provisioning.commands.options import hours_option, web_url_option
from provisioning.commands.would_do import say_what_would_be
from provisioning.directory.screen_enrolment import SCREEN_CODE_LASTS
from provisioning.inventory.plan import Kind


@click.command("let-in-screen")
@click.argument("slug")
@hours_option(SCREEN_CODE_LASTS)
@web_url_option
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
    if dry_run:
        act = "make a code for the screen of"
        say_what_would_be(context, act, [slug], (Kind.KIOSK,), as_json)
        return
    with context.directory() as directory:
        code = directory.let_in_screen(slug, timedelta(hours=hours))
    address = screen_url(web_url or "", code)
    if as_json:
        print_json({"kiosk": slug, "code": code, "hours": hours, "address": address})
        return
    click.echo(f"code: {code}")
    if address:
        click.echo(f"address: {address}")
