# SPDX-License-Identifier: AGPL-3.0-or-later
"""Checks of the machine itself: clock, disk, units, database."""

import ctypes
import shutil

from provisioning.server.answers import Answers
from provisioning.server.backup.places import Places
from provisioning.server.checks.check import Checked, absent, failed, ok
from provisioning.server.database import is_upgrade_pending
from provisioning.server.errors import ServerError
from provisioning.server.machine import Machine
from provisioning.server.units import FIREWALL, STARTED_BY_TIMERS, enabled

# adjtimex(2): what it returns while nobody keeps the clock.
TIME_ERROR = 5
TIMEX_BYTES = 512
DISK_FREE_LEAST = 2 * 1024**3
DISK_FREE_SHARE = 0.05
KEPT_ON = ("/var/lib/guichet", "/var/log")


def clock(machine: Machine, _answers: Answers) -> Checked:
    """Tell whether somebody keeps the clock right."""
    if not machine.programs.try_to_run("systemd-detect-virt", "--container").exit_code:
        return absent("clock", "this is a container: its host keeps the clock")
    asked = ctypes.create_string_buffer(TIMEX_BYTES)
    state = ctypes.CDLL(None).adjtimex(asked)
    if state < 0:
        return absent("clock", "the kernel tells nobody here who keeps it")
    if state != TIME_ERROR:
        return ok("clock", "synchronised")
    return failed(
        "clock",
        "nobody keeps it right",
        "apt-get install systemd-timesyncd, or name a time server of your network in"
        " /etc/systemd/timesyncd.conf",
    )


def disk(machine: Machine, _answers: Answers) -> Checked:
    """Tell whether there is room for documents and logs."""
    for folder in KEPT_ON:
        usage = shutil.disk_usage(machine.path(folder))
        free = f"{usage.free / 1024**3:.1f} GB are free on {folder}"
        if usage.free < max(DISK_FREE_LEAST, DISK_FREE_SHARE * usage.total):
            return failed(
                "disk", free, "make room: documents and database need it to be kept"
            )
    return ok("disk", free)


def units(machine: Machine, answers: Answers) -> Checked:
    """Tell whether every service runs, and every timer waits."""
    wanted = [*enabled(), *([FIREWALL] if answers.firewall.enabled else [])]
    dead = [name for name in wanted if not machine.is_active(name)]
    if dead:
        return failed(
            "units",
            f"not running: {', '.join(dead)}",
            f"see why: guichet-server logs --unit {dead[0]}; then systemctl start"
            " guichet-server.target",
        )
    return ok("units", f"{len(wanted)} run")


def timed_work(machine: Machine, _answers: Answers) -> Checked:
    """Tell whether what timers start ended well the last time."""
    broke = [name for name in sorted(STARTED_BY_TIMERS) if not machine.ended_well(name)]
    if not broke:
        return ok("timed_work", "all of it ended well the last time")
    then = f"see why: guichet-server logs --unit {broke[0]}"
    if "guichet-journal.service" in broke:
        then = (
            "see which line: guichet-web verify-journal; after a restore that was meant:"
            " rm /var/lib/guichet-journal/head (docs/operate.md, Is the journal whole?)"
        )
    return failed("timed_work", f"ended badly: {', '.join(broke)}", then)


def passphrase(machine: Machine, _answers: Answers) -> Checked:
    """Tell whether somebody has said that the backups' passphrase is on paper."""
    places = Places(machine.root)
    if not places.passphrase_file.exists():
        return absent("passphrase", "there is none: no backup is made here")
    if places.unwritten_file.exists():
        return failed(
            "passphrase",
            "nobody has said that the backups' passphrase is on paper: without it no backup"
            " can be opened",
            "guichet-server passphrase shows it, and notes that it is written down",
        )
    return ok("passphrase", "on paper, as somebody said")


def database_rights(_machine: Machine, answers: Answers) -> Checked:
    """Tell whether Asterisk reads no more of the database than it must."""
    if answers.database == "postgresql":
        return ok("rights", "Asterisk reads what it must")
    return failed(
        "rights",
        "SQLite: whoever breaks into Asterisk reads and writes all of the database",
        "guichet-server move-database postgresql, in an hour without calls; it takes a"
        " minute (docs/backup.md)",
    )


def database(machine: Machine, _answers: Answers) -> Checked:
    """Tell whether the pages reach the database, and whether it is of this version."""
    try:
        if not is_upgrade_pending(machine):
            return ok("database", "reached, at this version")
    except ServerError as error:
        return failed(
            "database",
            str(error),
            "systemctl status postgresql, or look at /var/lib/guichet/database",
        )
    return failed(
        "database", "its tables are of an earlier version", "guichet-server upgrade"
    )
