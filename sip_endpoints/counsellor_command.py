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
    give_order,
    json_option,
    media_options,
    print_status,
    read_bundle,
    status_lines,
)
from sip_endpoints.call.keeper import CallKeeper
from sip_endpoints.call.known_line import KnownLine
from sip_endpoints.call.line_keeper import LineKeeper
from sip_endpoints.call.phone import MissingDeviceError, Phone, PhoneError
from sip_endpoints.call.sent_pictures import SentPictures
from sip_endpoints.control import ControlError, ControlServer
from sip_endpoints.counsellor import Counsellor
from sip_endpoints.log import configure_log
from sip_endpoints.memory import give_memory_back
from sip_endpoints.own_bundle import own_bundle, put_in_place
from sip_endpoints.running import Orders, StopRequest, Watchdog, run_loop
from sip_endpoints.settings import EndpointSettings, SettingsError
from sip_endpoints.terminal import HELP, Terminal, read_command

PROGRAM = "guichet-counsellor"
BUNDLE_ROLE = "counsellor"

# Left out, it is the person's own.
bundle_argument = click.argument(
    "bundle", required=False, type=click.Path(dir_okay=False, path_type=Path)
)


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
    """The counsellor's telephone, and orders to the one that is running.

    BUNDLE may be left out where `set-up` has put the person's own in place.
    """


@main.command(name="set-up")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def set_up(file: Path) -> None:
    """Put the bundle that was received where the other commands find it.

    Where it names a file of its authority (ca.pem), that must lie beside it.
    """
    _put_in_place(file)
    click.echo("C'est fait : lancez « guichet-counsellor run ».")


def _put_in_place(file: Path) -> Path:
    try:
        return put_in_place(file, os.environ)
    except SettingsError as error:
        raise SettingRefused(str(error)) from error


def _settings(
    bundle: Path | None, options: dict[str, Any] | None = None
) -> EndpointSettings:
    """Give the settings of the bundle that is named, or else of the person's own."""
    if bundle is None:
        bundle = own_bundle(os.environ)
        if not bundle.exists():
            raise SettingRefused(
                f"there is no {bundle}: put your bundle there with"
                " `guichet-counsellor set-up FILE`"
            )
    return read_bundle(bundle, BUNDLE_ROLE, options)


@main.command()
@bundle_argument
@click.option(
    "--auto-answer", is_flag=True, default=None, help="Take each call at once."
)
@media_options
def run(
    bundle: Path | None,
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
    if bundle is None and is_person and not own_bundle(os.environ).exists():
        asked = click.Path(exists=True, dir_okay=False, path_type=Path)
        _put_in_place(
            click.prompt("Où est le fichier que vous avez reçu ?", type=asked)
        )
    give_memory_back()
    configure_log(log_level or ("error" if sys.stderr.isatty() else "info"))
    options: dict[str, Any] = {
        "media.camera": camera,
        "media.audio": audio,
        "media.display": display,
        "counsellor.auto_answer": auto_answer,
    }
    settings = _settings(bundle, options)
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
    pictures = SentPictures(phone, media.picture, KnownLine.of_settings(media))
    line = LineKeeper(phone, pictures, reports_first=True)
    keeper = CallKeeper(
        phone, media.silence_limit_seconds, media.black_picture_seconds, line=line
    )
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
def status(bundle: Path | None, as_json: bool) -> None:
    """Say what the running telephone sees: registration, call, picture."""
    print_status(give_order(_settings(bundle), "status"), as_json)


@main.command()
@bundle_argument
def answer(bundle: Path | None) -> None:
    """Take the call that rings."""
    give_order(_settings(bundle), "answer")


@main.command()
@bundle_argument
def hangup(bundle: Path | None) -> None:
    """End or refuse the call."""
    give_order(_settings(bundle), "hangup")


@main.command()
@bundle_argument
def pause(bundle: Path | None) -> None:
    """Take no more calls from the queue; returns once the switchboard agreed."""
    give_order(_settings(bundle), "pause")


@main.command()
@bundle_argument
def available(bundle: Path | None) -> None:
    """Take calls from the queue again; returns once the switchboard agreed."""
    give_order(_settings(bundle), "available")


@main.command()
@bundle_argument
@click.argument("kiosk", required=False)
def call(bundle: Path | None, kiosk: str | None) -> None:
    """Call a kiosk by its slug; returns once it answered or did not."""
    bundle, kiosk = _last_word("KIOSK", bundle, kiosk)
    give_order(_settings(bundle), "call", kiosk)


@main.command()
@bundle_argument
@click.argument("code", required=False)
def digits(bundle: Path | None, code: str | None) -> None:
    """Key a code such as "*12#" in the call; returns once the last key was taken."""
    bundle, code = _last_word("CODE", bundle, code)
    give_order(_settings(bundle), "digits", code)


def _last_word(
    name: str, bundle: Path | None, word: str | None
) -> tuple[Path | None, str]:
    """Give the bundle and the word: the only one that is typed is the word."""
    if word is not None:
        return bundle, word
    if bundle is None:
        raise click.UsageError(f"Missing argument '{name}'.")
    return None, str(bundle)


@main.command(name="quit")
@bundle_argument
def quit_running(bundle: Path | None) -> None:
    """Stop the running telephone."""
    give_order(_settings(bundle), "quit")
