# SPDX-License-Identifier: AGPL-3.0-or-later
"""The commands by which a machine becomes a kiosk, and is one no longer."""

import json
import os
import socket
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import click

from sip_endpoints.bundle_command import CommandFailed, json_option
from sip_endpoints.machine.checks.check import CheckReason
from sip_endpoints.machine.checks.self_test import let_phone_end
from sip_endpoints.machine.checks.sentences import lines, missing
from sip_endpoints.machine.enrolment.asking import ask_for_grant, open_site
from sip_endpoints.machine.enrolment.attempt import (
    begin_attempt,
    end_attempt,
    is_answered,
)
from sip_endpoints.machine.enrolment.code import read_code
from sip_endpoints.machine.enrolment.grant import Grant, read_grant_file
from sip_endpoints.machine.enrolment.in_force import (
    put_files,
    set_up_printing,
    start,
    take_away,
)
from sip_endpoints.machine.enrolment.reaching import hindrance_of_calls
from sip_endpoints.machine.enrolment.readiness import (
    Readiness,
    await_start,
    make_self_test,
    show,
)
from sip_endpoints.machine.enrolment.storing import (
    is_enrolled,
    keep_grant,
    kept_grant,
)
from sip_endpoints.machine.enrolment.typed import read_typed
from sip_endpoints.machine.packages.repository import keep_repository
from sip_endpoints.machine.server.address import host_of
from sip_endpoints.machine.session.outputs import (
    Session,
    SessionAway,
    chosen,
    screen_lines,
)
from sip_endpoints.machine.system.choices import (
    Choices,
    read_choices,
    read_networks,
    write_choices,
)
from sip_endpoints.machine.system.errors import InCall, MachineError
from sip_endpoints.machine.system.identity import machine_id
from sip_endpoints.machine.system.kept_files import write_file
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.units import AGENT, SCREEN, Units
from sip_endpoints.machine.system.version import product_version

IN_CALL = "Un appel est en cours : recommencez après l'appel."
_WHERE = (
    "Il est sur la feuille de rattachement de la borne, et sur sa page"
    " (« Rattacher cette borne »)."
)
_ASKED = f"Ce PC attend le nom de son serveur, puis le code de la borne. {_WHERE}"
_ASKED_OF = f"Ce PC attend le code de la borne, que donne {{}}. {_WHERE}"


def need_root() -> None:
    """End the command where it is not root who asks."""
    if os.geteuid() != 0:
        raise CommandFailed("Cette commande change ce PC : lancez-la en root.")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says what is done while it is done; silent where a script reads the result."""

    is_silent: bool

    def say(self, text: str) -> None:
        """Say one line."""
        if not self.is_silent:
            click.echo(text)


@click.command()
@click.argument("host", required=False)
@click.argument("code", required=False)
@click.option(
    "--file",
    "file",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="The file of the kiosk, for a PC without a network; instead of HOST and CODE.",
)
@click.option(
    "--ssh-from",
    multiple=True,
    help="A network from which administrators come in by SSH; may be repeated.",
)
@json_option
def enrol(
    host: str | None,
    code: str | None,
    file: Path | None,
    ssh_from: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make this PC the kiosk for which CODE was given by the server HOST.

    Without either of them, at a terminal, it asks for them until a server knows the code.
    """
    need_root()
    is_asked = file is None and host is None and not as_json and sys.stdin.isatty()
    if not is_asked and (file is None) != bool(host and code):
        raise click.UsageError("Donnez le serveur et le code, ou --file.")
    places, speaker = Places(), Speaker(as_json)
    began = time.monotonic()
    try:
        if is_asked:
            grant = ask_for_code(places, speaker)
            began = time.monotonic()
        elif file is not None:
            grant = _grant_of_file(file)
        else:
            grant = _grant_of_code(str(host), str(code), places, speaker)
        choices = _choices(places, grant, ssh_from)
        keep_grant(grant, places)
        keep_repository(grant.repository, places)
        end_attempt(places.attempt)
        if hindrance := hindrance_of_calls(grant):
            speaker.say(hindrance)
        readiness = bring_up(grant, choices, places, speaker, CheckReason.ENROLMENT)
    except InCall:
        _leave_to_agent(places)
        readiness = Readiness((), is_owed=True)
    except MachineError as error:
        raise CommandFailed(str(error)) from error
    _tell(readiness, grant.slug, time.monotonic() - began, as_json)


def bring_up(
    grant: Grant,
    choices: Choices,
    places: Places,
    speaker: Speaker,
    reason: CheckReason,
) -> Readiness:
    """Put everything in force, start it, and have it tested."""
    units = Units()
    ran_before = units.are_any_up()
    put_files(grant, choices, places)
    start(units)
    if ran_before:
        # It begins anew with the new files; who was called meanwhile talks.
        if not let_phone_end(places):
            raise InCall(IN_CALL)
        units.begin_anew()
        units.restart(AGENT)
    speaker.say(set_up_printing(choices, places))
    speaker.say("La borne démarre...")
    await_start(places)
    remember_screens(choices, places)
    readiness = make_self_test(places, units, reason)
    if readiness.is_owed:
        # Neither the page nor a sentence over it comes between those who talk.
        return readiness
    # Chromium writes the cookie that let it in half a minute later, or when it is closed: a
    # plug that is pulled now must not cost it.
    units.restart_now(SCREEN)
    show(places, readiness.sentence)
    return readiness


def remember_screens(choices: Choices, places: Places) -> None:
    """Keep which of two screens is which, so that it is the same at each start."""
    try:
        outputs = Session(places.sway_socket).outputs()
    except SessionAway:
        return
    call, pages = chosen(choices.screens, outputs)
    if call == pages or choices.screens.call:
        return
    screens = replace(choices.screens, call=call, pages=pages)
    write_choices(places.choices, replace(choices, screens=screens))
    write_file(places.screens, screen_lines(screens))


@click.command()
@click.option(
    "--after-call",
    is_flag=True,
    help="Return at once; the agent does it when no call is up.",
)
@click.option(
    "--reason",
    type=click.Choice([CheckReason.ASKED.value, CheckReason.UPDATE.value]),
    default=CheckReason.ASKED.value,
    show_default=True,
    help="Why; the server is told with the self-test.",
)
@json_option
def apply(after_call: bool, reason: str, as_json: bool) -> None:
    """Put in force what kiosk.toml says, and test it: after a change, or an upgrade."""
    need_root()
    places, speaker = Places(), Speaker(as_json)
    began = time.monotonic()
    try:
        grant = kept_grant(places)
        if after_call:
            _leave_to_agent(places)
            return
        choices = read_choices(places.choices)
        readiness = bring_up(grant, choices, places, speaker, CheckReason(reason))
    except InCall as error:
        if reason == CheckReason.UPDATE.value:
            # Nobody is there to type it again: the agent does it after the call.
            write_file(places.upgraded, "", mode=0o600)
        raise CommandFailed(str(error)) from error
    except MachineError as error:
        raise CommandFailed(str(error)) from error
    _tell(readiness, grant.slug, time.monotonic() - began, as_json)


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask first.")
def leave(yes: bool) -> None:
    """Make this PC no kiosk any more: secrets destroyed, everything given back."""
    need_root()
    places = Places()
    if not is_enrolled(places):
        click.echo("Ce PC n'est pas une borne : rien à défaire.")
        return
    if not yes:
        click.confirm("Ce PC ne sera plus une borne. Continuer ?", abort=True)
    try:
        take_away(places, Units())
    except MachineError as error:
        raise CommandFailed(str(error)) from error
    click.echo("Ce PC n'est plus une borne. Révoquez-la aussi sur le serveur.")


def _leave_to_agent(places: Places) -> None:
    """Have the agent put everything in force, and test it, when no call is up."""
    write_file(places.upgraded, "", mode=0o600)
    Units().restart(AGENT)


def _grant_of_file(file: Path) -> Grant:
    try:
        return read_grant_file(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{file} n'est pas lisible.") from error


def ask_for_code(places: Places, speaker: Speaker) -> Grant:
    """Ask at the terminal until what is typed is a code that its server knows."""
    known = known_server(places)
    speaker.say(_ASKED_OF.format(known) if known else _ASKED)
    while True:
        line = click.prompt("Code" if known else "Serveur et code", prompt_suffix=" : ")
        try:
            return _grant_of_code(*read_typed(line, known), places, speaker)
        except MachineError as error:
            speaker.say(f"{error}\n")


def known_server(places: Places) -> str:
    """Give the server that the medium told this PC, by which it was installed; or none."""
    try:
        return host_of(places.server.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, MachineError):
        return ""


def _grant_of_code(host: str, typed: str, places: Places, speaker: Speaker) -> Grant:
    host, code = host_of(host), read_code(typed)
    if is_answered(places.attempt, code) and is_enrolled(places):
        # The command was cut off after the answer was kept, or is typed once more.
        return kept_grant(places)
    attempt = begin_attempt(places.attempt, code)
    machine = {
        "id": machine_id(),
        "hostname": socket.gethostname(),
        "version": product_version(),
    }
    grant = ask_for_grant(host, code, attempt, machine, open_site(host))
    speaker.say(f"{host} a reconnu le code : ce PC est {grant.slug}.")
    return grant


def _choices(places: Places, grant: Grant, ssh_from: tuple[str, ...]) -> Choices:
    """Keep what was chosen here before; the language is the server's at first."""
    choices = read_choices(places.choices)
    if not places.choices.exists():
        choices = replace(choices, language=grant.language)
    if ssh_from:
        network = replace(choices.network, ssh_from=read_networks(list(ssh_from)))
        choices = replace(choices, network=network)
    write_choices(places.choices, choices)
    return choices


def _tell(readiness: Readiness, slug: str, seconds: float, as_json: bool) -> None:
    if as_json:
        told = {
            "kiosk": slug,
            "ready": readiness.is_ready,
            "after_call": readiness.is_owed,
            "seconds": round(seconds, 1),
            "missing": missing(readiness.checks),
            "checks": [each.to_json() for each in readiness.checks],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        for line in lines(readiness.checks):
            click.echo(line)
        click.echo(f"{readiness.sentence} ({slug}, {seconds:.0f} s)")
    if not (readiness.is_ready or readiness.is_owed):
        raise click.exceptions.Exit(1)
