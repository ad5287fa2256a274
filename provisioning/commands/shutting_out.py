# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision revoke` and `rotate`: a stolen machine is out; a kiosk takes new secrets."""

import time

import click

from provisioning.commands.context import (
    CommandContext,
    dry_run_option,
    failure,
    json_option,
    print_json,
)
from provisioning.commands.would_do import say_what_would_be
from provisioning.directory.machine_access import MachineAccess
from provisioning.inventory.plan import Kind

# The dispatcher looks once a second, and Asterisk as often.
CUT_WITHIN_SECONDS = 5.0
LOOK_SECONDS = 0.1
NOT_CUT = (
    "{slug}: its secrets open nothing any more, but its registration and its call still"
    " stand: the dispatcher does not run, or does not reach Asterisk. Both end as soon as it"
    " does"
)


@click.command("revoke")
@click.argument("slug")
@dry_run_option
@json_option
@click.pass_obj
def revoke(context: CommandContext, slug: str, dry_run: bool, as_json: bool) -> None:
    """Shut the kiosk or counsellor SLUG out, at once, its call included.

    Secrets, screen and waiting codes are good for nothing from now on; the dispatcher ends
    registration and call. Back by: enrolment-code (a kiosk), rotate-secret. Exit code 1:
    the dispatcher has not done it within 5 s.
    """
    if dry_run:
        kinds = (Kind.KIOSK, Kind.COUNSELLOR)
        say_what_would_be(context, "shut out", [slug], kinds, as_json)
        return
    begun = time.monotonic()
    with context.database() as database:
        access = MachineAccess(database)
        access.revoke(slug)
        is_cut = _wait_cut(access, slug, begun)
    seconds = round(time.monotonic() - begun, 2)
    if as_json:
        print_json({"revoked": slug, "cut": is_cut, "seconds": seconds})
    elif is_cut:
        click.echo(f"{slug} is shut out, after {seconds} s")
    if not is_cut:
        raise failure(NOT_CUT.format(slug=slug), 1)


@click.command("rotate")
@click.argument("slug", metavar="KIOSK")
@dry_run_option
@json_option
@click.pass_obj
def rotate(context: CommandContext, slug: str, dry_run: bool, as_json: bool) -> None:
    """Have KIOSK take new secrets by itself, the next time that it reports.

    Nobody carries anything there, and no call ends: the former secrets are good beside the
    new ones until the kiosk has shown these, or for seven days.
    """
    if dry_run:
        act = "ask for new secrets of"
        say_what_would_be(context, act, [slug], (Kind.KIOSK,), as_json)
        return
    with context.database() as database:
        MachineAccess(database).want_rotation(slug)
    if as_json:
        print_json({"rotation_wanted": slug})
    else:
        click.echo(f"{slug} takes new secrets with its next report")


def _wait_cut(access: MachineAccess, slug: str, begun: float) -> bool:
    while not access.is_cut(slug):
        if time.monotonic() - begun > CUT_WITHIN_SECONDS:
            return False
        time.sleep(LOOK_SECONDS)
    return True
