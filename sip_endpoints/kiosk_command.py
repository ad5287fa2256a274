# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `guichet-kiosk`: run the kiosk's telephone, or ask the running one.

Whoever looks after the PC finds the commands of the machine here too.
"""

import os
from functools import partial
from pathlib import Path

import click

from device_bridge.call.link import LinkClient
from guichet_programs import imported
from sip_endpoints.bundle_command import (
    CommandFailed,
    SettingRefused,
    give_order,
    json_option,
    media_options,
    print_status,
    read_bundle,
)
from sip_endpoints.call.camera_keeper import CameraKeeper, FirstScreen, NoFirstScreen
from sip_endpoints.call.keeper import CallKeeper
from sip_endpoints.call.known_line import KnownLine
from sip_endpoints.call.line_keeper import LineKeeper
from sip_endpoints.call.phone import MissingDeviceError, PhoneError
from sip_endpoints.call.sent_pictures import SentPictures
from sip_endpoints.captions.link import CaptionsLink
from sip_endpoints.control import ControlError, ControlServer
from sip_endpoints.device_link import DeviceLink
from sip_endpoints.interpreter import Interpreter
from sip_endpoints.kiosk import Kiosk
from sip_endpoints.log import Log, configure_log
from sip_endpoints.loudness import Loudness
from sip_endpoints.machine.session.first_screen import (
    NOTICE_SOUND,
    SwayFirstScreen,
    run_briefly,
)
from sip_endpoints.machine.session.outputs import Session
from sip_endpoints.machine.session.session_watch import SessionWatch
from sip_endpoints.machine.session.speaker_frames import SpeakerFrames, Swaymsg
from sip_endpoints.machine.session.start_page import FRENCH
from sip_endpoints.machine.system.choices import read_choices
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.places import Places
from sip_endpoints.media_test import MediaTest
from sip_endpoints.memory import give_memory_back
from sip_endpoints.running import Orders, Source, StopRequest, Watchdog, run_loop
from sip_endpoints.settings import NO_DISPLAY, NULL_AUDIO, MediaSettings

log = Log(__name__)

PROGRAM = "guichet-kiosk"
# Imported when asked for: the telephone runs all day and does without them.
MACHINE_COMMANDS = {
    "agent": "sip_endpoints.machine.agent.command:agent",
    "apply": "sip_endpoints.machine.enrolment.command:apply",
    "browse": "sip_endpoints.machine.session.command:browse",
    "captions": "sip_endpoints.machine.session.captions:captions",
    "devices": "sip_endpoints.machine.devices.command:devices",
    "enrol": "sip_endpoints.machine.enrolment.command:enrol",
    "judge-update": "sip_endpoints.machine.updates.command:judge_update",
    "leave": "sip_endpoints.machine.enrolment.command:leave",
    "prepare-update": "sip_endpoints.machine.updates.command:prepare_update",
    "screens": "sip_endpoints.machine.session.command:screens",
    "self-test": "sip_endpoints.machine.checks.command:self_test",
    "update": "sip_endpoints.machine.updates.command:update",
}

kiosk_bundle = click.argument(
    "bundle", type=click.Path(dir_okay=False, path_type=Path), default=Places().bundle
)


class KioskGroup(click.Group):
    """The commands of the telephone, and those of the machine."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of all, sorted."""
        return sorted({*super().list_commands(ctx), *MACHINE_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give a command by its name, or None."""
        place = MACHINE_COMMANDS.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _, name = place.partition(":")
        command: click.Command = getattr(imported(module), name)
        return command


@click.group(cls=KioskGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The kiosk: its telephone, and the machine that it is."""


@main.command()
@kiosk_bundle
@media_options
def run(
    bundle: Path,
    camera: str | None,
    audio: str | None,
    display: str | None,
    log_level: str | None,
    sip_log: Path | None,
) -> None:
    """Register and answer, until stopped by SIGTERM or Ctrl-C."""
    # Only here: `status` is asked often and need not load the SIP stack.
    from sip_endpoints.pjsua.phone import PjsuaPhone

    give_memory_back()
    configure_log(log_level or "info")
    options = {"media.camera": camera, "media.audio": audio, "media.display": display}
    settings = read_bundle(bundle, "kiosk", options)
    media = settings.media
    phone = PjsuaPhone(
        settings,
        # The session gives each call its part of the screen.
        windowed=media.display == "window" or _session_socket(media) is not None,
        user_agent=PROGRAM,
        sip_log=sip_log,
        starts_dark=True,
    )
    pictures = SentPictures(
        phone, media.picture, KnownLine.of_settings(media), calls_at_most=2
    )
    keeper, second = (
        CallKeeper(
            phone,
            media.silence_limit_seconds,
            media.black_picture_seconds,
            line=LineKeeper(phone, pictures, reports_first=False),
        )
        for _ in range(2)
    )
    devices = None
    if settings.bridge is not None:
        devices = DeviceLink(
            LinkClient(settings.bridge.socket), phone, _loudness(media.audio)
        )
    camera_keeper = CameraKeeper(phone, _first_screen(media), NOTICE_SOUND)
    interpreter = Interpreter(phone, second, camera_keeper)
    captions = None
    if settings.captions is not None:
        captions = CaptionsLink(settings.captions.socket, phone)
    kiosk = Kiosk(
        phone,
        settings.sip.user,
        keeper,
        camera_keeper,
        interpreter,
        devices,
        captions,
        MediaTest(phone),
    )
    stop = StopRequest()
    stop.listen_to_signals()
    orders = Orders(PROGRAM, phone, kiosk, stop)
    try:
        control = ControlServer(settings.control.socket, orders.obey)
    except ControlError as error:
        raise CommandFailed(str(error)) from error
    try:
        phone.start()
        sources: list[Source] = [
            control,
            camera_keeper,
            *([devices] if devices else []),
            *([captions] if captions else []),
            *_session_watch(media, keeper, stop),
        ]
        healthy = run_loop(phone, kiosk, sources, stop, Watchdog())
    except MissingDeviceError as error:
        raise SettingRefused(str(error)) from error
    except PhoneError as error:
        raise CommandFailed(str(error)) from error
    finally:
        control.close()
        if captions is not None:
            captions.close()
        phone.close()
        if devices is not None:
            devices.close()
    if not healthy:
        raise CommandFailed("the telephone is no longer healthy")


def _session_socket(media: MediaSettings) -> Path | None:
    """Give where a session like a kiosk's answers; None where no calls are drawn in one."""
    socket = Path(os.environ.get("SWAYSOCK", Places().sway_socket))
    is_drawn = media.display not in (NO_DISPLAY, "window")
    return socket if is_drawn and socket.exists() else None


def _session_watch(
    media: MediaSettings, keeper: CallKeeper, stop: StopRequest
) -> list[SessionWatch]:
    """Give what looks after the session that the calls are drawn in."""
    display, runtime = map(os.environ.get, ("WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"))
    if media.display in (NO_DISPLAY, "window") or not display or not runtime:
        return []
    return [
        SessionWatch(
            Path(runtime) / display, lambda: keeper.current is not None, stop.make
        )
    ]


def _first_screen(media: MediaSettings) -> FirstScreen:
    """Give what lies behind the counsellor's picture, in a session like a kiosk's."""
    socket = _session_socket(media)
    if socket is None:
        return NoFirstScreen()
    try:
        language = read_choices(Places().choices).language
    except MachineError as error:
        log.warning("the choices are not read", why=str(error))
        language = FRENCH
    return SwayFirstScreen(
        Session(socket, run_briefly),
        language,
        frames=SpeakerFrames(partial(Swaymsg, socket)),
    )


def _loudness(audio: str) -> Loudness | None:
    """Give what sets the volume; a kiosk whose sound goes nowhere has none."""
    if audio == NULL_AUDIO:
        return None
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    return Loudness(Path(state) / "guichet-volume")


@main.command()
@kiosk_bundle
@json_option
def status(bundle: Path, as_json: bool) -> None:
    """Say what the running kiosk sees: registration, call, picture."""
    print_status(give_order(read_bundle(bundle, "kiosk"), "status"), as_json)


@main.command(name="quit")
@kiosk_bundle
def quit_running(bundle: Path) -> None:
    """Stop the running kiosk."""
    give_order(read_bundle(bundle, "kiosk"), "quit")
