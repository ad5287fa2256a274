# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command behind `script/demo`: the running demo, or the story checked by itself."""

import json
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
import requests
from playwright.sync_api import Error as BrowserError

from provisioning.asterisk.site import SiteError
from sip_endpoints.control import ControlError
from stage.demo_forms import add_forms
from stage.device_story import QUICK_RESIDENT, DevicesFailed
from stage.form_story import KIOSK as KIOSK_OF_THE_FORM
from stage.form_story import FormFailed, FormResults, FormStory
from stage.opening_hours import publish_on
from stage.ports import NoFreePorts, all_free
from stage.processes import ProgramFailed
from stage.screens_kept import keep_screens
from stage.signing_resident import SigningResident
from stage.softphone import add_softphone, softphone_lines
from stage.stack import Stage, StageOptions
from stage.story import Story, StoryBroken, live
from stage.waiting import NotInTime
from stage.web_browser import PageRefused

FRIENDLY_PORT = 8080
WATCH_SECONDS = 0.5
EXPECTED = (
    ControlError,
    DevicesFailed,
    FormFailed,
    LookupError,
    NotInTime,
    PageRefused,
    ProgramFailed,
    StoryBroken,
    requests.RequestException,
)


class Ended(Exception):
    """Ctrl-C, SIGTERM or a closed terminal asked for the end."""


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
    help="With --check: keep a picture of each scene on both screens in this folder.",
)
@click.option(
    "--softphone",
    metavar="ORGANISATION",
    help="Answer for this organisation with a softphone of your own.",
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
    sip_address: str,
) -> None:
    """Run the whole system on this machine: Asterisk, pages, kiosks, counsellors."""
    if is_check and softphone:
        raise click.UsageError("--check answers with our own counsellor")
    if screens is not None and not is_check:
        raise click.UsageError("--screens goes with --check")
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise click.UsageError(f"{keep} is not empty")
    end_on_signals()
    try:
        if is_check:
            sys.exit(0 if check(as_json, keep, screens) else 1)
        run_demo(softphone, sip_address, keep)
    except (SiteError, NoFreePorts) as error:
        raise click.ClickException(str(error)) from error
    except EXPECTED as error:
        raise click.ClickException(f"{type(error).__name__}: {error}") from error


def check(as_json: bool, keep: Path | None, screens: Path | None = None) -> bool:
    """Start everything on free ports, live the story, stop; tell whether all was well."""
    story, form, problem, left = Story(), FormResults(), "", -1
    started_at = time.monotonic()
    with _folder(keep) as directory:
        stage = Stage(
            directory,
            StageOptions(
                devices=True,
                bridge_settings=QUICK_RESIDENT,
                paper_scanners=(KIOSK_OF_THE_FORM,),
            ),
        )
        try:
            stage.prepare()
            publish_on(stage)
            add_forms(stage)
            stage.start()
            click.echo(f"ready after {time.monotonic() - started_at:.1f} s", err=True)
            live(stage, story)
            told_at = time.monotonic() - story.timeline[-1][0] / 1000
            FormStory(
                stage,
                form,
                lambda text: story.note(
                    round((time.monotonic() - told_at) * 1000), text
                ),
            ).live()
        except Ended:
            problem = "stopped by a signal"
        except EXPECTED as error:
            problem = str(error) or type(error).__name__
        finally:
            left = stage.close()
    if screens is not None and not problem:
        problem = _screens_problem(screens)
    for at_ms, text in story.timeline:
        click.echo(f"{at_ms:7d} ms  {text}")
    if left:
        problem = problem or f"{left} processes were left"
    if problem:
        click.echo(f"FAILED: {problem}", err=True)
    else:
        click.echo(f"ok, in {time.monotonic() - started_at:.1f} s", err=True)
    if as_json:
        click.echo(json.dumps(_result(story, form, not problem, left)))
    return not problem


def _screens_problem(folder: Path) -> str:
    """Keep the screens, say which pictures there are; give what went wrong, if anything."""
    try:
        left = keep_screens(folder, click.echo)
    except Ended:
        return "stopped by a signal"
    except (*EXPECTED, BrowserError) as error:
        return f"screens: {error}"
    return f"{left} processes of the screens were left" if left else ""


def run_demo(softphone: str | None, sip_address: str, keep: Path | None) -> None:
    """Run the demo until Ctrl-C, or until one of its programs ends."""
    web_port = FRIENDLY_PORT if all_free([FRIENDLY_PORT]) else 0
    options = StageOptions(
        bind=sip_address,
        web_port=web_port,
        softphones=softphone is not None,
        devices=True,
        messages=True,
        paper_scanners=(KIOSK_OF_THE_FORM,),
    )
    with _folder(keep) as directory, Stage(directory, options) as stage:
        try:
            click.echo("Starting Asterisk, the pages, the kiosks and the counsellors…")
            stage.prepare()
            publish_on(stage)
            add_forms(stage)
            left_out: list[str] = []
            settings: list[str] = []
            if softphone is not None:
                phone = add_softphone(stage, softphone)
                left_out, settings = phone.replaces, softphone_lines(phone)
            stage.start(*(part for part in stage.parts if part not in left_out))
            _print_welcome(stage, settings)
            resident = SigningResident(stage, KIOSK_OF_THE_FORM)
            while not (dead := stage.dead_parts()):
                resident.act()
                time.sleep(WATCH_SECONDS)
            tail = stage.program(dead[0]).log_tail()
            raise ProgramFailed(f"{dead[0]} ended:\n{tail}")
        except Ended:
            click.echo("\nStopping…")


def _print_welcome(stage: Stage, softphone: list[str]) -> None:
    passwords = stage.passwords()
    width = max(map(len, passwords))
    lines = ["", f"The demo is ready: {stage.url}", "", "Sign in as:"]
    lines += [f"  {email:{width}}  {word}" for email, word in passwords.items()]
    printed = [
        f"  {devices.cups.queue:{width}}  {devices.cups.printed}"
        for devices in stage.devices.values()
    ]
    lines += [
        "",
        'As mairie@wassigny.example, write a name, choose "Mutualité sociale agricole',
        '(MSA)", choose "Maintenant" and press "Valider le rendez-vous": the kiosk of',
        "Wassigny answers alone, the counsellor takes the call, and the list below shows",
        "each step. To hang up, press the button beside the appointment.",
        "During the call, as conseiller@msa.example, open the appointment: upload a form,",
        "print it at the kiosk, scan what lies on its scanner; fill in a form of the library",
        "before the resident's eyes. At Guise the resident signs what is printed and lays one",
        "page after the other on the scanner. What the printers put out:",
        *printed,
        "What the resident sees on the second screen, in a private window (good once):",
        *(f"  {slug:{width}}  {address}" for slug, address in _screens(stage)),
        "As responsable@msa.example, change the MSA's opening hours.",
        f"E-mails go to {stage.post.mailbox} and SMS to {stage.post.sms_spool}.",
        "",
        *softphone,
        f"Logs, database and configuration: {stage.directory}",
        "Ctrl-C stops everything.",
    ]
    click.echo("\n".join(lines))


def _screens(stage: Stage) -> Iterator[tuple[str, str]]:
    """Give each kiosk with the address that lets a browser be its second screen."""
    for kiosk in stage.kiosks():
        bundle = tomllib.loads(kiosk.bundle.read_text(encoding="utf-8"))
        yield kiosk.slug, bundle["kiosk"]["screen_url"]


def _result(story: Story, form: FormResults, ok: bool, left: int) -> dict[str, object]:
    return {
        "ok": ok,
        "states": [{"state": state, "at_ms": at} for state, at in story.states],
        "kiosk": story.kiosk,
        "counsellor": story.counsellor,
        "devices": asdict(story.devices),
        "form": asdict(form),
        "processes_left": left,
    }


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Give a short temporary folder (sockets!); at its end copy what is worth keeping."""
    directory = Path(tempfile.mkdtemp(prefix="guichet-"))
    try:
        yield directory
    finally:
        if keep is not None:
            _keep(directory, keep)
        shutil.rmtree(directory, ignore_errors=True)


def _keep(directory: Path, keep: Path) -> None:
    def unwanted(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if _is_special(Path(folder) / name)}

    shutil.copytree(directory, keep, symlinks=True, ignore=unwanted, dirs_exist_ok=True)


def _is_special(path: Path) -> bool:
    return path.is_socket() or path.is_fifo()


def end_on_signals() -> None:
    """Have Ctrl-C, SIGTERM and a closed terminal raise Ended."""

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        # A second Ctrl-C must not break the stopping.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Ended

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


if __name__ == "__main__":
    main()
