# SPDX-License-Identifier: AGPL-3.0-or-later
"""The commands of the screens: which is which, and the browser on the second."""

import json
from dataclasses import replace

import click

from sip_endpoints.bundle_command import CommandFailed, json_option
from sip_endpoints.log import configure_log
from sip_endpoints.machine.session.outputs import (
    Session,
    chosen,
    digit_order,
    placing_orders,
    screen_lines,
)
from sip_endpoints.machine.session.second_screen import (
    lay_ground,
    make_screen,
)
from sip_endpoints.machine.system.choices import read_choices, write_choices
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.kept_files import write_file
from sip_endpoints.machine.system.places import Places
from sip_endpoints.running import StopRequest

SHOWN_SECONDS = 15


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
        lay_ground(session, choices.language)
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


@click.command()
@click.option("--log-level", default="info", help="debug, info, warning or error.")
def browse(log_level: str) -> None:
    """Keep the second screen on the site, until stopped; the unit guichet-screen runs it."""
    configure_log(log_level)
    try:
        screen = make_screen(Places())
    except MachineError as error:
        raise CommandFailed(str(error)) from error
    stop = StopRequest()
    stop.listen_to_signals()
    if not screen.run(stop):
        raise CommandFailed("the browser ended by itself")
