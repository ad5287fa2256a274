# SPDX-License-Identifier: AGPL-3.0-or-later
"""The story of the demo lived by itself and judged: `script/demo --check`."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
import requests
from playwright.sync_api import Error as BrowserError

from sip_endpoints.control import ControlError
from stage.browser_account import open_desk, with_browser_telephone
from stage.browser_desk import BrowserDesks, take_calls
from stage.browser_phone import BrowserGround, BrowserPhone
from stage.demo_folder import demo_folder
from stage.demo_forms import add_forms
from stage.demo_territory import DEMO_TERRITORY
from stage.device_story import QUICK_RESIDENT, DevicesFailed
from stage.film.story_film import film_story
from stage.form_story import KIOSK as KIOSK_OF_THE_FORM
from stage.form_story import FormFailed, FormResults, FormStory
from stage.line_story import LineBroken, LineStory
from stage.opening_hours import publish_on
from stage.processes import ProgramFailed
from stage.screens_kept import keep_screens
from stage.stack import INVENTORY, Stage, StageOptions
from stage.story import COUNSELLOR, COUNSELLORS_ACCOUNT, Story, StoryBroken, live
from stage.story_ground import StoryGround
from stage.waiting import NotInTime
from stage.web_browser import PageRefused

EXPECTED = (
    # What a page should show, and does not.
    AssertionError,
    BrowserError,
    ControlError,
    DevicesFailed,
    FormFailed,
    LineBroken,
    LookupError,
    NotInTime,
    PageRefused,
    ProgramFailed,
    StoryBroken,
    requests.RequestException,
)


class Ended(Exception):
    """Ctrl-C, SIGTERM or a closed terminal asked for the end."""


def check(
    as_json: bool,
    keep: Path | None,
    screens: Path | None = None,
    *,
    in_browser: bool = False,
) -> bool:
    """Start everything on free ports, live the story, stop; tell whether all was well."""
    story, form, problem, left = Story(), FormResults(), "", -1
    started_at = time.monotonic()
    with demo_folder(keep) as directory:
        stage = Stage(
            directory,
            StageOptions(
                inventory=demo_inventory(directory, in_browser),
                browsers=in_browser,
                provisions_in_process=True,
                site_settings=DEMO_TERRITORY,
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
            with _counsellors(stage, in_browser) as ground:
                live(ground, story)
                told_at = time.monotonic() - story.timeline[-1][0] / 1000

                def note(text: str) -> None:
                    story.note(round((time.monotonic() - told_at) * 1000), text)

                counsellor = ground.counsellor(COUNSELLOR)
                FormStory(stage, counsellor, form, note).live()
                LineStory(ground, counsellor, note).live()
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
        click.echo(json.dumps(_result(story, form, not problem, left, in_browser)))
    return not problem


def _screens_problem(folder: Path) -> str:
    """Keep the screens, say which pictures there are; give what went wrong, if anything."""
    try:
        left = keep_screens(folder, click.echo) + film_story(folder, click.echo)
    except Ended:
        return "stopped by a signal"
    except EXPECTED as error:
        return f"screens: {error}"
    return f"{left} processes of the screens were left" if left else ""


def demo_inventory(directory: Path, in_browser: bool) -> Path:
    """Give the inventory; where asked for, the MSA's counsellor telephones in a page."""
    if in_browser:
        return with_browser_telephone(directory, COUNSELLOR, COUNSELLORS_ACCOUNT)
    return INVENTORY


@contextmanager
def _counsellors(stage: Stage, in_browser: bool) -> Iterator[StoryGround]:
    """Give the ground on which the story is lived, the MSA's counsellor at their telephone."""
    if not in_browser:
        yield stage
        return
    with BrowserDesks(stage.url) as desks:
        page = open_desk(stage, desks, COUNSELLORS_ACCOUNT)
        take_calls(page)
        yield BrowserGround(stage, BrowserPhone(COUNSELLOR, page))


def _result(
    story: Story, form: FormResults, ok: bool, left: int, in_browser: bool
) -> dict[str, object]:
    return {
        "ok": ok,
        "counsellor_in": "browser" if in_browser else "endpoint",
        "states": [{"state": state, "at_ms": at} for state, at in story.states],
        "kiosk": story.kiosk,
        "counsellor": story.counsellor,
        "devices": asdict(story.devices),
        "form": asdict(form),
        "processes_left": left,
    }


def end_on_signals() -> None:
    """Have Ctrl-C, SIGTERM and a closed terminal raise Ended."""

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        # A second Ctrl-C must not break the stopping.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Ended

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
