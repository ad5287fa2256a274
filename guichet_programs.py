# SPDX-License-Identifier: AGPL-3.0-or-later
"""The programs that the distribution installs, each by the name of its entry point.

Every machine gets all of them: what each needs comes with an extra of setup.cfg. A program whose
extra is not there says so in one sentence. Nothing of ours is imported before it is asked for.
"""

import atexit
import gc
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import click


@dataclass(frozen=True)
class Program:
    """A program: as it is typed, the module whose `main` it is, and the extra it needs."""

    typed: str
    module: str
    extra: str
    # Modules that come with the extra and that the program cannot do without, however late
    # it imports them.
    needs: tuple[str, ...]


_SERVER = ("flask", "sqlalchemy", "structlog")
_TELEPHONE = ("pjsua2", "prompt_toolkit", "sdnotify")

PROGRAMS = {
    "provision": Program("guichet-provision", "provisioning.cli", "web", _SERVER),
    "server": Program("guichet-server", "provisioning.server.main", "web", _SERVER),
    "web": Program("guichet-web", "booking_web.commands.main", "web", _SERVER),
    "dispatcher": Program(
        "guichet-dispatcher",
        "booking_web.dispatcher.command",
        "web",
        ("panoramisk", *_SERVER),
    ),
    "kiosk": Program(
        "guichet-kiosk", "sip_endpoints.kiosk_command", "kiosk", _TELEPHONE
    ),
    "bridge": Program(
        "guichet-bridge",
        "device_bridge.command",
        "kiosk",
        ("cups", "sane", "requests", "sdnotify", "structlog"),
    ),
    "counsellor": Program(
        "guichet-counsellor",
        "sip_endpoints.counsellor_command",
        "counsellor",
        _TELEPHONE,
    ),
}


def __getattr__(name: str) -> click.Command:
    """Import and give the program of an entry point; end where its extra is missing."""
    if name not in PROGRAMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    program = PROGRAMS[name]
    for needed in program.needs:
        if find_spec(needed) is None:
            raise SystemExit(
                f"{program.typed} needs {needed}, which this machine does not have:"
                f" install guichet-virtuel[{program.extra}]."
            )
    command: click.Command = imported(program.module).main
    return _telling_its_version(command, program.typed)


def imported(module: str) -> ModuleType:
    """Import it with all that it needs, without looking for rubbish meanwhile: there is none.

    A program starts in two thirds of the time so. What was imported stays for good: it is not
    looked through again either, nor copied in the processes that are forked (`gc.freeze`); at
    the end it is given up, as what was written in C++ asks for.
    """
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.freeze()
        gc.enable()
        atexit.register(gc.unfreeze)


def _telling_its_version(command: click.Command, typed: str) -> click.Command:
    """Give the program its option --version: that of the installed distribution."""
    if all(parameter.name != "version" for parameter in command.params):
        click.version_option(package_name="guichet-virtuel", prog_name=typed)(command)
    return command
