# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the command lines of both endpoints share: bundle, options, orders, exit codes.

Exit codes: 0 done, 1 refused or failed, 2 a wrong setting or a missing device.
"""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from sip_endpoints.control import ControlError, send_order
from sip_endpoints.settings import EndpointSettings, SettingsError, load_settings

Command = TypeVar("Command", bound=Callable[..., Any])

bundle_argument = click.argument(
    "bundle", type=click.Path(dir_okay=False, path_type=Path)
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object."
)


def media_options(command: Command) -> Command:
    """Add the options that override the bundle's [media] table."""
    for option in (
        click.option("--camera", help='"auto", "colorbar", or a device\'s name.'),
        click.option("--audio", help='"auto" or "null".'),
        click.option("--display", help='"auto", "fullscreen", "window" or "none".'),
        click.option("--log-level", help="debug, info, warning or error."),
        click.option(
            "--sip-log",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write the SIP stack's own trace here; holds all that was said.",
        ),
    ):
        command = option(command)
    return command


def read_bundle(
    bundle: Path, role: str, options: dict[str, Any] | None = None
) -> EndpointSettings:
    """Return the merged settings, or end with exit code 2 and a sentence."""
    try:
        return load_settings(bundle, role, os.environ, options)
    except SettingsError as error:
        raise SettingRefused(str(error)) from error


class CommandFailed(click.ClickException):
    """Ends the command with a sentence on stderr and exit code 1."""


class SettingRefused(click.ClickException):
    """Ends the command with a sentence on stderr and exit code 2."""

    exit_code = 2


def give_order(settings: EndpointSettings, order: str, argument: str = "") -> Any:
    """Give an order to the running endpoint, or end with exit code 1."""
    try:
        return send_order(settings.control.socket, order, argument)
    except ControlError as error:
        raise CommandFailed(str(error)) from error


def print_status(status: dict[str, Any], as_json: bool) -> None:
    """Print the status for a script or for a person."""
    if as_json:
        click.echo(json.dumps(status, ensure_ascii=False))
        return
    for line in status_lines(status):
        click.echo(line)


def status_lines(status: dict[str, Any]) -> list[str]:
    """Return the status as French lines for a terminal."""
    registration = status["registration"]
    # The machine's own zone: the kiosk and the desk stand where their people are.
    moment = datetime.fromisoformat(registration["since"]).astimezone()
    since = f"le {moment:%d/%m à %H:%M:%S}"
    if status["registered"]:
        lines = [f"Enregistré depuis {since}"]
    else:
        why = f"{registration['code']} {registration['reason']}".strip()
        lines = [f"Non enregistré depuis {since} ({why})"]
    available = status.get("available")
    if available is not None:
        lines.append("Disponible" if available else "En pause")
    if line := status.get("line"):
        lines.append(_line_sentence(line))
    for title, key in (
        ("Appel en cours", "call"),
        ("Interprète", "interpreter"),
        ("Dernier appel", "last_call"),
    ):
        call = status.get(key)
        if call is not None:
            name = call["remote_name"] or call["remote_user"]
            lines.append(f"{title} : {name} ({_STAGES[call['stage']]})")
            lines += [f"  {text}" for text in _media_lines(call)]
    return lines


_STAGES = {
    "ringing": "sonne",
    "dialling": "appelle",
    "confirmed": "en communication",
    "ended": "terminé",
}


def _line_sentence(line: dict[str, Any]) -> str:
    """Say both ways of the call's line in figures."""
    size = line["sent_size"]
    sent = f"image {size}, {line['sent_kbps']} kbit/s" if size else "son seul"
    return (
        f"Ligne : {sent}, palier {line['rung']} sur {line['lowest_rung']} ;"
        f" {line['sent_loss']:.1%} perdus à l'aller, {line['received_loss']:.1%} au retour,"
        f" {line['received_pictures']:g} images par seconde reçues".replace("%", " %")
    )


def _media_lines(call: dict[str, Any]) -> list[str]:
    lines = []
    video, audio = call["video"], call["audio"]
    if video:
        lines.append(
            f"image {video['codec']} {video['width']}x{video['height']},"
            f" {video['fps']} images/s, {video['frames_decoded']} images décodées,"
            f" {video['loss_fraction']:.1%} de pertes"
        )
    if audio:
        lines.append(f"son {audio['codec']}, {audio['loss_fraction']:.1%} de pertes")
    return lines
