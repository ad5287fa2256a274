# SPDX-License-Identifier: AGPL-3.0-or-later
"""Debian's packages for kiosks that reach this server and not the Internet.

approx(8) fetches what a kiosk asks for, once, and keeps it; the front gives it out below
/debian/ and /debian-security/. What is in it is signed by Debian, and its readers check that.
"""

from provisioning.server.machine import Machine
from provisioning.server.proxy import ENVIRONMENT
from provisioning.server.work import Work

PACKAGE = "approx"
SOCKET_UNIT = "approx.socket"
# Nobody but the front comes there, where Debian's own unit listens on every network. approx
# answers nobody on a Unix socket.
ADDRESS = "127.0.0.1:9999"
# approx reads it as a user of its own, to whom /etc/guichet is closed.
SETTINGS = "/etc/approx/guichet.conf"
SOCKET_SETTINGS = f"/etc/systemd/system/{SOCKET_UNIT}.d/guichet.conf"
SERVICE_SETTINGS = "/etc/systemd/system/approx@.service.d/guichet.conf"
RELEASE = "trixie"
_WRITTEN = "# Written by guichet-server install, as /etc/guichet/server.toml says.\n"
_TEXTS = {
    SETTINGS: """debian           http://deb.debian.org/debian
debian-security  http://deb.debian.org/debian-security
""",
    SOCKET_SETTINGS: f"""[Socket]
ListenStream=
ListenStream={ADDRESS}
MaxConnections=64
""",
    SERVICE_SETTINGS: f"""[Service]
ExecStart=
ExecStart=-/usr/sbin/approx -c {SETTINGS}
StandardError=journal
EnvironmentFile=-{ENVIRONMENT}
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ReadWritePaths=/var/cache/approx
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
# It asks for the addresses of this machine.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
""",
}


def set_up_archive(work: Work) -> bool:
    """Have Debian's packages given out to kiosks, or no longer."""
    if not work.answers.updates.debian:
        return _take_away(work)
    changed = [work.write(work.machine.path(name), text_of(name)) for name in _TEXTS]
    for name in _TEXTS:
        # approx is a user of its own; systemd shows what it reads to everybody.
        work.machine.path(name).chmod(0o644)
    if not any(changed) and work.machine.is_active(SOCKET_UNIT):
        return False
    run = work.machine.programs.run
    run("systemctl", "daemon-reload")
    run("systemctl", "enable", "--quiet", SOCKET_UNIT)
    run("systemctl", "restart", SOCKET_UNIT)
    return True


def text_of(name: str) -> str:
    """Give what one of the files holds."""
    return _WRITTEN + _TEXTS[name]


def is_given_out(machine: Machine) -> bool:
    """Tell whether the front is to give out Debian's packages."""
    return machine.path(SOCKET_SETTINGS).exists()


def _take_away(work: Work) -> bool:
    files = [file for file in map(work.machine.path, _TEXTS) if file.exists()]
    if not files:
        return False
    run = work.machine.programs.try_to_run
    run("systemctl", "disable", "--now", "--quiet", SOCKET_UNIT)
    for file in files:
        file.unlink()
    run("systemctl", "daemon-reload")
    return work.note(files)
