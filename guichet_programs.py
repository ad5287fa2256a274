# SPDX-License-Identifier: AGPL-3.0-or-later
"""The programs that the distribution installs, each by the name of its entry point.

Every machine gets all of them: what each needs comes with an extra of setup.cfg. A program whose
extra is not there says so in one sentence. Nothing of ours is imported before it is asked for.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

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
        ("requests", "sdnotify", "structlog"),
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
    command: click.Command = import_module(program.module).main
    return _telling_its_version(command, program.typed)


def _telling_its_version(command: click.Command, typed: str) -> click.Command:
    """Give the program its option --version: that of the installed distribution."""
    if all(parameter.name != "version" for parameter in command.params):
        click.version_option(package_name="guichet-virtuel", prog_name=typed)(command)
    return command
