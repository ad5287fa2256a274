# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `guichet-bridge`: run the bridge, or try its devices from a terminal."""

import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from device_bridge.call import sentences
from device_bridge.call.codes import MAX_COPIES
from device_bridge.call.link import LinkError, ask_bridge
from device_bridge.devices import describe
from device_bridge.errors import BridgeError
from device_bridge.jobs.job import Job, JobState, Operation, Preset, ScanColour
from device_bridge.local_job import local_job, print_file, scan_file
from device_bridge.log import configure_log
from device_bridge.printing.cups_printer import CupsPrinter
from device_bridge.printing.printer import PrinterError
from device_bridge.running import RunningBridge
from device_bridge.scanning.scanner import ScannerError
from device_bridge.settings import BridgeSettings, SettingsError, load_settings
from device_bridge.wiring import make_printer, make_sane_scanner, make_scanner

FAILED_EXIT = 1
SETTING_EXIT = 2
PRESETS = [preset.value for preset in Preset]
LOG_LEVELS = ("debug", "info", "warning", "error")

existing_file = click.Path(path_type=Path, dir_okay=False, exists=True)


def device_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where the devices are."""
    for option in (
        click.option("--bundle", type=existing_file, help="The kiosk's bundle."),
        click.option("--printer", help='CUPS queue, or "virtual".'),
        click.option("--scanner", help='SANE device, or "virtual".'),
        click.option("--cups-host", help="Host of CUPS."),
        click.option("--cups-port", type=int, help="Port of CUPS."),
        click.option("--sane-config-dir", help="Folder of SANE's configuration."),
    ):
        command = option(command)
    return command


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The kiosk's printer and scanner."""


@main.command()
@click.argument("bundle", type=existing_file)
@click.option(
    "--log-level",
    type=click.Choice(LOG_LEVELS),
    default="info",
    show_default=True,
    help="What is logged on stderr, as JSON lines.",
)
def run(bundle: Path, log_level: str) -> None:
    """Serve the kiosk's calls until stopped by SIGTERM or Ctrl-C."""
    configure_log(log_level)
    try:
        bridge = RunningBridge(_settings(bundle))
    except SettingsError as error:
        raise _fail(str(error), SETTING_EXIT) from error
    except BridgeError as error:
        raise _fail(str(error)) from error
    bridge.run()


@main.command(name="list")
@device_options
@json_option
def list_devices(as_json: bool, **options: Any) -> None:
    """List the CUPS queues and the scanners that this machine knows."""
    configure_log("warning")
    settings = _settings(options.pop("bundle"), **options)
    scanner = make_sane_scanner(settings, "")
    try:
        queues = CupsPrinter("", settings.cups_host, settings.cups_port).list_queues()
        scanners = scanner.discover()
    except (PrinterError, ScannerError) as error:
        raise _fail(sentences.reason(error.reason)) from error
    finally:
        scanner.close()
    if as_json:
        click.echo(json.dumps({"printers": queues, "scanners": scanners}))
        return
    for name, address in queues.items():
        click.echo(f"printer  {name}  {address}")
    for name in scanners:
        click.echo(f"scanner  {name}")


@main.command(name="print")
@click.argument("file", type=existing_file)
@click.option(
    "--copies",
    type=click.IntRange(1, MAX_COPIES),
    default=1,
    show_default=True,
    help="How many.",
)
@click.option("--duplex", is_flag=True, help="On both sides.")
@click.option(
    "--colour/--gray", default=True, show_default=True, help="In colour or not."
)
@device_options
def print_pdf(
    file: Path, copies: int, duplex: bool, colour: bool, **options: Any
) -> None:
    """Print a PDF, telling what the counsellor would read."""
    configure_log("error")
    settings = _settings(options.pop("bundle"), **options)
    job = local_job(
        operation=Operation.PRINT, copies=copies, duplex=duplex, colour=colour
    )
    _finish(lambda cancel: print_file(settings, file, job, click.echo, cancel))


@main.command()
@click.option(
    "--preset",
    type=click.Choice(PRESETS),
    default="auto",
    show_default=True,
    help="From where, and what; auto: the feeder where it is loaded, else the glass.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="The PDF to write.",
)
@click.option(
    "--resolution",
    "resolution_dpi",
    type=click.IntRange(75, 1200),
    help="In dots per inch.  [default: 300]",
)
@click.option("--gray", is_flag=True, help="In shades of grey.")
@click.option("--duplex", is_flag=True, help="Both sides of each sheet.")
@device_options
def scan(
    preset: str,
    output: Path,
    resolution_dpi: int | None,
    gray: bool,
    duplex: bool,
    **options: Any,
) -> None:
    """Scan to a PDF, telling what the counsellor would read."""
    configure_log("error")
    settings = _settings(options.pop("bundle"), **options)
    job = local_job(
        operation=Operation.SCAN,
        preset=Preset(preset),
        resolution_dpi=resolution_dpi or 300,
        duplex=duplex,
        scan_colour=ScanColour.GRAY if gray else ScanColour.COLOUR,
    )
    _finish(lambda cancel: scan_file(settings, output, job, click.echo, cancel))


@main.command()
@device_options
@json_option
def status(as_json: bool, **options: Any) -> None:
    """Say how printer and scanner are; with a bundle also what the bridge does.

    Exits with 1 when a device cannot work or the bridge of the bundle does not run.
    """
    configure_log("error")
    bundle = options.pop("bundle")
    settings = _settings(bundle, **options)
    content = _device_states(settings)
    is_well = not any(each.pop("blocked") for each in content.values())
    if bundle:
        try:
            content["bridge"] = ask_bridge(settings.socket, "status")
        except LinkError as error:
            content["bridge"] = {"error": str(error)}
            is_well = False
    if as_json:
        click.echo(json.dumps({"ok": is_well, **content}, ensure_ascii=False))
    else:
        for name in ("printer", "scanner"):
            click.echo(content[name]["sentence"])
        if bundle:
            click.echo(f"bridge: {content['bridge']}")
    if not is_well:
        raise click.exceptions.Exit(FAILED_EXIT)


def _device_states(settings: BridgeSettings) -> dict[str, dict[str, Any]]:
    try:
        printer, scanner = make_printer(settings), make_scanner(settings)
    except SettingsError as error:
        raise _fail(str(error), SETTING_EXIT) from error
    states = {"printer": printer.state(), "scanner": scanner.state()}
    scanner.close()
    said = {"printer": sentences.of_printer, "scanner": sentences.of_scanner}
    return {
        key: {**describe(state, said[key](state)), "blocked": bool(state.blocking)}
        for key, state in states.items()
    }


def _finish(work: Callable[[threading.Event], Job]) -> None:
    """Do a job to its end, cancel it on Ctrl-C, exit by how it ended."""
    cancel = threading.Event()
    signal.signal(signal.SIGINT, lambda number, frame: cancel.set())
    try:
        job = work(cancel)
    except SettingsError as error:
        raise _fail(str(error), SETTING_EXIT) from error
    except BridgeError as error:
        raise _fail(str(error)) from error
    if job.state is not JobState.COMPLETED:
        raise click.exceptions.Exit(FAILED_EXIT)


def _settings(bundle: Path | None, **options: Any) -> BridgeSettings:
    try:
        return load_settings(bundle, os.environ, options)
    except SettingsError as error:
        raise _fail(str(error), SETTING_EXIT) from error


class _WrongSetting(click.ClickException):
    """What is wrong is in the bundle, the environment or the command line."""

    exit_code = SETTING_EXIT


def _fail(text: str, code: int = FAILED_EXIT) -> click.ClickException:
    kind = _WrongSetting if code == SETTING_EXIT else click.ClickException
    return kind(text)
