# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `guichet-provision enrolment-sheets`: codes of many kiosks, on paper.

A plug-in of `guichet-provision`, as `diagnose` is: papers are the web application's.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from booking_web.commands.fleet import new_file
from booking_web.shell.enrolment_sheets import pdf_of_sheets, sheets_of
from booking_web.shell.languages import in_french
from provisioning.commands.context import (
    CommandContext,
    dry_run_option,
    json_option,
    print_json,
)
from provisioning.commands.enrolment import kiosks_meant, kiosks_options
from provisioning.commands.options import hours_option, web_url_option
from provisioning.commands.would_do import say_what_would_be
from provisioning.directory.enrolment import CODE_LASTS
from provisioning.directory.enrolment_codes import new_enrolment_code
from provisioning.directory.machine_access import MachineAccess
from provisioning.directory.transactions import reading
from provisioning.inventory.plan import Kind


@click.command("enrolment-sheets")
@kiosks_options
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("bornes.pdf"),
    show_default=True,
    help="The PDF to write; it must not be there yet.",
)
@hours_option(CODE_LASTS)
@web_url_option
@dry_run_option
@json_option
@click.pass_obj
def enrolment_sheets(
    context: CommandContext,
    /,
    slugs: tuple[str, ...],
    without_machine: bool,
    output: Path,
    hours: int,
    web_url: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write a PDF with a page for each KIOSK: where it goes, a code, three things to do.

    The page goes to the relay with the machine. Codes are those of enrolment-code: good
    once, and a former one ends. The file holds them: print it, then delete it.
    """
    if not web_url:
        raise click.UsageError(
            "which address do kiosks reach? Give --web-url or set GUICHET_WEB_URL"
        )
    meant = kiosks_meant(context, slugs, without_machine)
    if dry_run:
        act = "make a sheet for"
        say_what_would_be(context, act, meant, (Kind.KIOSK,), as_json)
        return
    ends_at = datetime.now(UTC) + timedelta(hours=hours)
    codes = {slug: new_enrolment_code() for slug in meant}
    with context.database() as database, new_file(output) as stream:
        with reading(database) as session:
            sheets = sheets_of(session, codes, ends_at, web_url)
        with in_french():
            stream.write(pdf_of_sheets(sheets))
        stream.flush()
        # Only now: what is on no paper is good for nothing.
        MachineAccess(database).open_codes(codes, ends_at)
    if as_json:
        until = ends_at.isoformat(timespec="seconds")
        print_json({"file": str(output), "kiosks": list(codes), "ends_at": until})
    else:
        click.echo(f"written: {output} ({len(codes)} pages)")
