# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `guichet-kiosk captions`: makes captions, or tries the models that a site brought."""

import os
import socket
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

import click

from sip_endpoints.bundle_command import CommandFailed
from sip_endpoints.captions.engine_process import EngineProcess
from sip_endpoints.captions.models import (
    CaptionsFault,
    ModelUnreadable,
    find_model,
    languages_of,
)
from sip_endpoints.captions.page_stream import Board, PageStream
from sip_endpoints.captions.service import CaptionsService
from sip_endpoints.captions.speech import RATE
from sip_endpoints.log import Log, configure_log
from sip_endpoints.machine.system.places import Places
from sip_endpoints.running import StopRequest, Watchdog

log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the enrolment wrote of captions: the models, the telephone's socket, the page."""

    folder: Path
    socket: Path
    screen_url: str


@click.command()
@click.argument(
    "settings",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Places().captions_bundle,
)
@click.option(
    "--check", is_flag=True, help="Load each model once, and say how it went."
)
@click.option("--log-level", default="info", help="debug, info, warning or error.")
def captions(settings: Path, check: bool, log_level: str) -> None:
    """Write what the counsellor says on the second screen; the unit guichet-captions runs it."""
    configure_log(log_level)
    ours = read_wanted(settings)
    if ours is None:
        raise CommandFailed("Les sous-titres ne sont pas demandés (kiosk.toml).")
    if check:
        _check(ours.folder)
        return
    for sentence in faults_of(ours.folder):
        log.error("captions", why=sentence)
    board = Board()
    stop, watchdog = StopRequest(), Watchdog()
    stop.listen_to_signals()
    with listening(ours.socket) as listener:
        stream = PageStream(board, ours.screen_url, ours.socket.parent)
        stream.start()
        watchdog.tell_ready()
        try:
            CaptionsService(listener, ours.folder, board).run(lambda: stop.is_made)
        finally:
            stream.close()


def read_wanted(settings: Path) -> Wanted | None:
    """Give what is wanted; None at a kiosk without captions."""
    try:
        told = tomllib.loads(settings.read_text(encoding="utf-8"))["captions"]
        return Wanted(
            Path(told["folder"]), Path(told["socket"]), str(told["screen_url"])
        )
    except FileNotFoundError:
        return None
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise CommandFailed(f"{settings} : {error}") from error


def captions_faults(settings: Path) -> list[str]:
    """Give a sentence for each fault of a kiosk's models; none where none are wanted."""
    wanted = read_wanted(settings)
    return faults_of(wanted.folder) if wanted else []


def listening(path: Path) -> socket.socket:
    """Listen where the telephone comes; nobody else's user may."""
    path.unlink(missing_ok=True)
    before = os.umask(0o177)
    try:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(1)
    return listener


def _check(folder: Path) -> None:
    try:
        for language in languages_of(folder):
            seconds = load_once(folder, language)
            click.echo(f"ok   Sous-titres ({language}) : chargé en {seconds:.1f} s.")
    except CaptionsFault as fault:
        raise CommandFailed(str(fault)) from fault


def faults_of(folder: Path) -> list[str]:
    """Give a sentence for each model whose files cannot be used; none is loaded for it."""
    try:
        languages = languages_of(folder)
    except CaptionsFault as fault:
        return [str(fault)]
    faults = []
    for language in languages:
        try:
            find_model(folder, language)
        except CaptionsFault as fault:
            faults.append(str(fault))
    return faults


def load_once(folder: Path, language: str) -> float:
    """Load a model in a process of its own, and give the seconds; raises CaptionsFault."""
    find_model(folder, language)
    engine = EngineProcess(folder, language, RATE)
    try:
        while not engine.is_hung:
            for message in engine.told():
                if "fault" in message:
                    raise CaptionsFault(message["fault"])
                if "ready" in message:
                    return float(message["ready"])
            time.sleep(0.05)
    except EOFError as error:
        # A library that does not know the files ends its process.
        raise ModelUnreadable(
            f"Le modèle de sous-titres est illisible : {folder / language}."
        ) from error
    finally:
        engine.kill()
    raise ModelUnreadable(
        f"Le modèle de sous-titres ne se charge pas à temps : {folder / language}."
    )
