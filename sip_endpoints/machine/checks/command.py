# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `guichet-kiosk self-test`: as the unit runs it, or on a terminal."""

import json

import click

from sip_endpoints.bundle_command import CommandFailed, json_option
from sip_endpoints.log import configure_log
from sip_endpoints.machine.checks.check import BEFORE_UPDATE, CheckReason, is_ready
from sip_endpoints.machine.checks.owed import keep_owed
from sip_endpoints.machine.checks.self_test import SelfTest, keep
from sip_endpoints.machine.checks.sentences import lines
from sip_endpoints.machine.session.captions import captions_faults
from sip_endpoints.machine.system.choices import read_choices
from sip_endpoints.machine.system.errors import InCall, MachineError
from sip_endpoints.machine.system.kept_files import remove_file
from sip_endpoints.machine.system.places import Places


@click.command(name="self-test")
@click.option(
    "--reason",
    type=click.Choice([*(each.value for each in CheckReason), BEFORE_UPDATE]),
    default=CheckReason.ASKED.value,
    show_default=True,
    help="Why it is made; the server is told, but of the one before an update.",
)
@json_option
def self_test(reason: str, as_json: bool) -> None:
    """Test camera, sound, screens, network, printer and all; never during a call.

    Where a call is up, the agent has it made after the call.
    """
    configure_log("warning")
    places, is_before = Places(), reason == BEFORE_UPDATE
    told = CheckReason.ASKED if is_before else CheckReason(reason)
    try:
        tested = SelfTest(places, read_choices(places.choices)).make(told)
        keep(tested, places.self_test_before if is_before else places.self_test)
        if not is_before:
            remove_file(places.self_test_owed)
    except InCall as error:
        if not is_before:
            keep_owed(told, places.self_test_owed)
        raise CommandFailed(str(error)) from error
    except MachineError as error:
        raise CommandFailed(str(error)) from error
    if as_json:
        click.echo(json.dumps(tested.to_json(), ensure_ascii=False))
    else:
        for line in lines(tested.checks):
            click.echo(line)
        # Without captions the kiosk does all else: no reason to call nobody there.
        for fault in captions_faults(places.captions_bundle):
            click.echo(f"NON Sous-titres : {fault}")
    if not is_ready(tested.checks):
        raise click.exceptions.Exit(1)
