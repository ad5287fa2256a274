# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a machine must be and have before it can be a server."""

import os
import socket
from pathlib import Path

from provisioning.asterisk.own_name import HOSTS, knows_its_own_name
from provisioning.server import archive
from provisioning.server.answers import Answers
from provisioning.server.errors import ServerError
from provisioning.server.files import make_folders, protect
from provisioning.server.work import Work

SYSTEMD = Path("/run/systemd/system")
# Debian's own nginx takes the ports of the front as soon as it is installed.
DEBIANS_NGINX = "nginx.service"
DEFAULT_SITES = ["default"]


def check_machine(work: Work) -> bool:
    """Raise ServerError where this cannot be a server; have it know its own name."""
    if os.geteuid() != 0:
        raise ServerError("this changes the machine: run it as root")
    if not SYSTEMD.is_dir():
        raise ServerError("the services need systemd, which does not run here")
    if not work.machine.asterisk_file.exists():
        raise ServerError(
            f"{work.machine.asterisk_file} is missing: apt-get install guichet-asterisk"
        )
    if knows_its_own_name():
        return False
    # Asterisk looks it up for each call; asked of a DNS that is away, a call takes 40 s.
    with HOSTS.open("a") as hosts:
        hosts.write(f"127.0.1.1\t{socket.gethostname()}\n")
    return True


def needed_packages(answers: Answers) -> list[str]:
    """Name the packages of Debian that these answers take besides ours."""
    packages = []
    if answers.database == "postgresql":
        packages.append("postgresql")
    if answers.certificate.kind == "acme":
        packages.append("certbot")
    if answers.updates.debian:
        packages.append(archive.PACKAGE)
    return packages


def install_packages(work: Work) -> bool:
    """Install what is missing, and free the front's ports of Debian's own nginx."""
    programs = work.machine.programs
    missing = [
        name
        for name in needed_packages(work.answers)
        if "installed"
        != programs.try_to_run(
            *("dpkg-query", "--show", "--showformat", "${db:Status-Status}", name)
        ).output
    ]
    if missing:
        programs.run("apt-get", "install", "--yes", "--no-install-recommends", *missing)
    return _free_ports(work) or bool(missing)


def make_users_and_folders(work: Work) -> bool:
    """Make the users, groups and folders that the package describes."""
    work.machine.programs.run("systemd-sysusers", "guichet-server.conf")
    make_folders(work.machine)
    work.machine.programs.run("systemd-tmpfiles", "--create", "guichet-server.conf")
    return bool(protect(work.machine))


def _free_ports(work: Work) -> bool:
    if not work.machine.is_active(DEBIANS_NGINX):
        return False
    enabled = work.machine.path("/etc/nginx/sites-enabled")
    sites = sorted(site.name for site in enabled.iterdir()) if enabled.is_dir() else []
    if sites not in ([], DEFAULT_SITES):
        raise ServerError(
            "Debian's nginx serves other sites of this machine"
            f" ({', '.join(sites)}) on the ports that the server needs: move them"
            " elsewhere, or run systemctl disable --now nginx"
        )
    work.machine.programs.run("systemctl", "disable", "--now", "--quiet", DEBIANS_NGINX)
    return True
