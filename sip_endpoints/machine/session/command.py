# SPDX-License-Identifier: AGPL-3.0-or-later
"""The commands of the screens: which is which, and the browser on the second."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import click

from device_bridge.call.screen_link import ScreenLink
from sip_endpoints.bundle_command import CommandFailed, json_option
from sip_endpoints.log import Log, configure_log
from sip_endpoints.machine.server.address import site_of
from sip_endpoints.machine.server.site import Site, web_authority
from sip_endpoints.machine.session.browsing import (
    BROWSER,
    Browser,
    Screen,
    browser_words,
)
from sip_endpoints.machine.session.outputs import (
    Session,
    SessionAway,
    chosen,
    digit_order,
    placing_orders,
    plain_ground_order,
    screen_lines,
)
from sip_endpoints.machine.session.profile import Profile
from sip_endpoints.machine.session.screen_wipe import (
    PAUSE_SECONDS,
    AskedWipe,
    Orders,
    ScreenWipe,
    processes_of,
)
from sip_endpoints.machine.session.start_page import start_page_of
from sip_endpoints.machine.system.choices import read_choices, write_choices
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.kept_files import write_file
from sip_endpoints.machine.system.places import Places
from sip_endpoints.running import StopRequest

log = Log(__name__)

SHOWN_SECONDS = 15
CLOSE_BROWSER = f'[app_id="^{BROWSER}"] kill'


@click.command()
@click.option("--swap", is_flag=True, help="Exchange the two screens.")
@click.option(
    "--count",
    type=click.IntRange(1, 2),
    help="How many screens this kiosk has; with 1 the second is not missed.",
)
@json_option
def screens(swap: bool, count: int | None, as_json: bool) -> None:
    """Write a large 1 on the screen of the call and a large 2 on that of the pages."""
    places = Places()
    session = Session(places.sway_socket)
    try:
        choices = read_choices(places.choices)
        outputs = session.outputs()
        call, pages = chosen(choices.screens, outputs)
        if swap:
            call, pages = pages, call
        kept = replace(choices.screens, count=count or choices.screens.count)
        if call != pages:
            kept = replace(kept, call=call, pages=pages)
        if swap or kept != choices.screens:
            write_choices(places.choices, replace(choices, screens=kept))
            write_file(places.screens, screen_lines(kept))
            session.order("reload")
        for order in placing_orders(call, pages):
            session.order(order)
        _take_words_from_pages(session)
        for digit, output in enumerate(dict.fromkeys((call, pages)), start=1):
            session.order(digit_order(output, digit, SHOWN_SECONDS))
    except MachineError as error:
        raise CommandFailed(str(error)) from error
    titles = {each.name: f"{each.name} ({each.model})" for each in outputs}
    if as_json:
        click.echo(json.dumps({"call": call, "pages": pages, "found": list(titles)}))
        return
    click.echo(f"1 appel : {titles.get(call, 'aucun écran')}")
    click.echo(f"2 pages : {titles.get(pages, 'aucun écran')}")


def _take_words_from_pages(session: Session) -> None:
    try:
        if order := plain_ground_order(session.outputs()):
            session.order(order)
    except SessionAway as error:
        log.warning("the ground of the pages is not set", why=str(error))


@click.command()
@click.option("--log-level", default="info", help="debug, info, warning or error.")
def browse(log_level: str) -> None:
    """Keep the second screen on the site, until stopped; the unit guichet-screen runs it."""
    configure_log(log_level)
    places = Places()
    try:
        language = read_choices(places.choices).language
        bundle = tomllib.loads(places.bundle.read_text(encoding="utf-8"))
        address = str(bundle["kiosk"]["screen_url"])
    except (MachineError, OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise CommandFailed(f"{places.bundle} : {error}") from error
    site = Site(site_of(address), web_authority(places))
    page = start_page_of(places.runtime)
    environment = {"LANGUAGE": language, "HOME": str(places.home)}
    session = Session(places.sway_socket)
    folder = places.home / "screen"
    wiping = _asked_wipe(places, session, folder, environment)
    words = browser_words(folder, language)
    _take_words_from_pages(session)
    screen = Screen(
        Browser(words, environment, lambda: session.order(CLOSE_BROWSER)),
        page,
        address,
        site.host,
        language,
        site.knock,
        lambda: session.windows_of(BROWSER),
        wiping,
    )
    stop = StopRequest()
    stop.listen_to_signals()
    if not screen.run(stop):
        raise CommandFailed("the browser ended by itself")


def _asked_wipe(
    places: Places, session: Session, folder: Path, environment: dict[str, str]
) -> AskedWipe:
    """Give what wipes the screens when the bridge asks, and wipe what was left before."""
    temporary = places.runtime / "screen-tmp"
    # What the browser writes for a moment lies where it is wiped, and in memory.
    temporary.mkdir(mode=0o700, exist_ok=True)
    environment["TMPDIR"] = str(temporary)
    wiping = AskedWipe(
        ScreenLink(places.bridge_socket),
        Orders(PAUSE_SECONDS),
        ScreenWipe(Profile(folder, temporary), folder, session.windows, processes_of),
    )
    wiping.begin()
    return wiping
