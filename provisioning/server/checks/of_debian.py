# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether Debian's security updates reach this server: of when apt's list of them is."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from provisioning.server.answers import Answers
from provisioning.server.archive import ADDRESS, RELEASE
from provisioning.server.checks.check import Checked, absent, failed, ok
from provisioning.server.machine import Machine

NAME, ARCHIVE = "debian", "archive"
# A kiosk's apt waits for as long.
ANSWERS_WITHIN_SECONDS = 20
LISTS = "/var/lib/apt/lists"
# Debian signs it anew every few days.
GOOD_FOR = timedelta(days=14)
_LABEL = re.compile(r"(?m)^Label: Debian-Security$")
_DATE = re.compile(r"(?m)^Date: (.+)$")
# What names an archive stands at its beginning; the sums of its files are long.
_BEGINNING_CHARACTERS = 4096
_BY_ITSELF = re.compile(r'APT::Periodic::Unattended-Upgrade "[1-9]')
_SECURITY = re.compile(r"(?m)^Inst (\S+) \[[^]]*\] \(\S+ [^)]*Debian-Security:")
_ADVICE = (
    "apt update says why: often a proxy, a firewall, or no line of debian-security in"
    " /etc/apt/sources.list.d (docs/operate.md, Debian's updates)"
)


def debian(machine: Machine, _answers: Answers) -> Checked:
    """Tell of when the list of security updates is, and who installs them."""
    signed = security_signed_at(machine.path(LISTS))
    if signed is None:
        return failed(NAME, "apt has no list of Debian's security updates", _ADVICE)
    if datetime.now(UTC) - signed > GOOD_FOR:
        said = f"the list of Debian's security updates is of {signed:%Y-%m-%d}"
        return failed(NAME, said, _ADVICE)
    who = (
        "by themselves"
        if are_installed(machine)
        else "by apt upgrade: nobody else does"
    )
    return ok(NAME, f"security updates as of {signed:%Y-%m-%d}, installed {who}")


def archive(machine: Machine, answers: Answers) -> Checked:
    """Tell whether kiosks are given Debian's packages, where they are to be."""
    if not answers.updates.debian:
        return absent(ARCHIVE, "kiosks take Debian's packages elsewhere")
    told = machine.programs.try_to_run(
        *("curl", "--silent", "--show-error", "--fail", "--output", "/dev/null"),
        *("--max-time", str(ANSWERS_WITHIN_SECONDS)),
        f"http://{ADDRESS}/debian-security/dists/{RELEASE}-security/InRelease",
    )
    if told.exit_code == 0:
        return ok(ARCHIVE, "Debian's packages are fetched for kiosks")
    return failed(
        ARCHIVE,
        f"Debian's packages cannot be fetched for kiosks: {told.complaint.strip()}",
        "does this server reach http://deb.debian.org, perhaps by [proxy] of"
        " /etc/guichet/server.toml? systemctl status approx.socket",
    )


def security_signed_at(lists: Path) -> datetime | None:
    """Give when the newest list of security updates was signed; None where there is none."""
    names = (*lists.glob("*_InRelease"), *lists.glob("*_Release"))
    return max(filter(None, map(_signed_at, names)), default=None)


def are_installed(machine: Machine) -> bool:
    """Tell whether Debian's unattended-upgrades installs them."""
    program = machine.path("/usr/bin/unattended-upgrade")
    told = machine.programs.try_to_run("apt-config", "dump", "APT::Periodic")
    return program.exists() and bool(_BY_ITSELF.search(told.output))


def security_updates(machine: Machine) -> list[str] | None:
    """Name the packages of which a security update waits; None where apt does not tell."""
    told = machine.programs.try_to_run(
        *("apt-get", "--simulate", "--option", "Debug::NoLocking=true", "dist-upgrade")
    )
    return None if told.exit_code else sorted(set(_SECURITY.findall(told.output)))


def _signed_at(file: Path) -> datetime | None:
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            beginning = stream.read(_BEGINNING_CHARACTERS)
        date = _DATE.search(beginning)
        if date is None or not _LABEL.search(beginning):
            return None
        return parsedate_to_datetime(date[1]).astimezone(UTC)
    except (OSError, ValueError):
        return None
