# SPDX-License-Identifier: AGPL-3.0-or-later
"""The commands of an update: the one for who stands at the kiosk, and the two of its unit."""

import json
import time

import click

from sip_endpoints.bundle_command import CommandFailed, json_option
from sip_endpoints.log import configure_log
from sip_endpoints.machine.checks.check import Check, CheckReason
from sip_endpoints.machine.checks.self_test import is_in_call
from sip_endpoints.machine.enrolment.command import (
    Speaker,
    bring_up,
    need_root,
)
from sip_endpoints.machine.enrolment.readiness import look_before_update, make_self_test
from sip_endpoints.machine.enrolment.storing import kept_grant
from sip_endpoints.machine.packages.apt import Apt
from sip_endpoints.machine.packages.outcome import read_outcome, refused_versions
from sip_endpoints.machine.packages.source import write_source
from sip_endpoints.machine.system.choices import read_choices
from sip_endpoints.machine.system.errors import InCall, MachineError
from sip_endpoints.machine.system.kept_files import remove_file
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.units import MEMBERS, UPDATE, Units
from sip_endpoints.machine.updates.judging import is_line_down, read_before, worse
from sip_endpoints.machine.updates.preparing import Looks, await_no_call, prepare
from sip_endpoints.machine.updates.standing import Standing

# What is red by chance is looked at again; a line that is down is waited for.
TRIES, LINE_TRIES, _BETWEEN_SECONDS = 3, 90, 10.0
UPDATE_SECONDS = 4 * 3600.0


@click.command()
@click.option("--now", "is_now", is_flag=True, help="Not by night: now.")
@json_option
def update(is_now: bool, as_json: bool) -> None:
    """Say which version is here and which is offered; --now: take it.

    It is taken by itself in the nightly window; what does not work as well as the version
    before is put back, and is not tried again but by --now.
    """
    need_root()
    configure_log("warning")
    places, units = Places(), Units()
    try:
        kept_grant(places)
        if is_now:
            if is_in_call(places):
                raise InCall("Un appel est en cours : recommencez après l'appel.")
            _take_now(places, units)
        standing = _look(places)
    except MachineError as error:
        raise CommandFailed(str(error)) from error
    if as_json:
        click.echo(json.dumps(standing.to_json()))
    else:
        for line in standing.lines():
            click.echo(line)
    if is_now and standing.offered:
        raise click.exceptions.Exit(1)


@click.command(name="prepare-update", hidden=True)
def prepare_update() -> None:
    """Make a new version ready; for guichet-update.service."""
    configure_log("info")
    places, units = Places(), Units()
    looks = Looks(
        is_in_call=lambda: is_in_call(places),
        self_test=lambda: look_before_update(places, units).checks,
        running_units=lambda: _running(units),
    )
    try:
        prepare(Apt(places), places, looks)
    except MachineError as error:
        raise CommandFailed(str(error)) from error


@click.command(name="judge-update", hidden=True)
def judge_update() -> None:
    """Start this version and print why it is worse, if it is; for update-steps."""
    configure_log("warning")
    places, units = Places(), Units()
    try:
        cause = _judge(places, units)
    except MachineError as error:
        raise CommandFailed(str(error)) from error
    if cause:
        click.echo(cause)
        raise click.exceptions.Exit(1)


def _judge(places: Places, units: Units) -> str:
    before = read_before(places.before_update.read_text(encoding="utf-8"))
    checks = _start_version(places)
    tries = 1
    while cause := worse(before, checks, _running(units)):
        limit = LINE_TRIES if is_line_down(before, checks) else TRIES
        if tries >= limit:
            return cause
        tries += 1
        time.sleep(_BETWEEN_SECONDS)
        await_no_call(lambda: is_in_call(places))
        checks = make_self_test(places, units, CheckReason.UPDATE).checks
    return ""


def _start_version(places: Places) -> tuple[Check, ...]:
    while True:
        await_no_call(lambda: is_in_call(places))
        try:
            return bring_up(
                kept_grant(places),
                read_choices(places.choices),
                places,
                Speaker(is_silent=True),
                CheckReason.UPDATE,
            ).checks
        except InCall:
            # Who was called just then talks.
            continue


def _running(units: Units) -> frozenset[str]:
    states = units.states()
    return frozenset(
        each.name for each in states if each.name in MEMBERS and each.active == "active"
    )


def _take_now(places: Places, units: Units) -> None:
    # Who stands there has looked: also what was put back before is tried again.
    remove_file(places.refused_versions)
    units.start_now(UPDATE, UPDATE_SECONDS)


def _look(places: Places) -> Standing:
    apt = Apt(places)
    if write_source(places):
        apt.refresh()
    offered = apt.offered()
    return Standing(
        installed=apt.installed(),
        offered=offered,
        is_refused=offered in refused_versions(places),
        window=read_choices(places.choices).updates.window,
        last=read_outcome(places),
    )
