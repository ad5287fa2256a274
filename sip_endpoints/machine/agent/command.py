# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `guichet-kiosk agent`: the wiring of the agent and its loop."""

import time
from pathlib import Path
from typing import Any

import click

from sip_endpoints.bundle_command import CommandFailed
from sip_endpoints.log import Log, configure_log
from sip_endpoints.machine.agent.agent import Acts, Agent
from sip_endpoints.machine.agent.api import MachineApi
from sip_endpoints.machine.agent.cameras import CameraWatch
from sip_endpoints.machine.agent.diagnosis import collect
from sip_endpoints.machine.agent.plugs import PlugWatch
from sip_endpoints.machine.agent.printer import PrinterWatch
from sip_endpoints.machine.agent.report import report
from sip_endpoints.machine.agent.rotation import Rotation
from sip_endpoints.machine.checks.owed import read_owed
from sip_endpoints.machine.checks.self_test import (
    is_in_call,
    let_phone_end,
    read_kept,
)
from sip_endpoints.machine.devices.cameras import find_cameras
from sip_endpoints.machine.devices.printers import (
    find_printers,
    make_queue,
    queue_address,
)
from sip_endpoints.machine.enrolment.storing import kept_grant
from sip_endpoints.machine.packages.outcome import read_outcome
from sip_endpoints.machine.packages.repository import (
    RepositoryKeyChanged,
    RepositoryMalformed,
    follow_repository,
    read_repository,
)
from sip_endpoints.machine.server.site import Site, web_authority
from sip_endpoints.machine.session.outputs import Session
from sip_endpoints.machine.system.choices import read_choices
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.identity import machine_id
from sip_endpoints.machine.system.kept_files import remove_file, write_file
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.units import APPLY, SELF_TEST, UPDATE, Units
from sip_endpoints.machine.updates.missed_night import MissedNight
from sip_endpoints.running import StopRequest, Watchdog

log = Log(__name__)

TURN_SECONDS = 1.0


@click.command()
@click.option("--log-level", default="info", help="debug, info, warning or error.")
def agent(log_level: str) -> None:
    """Tell the server how this machine is, and do what it asks, until stopped."""
    configure_log(log_level)
    places = Places()
    told_file = places.machine / "told-self-test"
    try:
        kept_grant(places)
        made = make_agent(places, machine_id(), _read(told_file))
    except MachineError as error:
        raise CommandFailed(str(error)) from error
    stop, watchdog = StopRequest(), Watchdog()
    stop.listen_to_signals()
    watchdog.tell_ready()
    while not stop.is_made:
        before = made.told_test
        made.turn(time.monotonic())
        if made.told_test != before:
            write_file(told_file, made.told_test, mode=0o600)
        watchdog.tell_alive(time.monotonic())
        time.sleep(TURN_SECONDS)
    watchdog.tell_stopping()


def make_agent(places: Places, machine: str, told_before: str) -> Agent:
    """Wire the agent of an enrolled machine."""
    units = Units()
    rotation = Rotation(places, units, lambda: let_phone_end(places))
    cameras = CameraWatch(find_cameras, lambda: let_phone_end(places))
    printer = PrinterWatch(
        lambda: read_choices(places.choices).devices.printer,
        lambda: bool(queue_address()),
        find_printers,
        make_queue,
    )

    plugs = PlugWatch(places.missing, lambda: is_in_call(places))
    night = MissedNight(places, units, lambda: is_in_call(places))

    def told() -> dict[str, Any]:
        tested = read_kept(places.self_test)
        session = Session(places.sway_socket)
        return report(machine, places, tested, session, read_outcome(places))

    acts = Acts(
        report=told,
        is_in_call=lambda: is_in_call(places),
        start_self_test=lambda reason: units.restart(SELF_TEST.format(reason.value)),
        last_self_test=lambda: read_kept(places.self_test),
        owed_self_test=lambda: read_owed(places.self_test_owed),
        collect=lambda: collect(places, told()),
        rotate=lambda: rotation.take(_api(places).new_secrets(machine)),
        settle=lambda: _settle(places, units, rotation, cameras, printer, plugs),
        keep_repository=lambda told: _keep_repository(told, places),
        start_update=lambda: units.begin(UPDATE),
        is_updating=lambda: units.is_at_it(UPDATE),
        catch_up=night.look,
    )
    return Agent(lambda: _api(places), acts, told_before)


def _api(places: Places) -> MachineApi:
    """Give the server by the secrets that are in force now: a rotation changes them."""
    grant = kept_grant(places)
    token = str(grant.bundle["kiosk"]["token"])
    return MachineApi(Site(grant.site, web_authority(places), token=token))


def _settle(
    places: Places,
    units: Units,
    rotation: Rotation,
    cameras: CameraWatch,
    printer: PrinterWatch,
    plugs: PlugWatch,
) -> None:
    rotation.settle()
    cameras.look()
    now = time.monotonic()
    is_other_printer = printer.look(now)
    if plugs.look(now) or is_other_printer:
        units.restart(SELF_TEST.format("asked"))
    if places.upgraded.exists() and not is_in_call(places):
        # A unit of its own: this one may not write what that must.
        remove_file(places.upgraded)
        units.restart(APPLY)


def _keep_repository(told: Any, places: Places) -> None:
    try:
        if follow_repository(read_repository(told), places):
            log.info("packages come from elsewhere from now on")
    except RepositoryMalformed as error:
        # What else the server says is good all the same.
        log.error("the server's repository is not readable", why=str(error))
    except RepositoryKeyChanged as error:
        log.error("the server's repository has another key", why=str(error))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
