# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `guichet-kiosk devices`: what is plugged in, and which of it is used."""

import json
from dataclasses import asdict, replace

import click

from sip_endpoints.bundle_command import CommandFailed, json_option
from sip_endpoints.machine.devices.cameras import find_cameras
from sip_endpoints.machine.devices.found import Found, Kind
from sip_endpoints.machine.devices.printers import find_printers
from sip_endpoints.machine.devices.scanners import find_scanners
from sip_endpoints.machine.devices.sound import find_sound
from sip_endpoints.machine.system.choices import (
    AUTO,
    Devices,
    read_choices,
    write_choices,
)
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.places import Places


@click.command()
@click.argument(
    "kind", required=False, type=click.Choice([each.value for each in Kind])
)
@click.argument("name", required=False)
@json_option
def devices(kind: str | None, name: str | None, as_json: bool) -> None:
    """List the devices, or choose one: NAME as listed, "auto", "none" or "virtual".

    What was chosen is put in force by `guichet-kiosk apply`.
    """
    places = Places()
    try:
        choices = read_choices(places.choices)
        if kind is not None and name is not None:
            chosen = replace(choices.devices, **{kind: name})
            write_choices(places.choices, replace(choices, devices=chosen))
            click.echo("C'est noté. Mettez-le en service : guichet-kiosk apply")
            return
        found = _find(choices.devices, places, Kind(kind) if kind else None)
    except MachineError as error:
        raise CommandFailed(str(error)) from error
    if as_json:
        told = {
            "chosen": asdict(choices.devices),
            "found": [{**asdict(each), "kind": each.kind.value} for each in found],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for each in found:
        mark = "*" if getattr(choices.devices, each.kind.value) == each.name else " "
        click.echo(f"{mark} {each.kind.value:<12} {each.name}   {each.title}")
    for word, name in asdict(choices.devices).items():
        if word in list(Kind) and name != AUTO:
            click.echo(f"= {word:<12} {name}")


def _find(chosen: Devices, places: Places, kind: Kind | None) -> list[Found]:
    found: list[Found] = []
    if kind in (None, Kind.PRINTER):
        found += find_printers()
    if kind in (None, Kind.SCANNER):
        found += find_scanners(chosen.sane_config_dir)
    if kind in (None, Kind.CAMERA):
        found += find_cameras()
    if kind in (None, Kind.MICROPHONE, Kind.LOUDSPEAKER):
        sound = find_sound(places.runtime)
        found += [each for each in sound if kind in (None, each.kind)]
    return found
