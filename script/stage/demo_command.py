# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command behind `script/demo`: the running demo, or the story checked by itself."""

import sys
import time
from pathlib import Path

import click

from provisioning.asterisk.site import SiteError
from stage.demo_check import EXPECTED, Ended, check, demo_inventory, end_on_signals
from stage.demo_folder import demo_folder
from stage.demo_forms import add_forms
from stage.demo_territory import DEMO_TERRITORY
from stage.demo_welcome import BROWSER_LINES, print_welcome
from stage.form_story import KIOSK as KIOSK_OF_THE_FORM
from stage.opening_hours import publish_on
from stage.ports import NoFreePorts, all_free
from stage.processes import ProgramFailed
from stage.signing_resident import SigningResident
from stage.softphone import add_softphone, softphone_lines
from stage.stack import Stage, StageOptions

BROWSER = "browser"
FRIENDLY_PORT = 8080
WATCH_SECONDS = 0.5


@click.command()
@click.option(
    "--check", "is_check", is_flag=True, help="Live the story by itself, then stop."
)
@click.option("--json", "as_json", is_flag=True, help="With --check: the result last.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Leave logs, database and configuration in this folder.",
)
@click.option(
    "--screens",
    type=click.Path(file_okay=False, path_type=Path),
    help="With --check: keep each scene on both screens, and the story as a film, in this folder.",
)
@click.option(
    "--softphone",
    metavar="ORGANISATION",
    help="Answer for this organisation with a softphone of your own.",
)
@click.option(
    "--counsellor",
    "telephone",
    type=click.Choice(["endpoint", BROWSER]),
    default="endpoint",
    show_default=True,
    help="With what the MSA's counsellor answers: a program, or a page (that is yours).",
)
@click.option(
    "--sip-address",
    default="127.0.0.1",
    show_default=True,
    help="Where Asterisk listens, for a softphone on another machine.",
)
def main(
    is_check: bool,
    as_json: bool,
    keep: Path | None,
    screens: Path | None,
    softphone: str | None,
    telephone: str,
    sip_address: str,
) -> None:
    """Run the whole system on this machine: Asterisk, pages, kiosks, counsellors."""
    if is_check and softphone:
        raise click.UsageError("--check answers with our own counsellor")
    in_browser = telephone == BROWSER
    if in_browser and softphone:
        raise click.UsageError(
            "--softphone and --counsellor browser are two counsellors"
        )
    if in_browser and screens is not None:
        raise click.UsageError("--screens does not go with --counsellor browser")
    if screens is not None and not is_check:
        raise click.UsageError("--screens goes with --check")
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise click.UsageError(f"{keep} is not empty")
    end_on_signals()
    try:
        if is_check:
            is_well = check(as_json, keep, screens, in_browser=in_browser)
            sys.exit(0 if is_well else 1)
        run_demo(softphone, sip_address, keep, in_browser=in_browser)
    except (SiteError, NoFreePorts) as error:
        raise click.ClickException(str(error)) from error
    except EXPECTED as error:
        raise click.ClickException(f"{type(error).__name__}: {error}") from error


def run_demo(
    softphone: str | None, sip_address: str, keep: Path | None, *, in_browser: bool
) -> None:
    """Run the demo until Ctrl-C, or until one of its programs ends."""
    web_port = FRIENDLY_PORT if all_free([FRIENDLY_PORT]) else 0
    with demo_folder(keep) as directory:
        options = StageOptions(
            bind=sip_address,
            web_port=web_port,
            softphones=softphone is not None,
            browsers=in_browser,
            inventory=demo_inventory(directory, in_browser),
            provisions_in_process=True,
            site_settings=DEMO_TERRITORY,
            devices=True,
            messages=True,
            paper_scanners=(KIOSK_OF_THE_FORM,),
        )
        _run_demo(Stage(directory, options), softphone)


def _run_demo(stage: Stage, softphone: str | None) -> None:
    with stage:
        try:
            click.echo("Starting Asterisk, the pages, the kiosks and the counsellors…")
            stage.prepare()
            publish_on(stage)
            add_forms(stage)
            left_out: list[str] = []
            settings: list[str] = []
            if stage.options.browsers:
                settings = BROWSER_LINES
            if softphone is not None:
                phone = add_softphone(stage, softphone)
                left_out, settings = phone.replaces, softphone_lines(phone)
            stage.start(*(part for part in stage.parts if part not in left_out))
            print_welcome(stage, settings)
            resident = SigningResident(stage, KIOSK_OF_THE_FORM)
            while not (dead := stage.dead_parts()):
                resident.act()
                time.sleep(WATCH_SECONDS)
            tail = stage.program(dead[0]).log_tail()
            raise ProgramFailed(f"{dead[0]} ended:\n{tail}")
        except Ended:
            click.echo("\nStopping…")


if __name__ == "__main__":
    main()
