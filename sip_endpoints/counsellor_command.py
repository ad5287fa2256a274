# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `guichet-counsellor`: the counsellor's telephone, and orders to it."""

import os
import sys
from pathlib import Path
from typing import Any, TextIO

import click

from sip_endpoints.bundle_command import (
    CommandFailed,
    SettingRefused,
    bundle_argument,
    give_order,
    json_option,
    media_options,
    print_status,
    read_bundle,
    status_lines,
)
from sip_endpoints.call.keeper import CallKeeper
from sip_endpoints.call.phone import MissingDeviceError, Phone, PhoneError
from sip_endpoints.control import ControlError, ControlServer
from sip_endpoints.counsellor import Counsellor
from sip_endpoints.log import configure_log
from sip_endpoints.memory import give_memory_back
from sip_endpoints.running import Orders, StopRequest, Watchdog, run_loop
from sip_endpoints.settings import EndpointSettings
from sip_endpoints.terminal import HELP, Terminal, read_command

PROGRAM = "guichet-counsellor"
BUNDLE_ROLE = "counsellor"


class Console:
    """The counsellor service with a keyboard: one more source of orders."""

    def __init__(
        self,
        counsellor: Counsellor,
        terminal: Terminal,
        stop: StopRequest,
        ends_with_input: bool,
    ) -> None:
        self._counsellor = counsellor
        self._terminal = terminal
        self._stop = stop
        self._ends_with_input = ends_with_input
        self.orders: Orders | None = None
        self.handle = counsellor.handle
        self.obey = counsellor.obey
        self.status = counsellor.status

    def tick(self) -> None:
        """Let the counsellor look after the call."""
        self._counsellor.tick()

    def poll(self) -> None:
        """Carry out what was typed since the last round."""
        try:
            while (line := self._terminal.take_line()) is not None:
                self._obey_line(line)
        except EOFError:
            # A person who left; a pipe that ended leaves the telephone running.
            if self._ends_with_input:
                self._stop.make()

    def _obey_line(self, line: str) -> None:
        if not line.strip():
            return
        command, argument = read_command(line) or ("", "")
        match command:
            case "répondre":
                self._counsellor.answer()
            case "raccrocher":
                self._counsellor.hang_up()
            case "appeler":
                self._counsellor.call(argument)
            case "code":
                outcome = self._counsellor.send_code(argument)
                if outcome.error:
                    self._terminal.say(outcome.error)
            case "disponible" | "pause":
                self._counsellor.set_available(command == "disponible")
            case "état" if self.orders is not None:
                for text in status_lines(self.orders.status()):
                    self._terminal.say(text)
            case "aide":
                self._terminal.say(HELP)
            case "quitter":
                self._stop.make()
            case _:
                self._terminal.say("Commande inconnue. Tapez « aide » (h).")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The counsellor's telephone, and orders to the one that is running."""


@main.command()
@bundle_argument
@click.option(
    "--auto-answer", is_flag=True, default=None, help="Take each call at once."
)
@media_options
def run(
    bundle: Path,
    auto_answer: bool | None,
    camera: str | None,
    audio: str | None,
    display: str | None,
    log_level: str | None,
    sip_log: Path | None,
) -> None:
    """Register, ring, and obey the prompt until "quitter" or Ctrl-C."""
    # Only here: the short commands need not load the SIP stack.
    from sip_endpoints.pjsua.phone import PjsuaPhone

    is_person = sys.stdin.isatty()
    give_memory_back()
    configure_log(log_level or ("error" if sys.stderr.isatty() else "info"))
    options: dict[str, Any] = {
        "media.camera": camera,
        "media.audio": audio,
        "media.display": display,
        "counsellor.auto_answer": auto_answer,
    }
    settings = read_bundle(bundle, BUNDLE_ROLE, options)
    phone = PjsuaPhone(
        settings,
        windowed=settings.media.display != "fullscreen",
        user_agent=PROGRAM,
        sip_log=sip_log,
    )
    terminal = Terminal(_screen(settings), is_ringing_aloud=sys.stdout.isatty())
    try:
        healthy = _run(settings, phone, terminal, is_person)
    except MissingDeviceError as error:
        raise SettingRefused(str(error)) from error
    except (PhoneError, ControlError) as error:
        raise CommandFailed(str(error)) from error
    finally:
        terminal.close()
    if not healthy:
        raise CommandFailed("the telephone is no longer healthy")


def _screen(settings: EndpointSettings) -> TextIO:
    """Give where the counsellor reads.

    What an unattended telephone prints ends in somebody's log: residents' names must not.
    """
    is_attended = sys.stdin.isatty() or sys.stdout.isatty()
    answers_alone = settings.counsellor is not None and settings.counsellor.auto_answer
    if answers_alone and not is_attended:
        return open(os.devnull, "w", encoding="utf-8")
    return sys.stdout


def _run(
    settings: EndpointSettings, phone: Phone, terminal: Terminal, is_person: bool
) -> bool:
    media, mine = settings.media, settings.counsellor
    keeper = CallKeeper(phone, media.silence_limit_seconds, media.black_picture_seconds)
    counsellor = Counsellor(
        phone, keeper, terminal, auto_answer=bool(mine and mine.auto_answer)
    )
    stop = StopRequest()
    stop.listen_to_signals()
    console = Console(counsellor, terminal, stop, ends_with_input=is_person)
    orders = Orders(PROGRAM, phone, counsellor, stop)
    console.orders = orders
    control = ControlServer(settings.control.socket, orders.obey)
    try:
        phone.start()
        terminal.say("Téléphone du conseiller. « aide » (h) donne les commandes.")
        terminal.read_from(sys.stdin)
        return run_loop(phone, console, [control, console], stop, Watchdog())
    finally:
        control.close()
        phone.close()


@main.command()
@bundle_argument
@json_option
def status(bundle: Path, as_json: bool) -> None:
    """Say what the running telephone sees: registration, call, picture."""
    print_status(give_order(read_bundle(bundle, BUNDLE_ROLE), "status"), as_json)


@main.command()
@bundle_argument
def answer(bundle: Path) -> None:
    """Take the call that rings."""
    give_order(read_bundle(bundle, BUNDLE_ROLE), "answer")


@main.command()
@bundle_argument
def hangup(bundle: Path) -> None:
    """End or refuse the call."""
    give_order(read_bundle(bundle, BUNDLE_ROLE), "hangup")


@main.command()
@bundle_argument
def pause(bundle: Path) -> None:
    """Take no more calls from the queue; returns once the switchboard agreed."""
    give_order(read_bundle(bundle, BUNDLE_ROLE), "pause")


@main.command()
@bundle_argument
def available(bundle: Path) -> None:
    """Take calls from the queue again; returns once the switchboard agreed."""
    give_order(read_bundle(bundle, BUNDLE_ROLE), "available")


@main.command()
@bundle_argument
@click.argument("kiosk")
def call(bundle: Path, kiosk: str) -> None:
    """Call a kiosk by its slug; returns once it answered or did not."""
    give_order(read_bundle(bundle, BUNDLE_ROLE), "call", kiosk)


@main.command()
@bundle_argument
@click.argument("code")
def digits(bundle: Path, code: str) -> None:
    """Key a code such as "*12#" in the call; returns once the last key was taken."""
    give_order(read_bundle(bundle, BUNDLE_ROLE), "digits", code)


@main.command(name="quit")
@bundle_argument
def quit_running(bundle: Path) -> None:
    """Stop the running telephone."""
    give_order(read_bundle(bundle, BUNDLE_ROLE), "quit")
