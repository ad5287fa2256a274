# SPDX-License-Identifier: AGPL-3.0-or-later
"""The services: enabled, started, and given what was changed without cutting a call."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from provisioning.server.archive import SOCKET_SETTINGS
from provisioning.server.certificate import tell_readers
from provisioning.server.errors import ServerError
from provisioning.server.machine import Machine
from provisioning.server.programs import ProgramFailed
from provisioning.server.proxy import ENVIRONMENT
from provisioning.server.site_files import UNITS_ENVIRONMENT
from provisioning.server.units import (
    ASTERISK,
    FRONT,
    STARTED_BY_TIMERS,
    WEB,
    enabled,
    services,
)
from provisioning.server.work import Work

FAIL2BAN = "fail2ban.service"
# Each reads the settings when it starts.
READ_BY_WEB = (UNITS_ENVIRONMENT, ENVIRONMENT)
READ_SETTINGS = [name for name in services() if name != ASTERISK]


def start_services(work: Work) -> bool:
    """Enable all of them, start those that do not run, hand on what was changed."""
    machine = work.machine
    machine.programs.run("systemctl", "daemon-reload")
    running = running_services(machine)
    machine.programs.run("systemctl", "enable", "--quiet", *enabled())
    do_to_services(machine, "start", enabled())
    hand_on(machine, work.changed, running)
    _tell_fail2ban(machine)
    return running != set(services()) or bool(work.changed)


def hand_on(machine: Machine, changed: Iterable[Path], running: set[str]) -> None:
    """Have the services that were running take what changed."""
    layout = machine.layout
    files = set(changed)
    if layout.settings in files:
        # At once: systemd knows their order, and each takes seconds to begin.
        do_to_services(
            machine, "restart", [name for name in READ_SETTINGS if name in running]
        )
    elif {machine.path(each) for each in READ_BY_WEB} & files and WEB in running:
        do_to_services(machine, "restart", [WEB])
    if machine.path(SOCKET_SETTINGS) in files and FRONT in running:
        do_to_services(machine, "restart", [FRONT])
    if any(layout.tls in file.parents for file in files) and FRONT in running:
        tell_readers(machine)
    if any(layout.asterisk in file.parents for file in files) and ASTERISK in running:
        restart_asterisk_when_idle(machine)


def do_to_services(machine: Machine, what: str, names: Sequence[str]) -> None:
    """Start or restart services; raises ServerError that names who did not come up."""
    if not names:
        return
    try:
        machine.programs.run("systemctl", what, *names)
    except ProgramFailed as error:
        dead = [name for name in names if not machine.is_active(name)]
        first = dead[0] if dead else names[0]
        raise ServerError(
            f"{', '.join(dead) or 'a service'} did not come up; see why:"
            f" guichet-server logs --unit {first}"
        ) from error


def restart_asterisk_when_idle(machine: Machine) -> None:
    """Have Asterisk end once no call goes on; calls are taken until then.

    systemd starts it again. Where no call goes on that is at once.
    """
    machine.asterisk("core stop when convenient")


def stop_everything(machine: Machine) -> None:
    """Stop services and timers, and what a timer has just begun; calls end.

    It would go on writing into a database that is put aside. That we ended it is no failure of
    its own: `guichet-server check` would tell of it until its next turn.
    """
    begun = sorted(STARTED_BY_TIMERS)
    machine.programs.run("systemctl", "stop", *enabled(), *begun)
    machine.programs.try_to_run("systemctl", "reset-failed", *begun)


def running_services(machine: Machine) -> set[str]:
    """Name those of ours that run."""
    return {name for name in services() if machine.is_active(name)}


def _tell_fail2ban(machine: Machine) -> None:
    # It read its jails when it was installed, perhaps before ours was there.
    if machine.is_active(FAIL2BAN):
        machine.programs.try_to_run("fail2ban-client", "reload")
