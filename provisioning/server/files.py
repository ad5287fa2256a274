# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every file and folder of the server with whom it is for; docs/install.md has the table.

The folders are made by debian/guichet-server.tmpfiles, which a test compares.
"""

import grp
import os
import pwd
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from provisioning.server.errors import ServerError
from provisioning.server.machine import Machine

PAGES, ASTERISK, FRONT = "guichet", "guichet-asterisk", "guichet-front"
DATABASE_GROUP, TLS_GROUP = "guichet-database", "guichet-tls"


@dataclass(frozen=True)
class KeptFile:
    """A file or folder: its path (its last part may hold *), owner, group, mode, meaning."""

    path: str
    user: str
    group: str
    mode: int
    holds: str

    @property
    def is_folder(self) -> bool:
        """Tell whether it is a folder: only these can be entered."""
        return bool(self.mode & 0o111)


FILES = (
    KeptFile("/etc/guichet", "root", "root", 0o755, "settings"),
    KeptFile(
        *("/etc/guichet/server.toml", "root", "root", 0o600),
        "what was answered to `guichet-server install`",
    ),
    KeptFile(
        *("/etc/guichet/version", "root", "root", 0o600),
        "the version that tables and settings are of; a backup says it",
    ),
    KeptFile(
        *("/etc/guichet/guichet.toml", "root", PAGES, 0o640),
        "settings of pages, dispatcher and senders, with their secrets",
    ),
    KeptFile(
        *("/etc/guichet/documents.key", "root", PAGES, 0o640),
        "the key to the documents: without it none can be read",
    ),
    KeptFile(
        *("/etc/guichet/units.env", "root", "root", 0o644),
        "what the units are told: after how many days residents are forgotten",
    ),
    KeptFile(
        *("/etc/guichet/proxy.env", "root", "root", 0o600),
        "the Web proxy by which the server reaches the Internet, with its password",
    ),
    KeptFile(
        *("/etc/guichet/firewall.nft", "root", "root", 0o644),
        "the firewall's own table",
    ),
    KeptFile(
        *("/etc/guichet/backup.toml", "root", "root", 0o600),
        "where backups go and how long they are kept",
    ),
    KeptFile(
        *("/etc/guichet/backup.passphrase", "root", "root", 0o600),
        "what opens the backups; it must be on paper too, elsewhere",
    ),
    KeptFile(
        *("/etc/guichet/repository-key", "root", "root", 0o700),
        "the key that signs what kiosks are given",
    ),
    KeptFile("/etc/guichet/tls", "root", "root", 0o755, "certificates"),
    KeptFile(
        *("/etc/guichet/tls/authority.pem", "root", "root", 0o644),
        "who vouches for a certificate from elsewhere, where browsers do not know it",
    ),
    KeptFile(
        *("/etc/guichet/tls/ca.key", "root", "root", 0o600),
        "the key of the site's own authority",
    ),
    KeptFile(
        *("/etc/guichet/tls/ca.pem", "root", "root", 0o644),
        "the site's own authority, which kiosks trust",
    ),
    KeptFile(
        *("/etc/guichet/tls/server.key", "root", TLS_GROUP, 0o640),
        "the server's key, for front and Asterisk",
    ),
    KeptFile(
        *("/etc/guichet/tls/server.pem", "root", "root", 0o644),
        "the server's certificate with its chain",
    ),
    KeptFile(
        *("/etc/guichet/asterisk", "root", ASTERISK, 0o750),
        "Asterisk's configuration, written by `guichet-server install`",
    ),
    KeptFile(
        *("/etc/guichet/asterisk/*.*", "root", ASTERISK, 0o640),
        "its folders, its way to the database, how its logs are rotated",
    ),
    KeptFile(
        *("/etc/guichet/asterisk/etc", "root", ASTERISK, 0o750),
        "what it loads and offers",
    ),
    KeptFile(
        *("/etc/guichet/asterisk/etc/*.conf", "root", ASTERISK, 0o640),
        "the same; the telephone line's secret is in `pjsip_trunk.conf`",
    ),
    KeptFile(
        *("/etc/guichet/asterisk/etc/*.pem", "root", ASTERISK, 0o640),
        "who vouches for the telephone line's operator, where the system does not know it",
    ),
    KeptFile("/var/lib/guichet", "root", "root", 0o755, "what must be kept"),
    KeptFile(
        *("/var/lib/guichet/database", PAGES, DATABASE_GROUP, 0o2770),
        "the SQLite database alone; empty where PostgreSQL holds it",
    ),
    KeptFile(
        *("/var/lib/guichet/database/guichet.db*", PAGES, DATABASE_GROUP, 0o660),
        "the database, its journal and its index",
    ),
    KeptFile(
        *("/var/lib/guichet/documents", PAGES, PAGES, 0o700),
        "the documents, encrypted",
    ),
    KeptFile(
        *("/var/lib/guichet-repository", "root", "root", 0o755),
        "packages for kiosks, and their lists",
    ),
    KeptFile(
        *("/var/lib/guichet-backup", "root", "root", 0o700),
        "where backups are put together",
    ),
    KeptFile(
        *("/var/lib/guichet-journal", PAGES, PAGES, 0o700),
        "the last place of the journal's chain, as the night before found it",
    ),
    KeptFile(
        *("/var/lib/guichet-challenges", "root", "root", 0o755),
        "what an ACME authority looks for",
    ),
    KeptFile(
        *("/var/lib/guichet-asterisk", ASTERISK, ASTERISK, 0o750),
        "what Asterisk keeps: who is registered, how calls ended",
    ),
    KeptFile(
        *("/var/lib/guichet-asterisk/data", "root", "root", 0o755),
        "prompts, music; recordings by people are put there",
    ),
    KeptFile(
        *("/var/lib/guichet-asterisk/db", ASTERISK, ASTERISK, 0o750), "its own database"
    ),
    KeptFile(
        *("/var/lib/guichet-asterisk/lib", ASTERISK, ASTERISK, 0o750), "empty folders"
    ),
    KeptFile(
        *("/var/lib/guichet-asterisk/lib/keys", ASTERISK, ASTERISK, 0o750), "empty"
    ),
    KeptFile(*("/var/lib/guichet-asterisk/spool", ASTERISK, ASTERISK, 0o750), "empty"),
    KeptFile(
        *("/var/log/guichet-asterisk", ASTERISK, "adm", 0o750),
        "its logs, kept for two weeks; all other logs are in the journal",
    ),
    KeptFile(
        *("/var/log/guichet-asterisk/security", ASTERISK, "adm", 0o640),
        "who was refused; fail2ban reads it",
    ),
    KeptFile(
        *("/run/guichet", PAGES, FRONT, 0o750), "the sockets of pages and dispatcher"
    ),
    KeptFile(
        *("/run/guichet-asterisk", ASTERISK, ASTERISK, 0o750), "its console's socket"
    ),
)


def folders() -> list[KeptFile]:
    """List the folders alone."""
    return [each for each in FILES if each.is_folder]


def make_folders(machine: Machine) -> None:
    """Make the folders that are missing, as whoever runs this; `protect` gives them away."""
    for folder in folders():
        machine.path(folder.path).mkdir(mode=0o700, parents=True, exist_ok=True)


def protect(
    machine: Machine,
    give: Callable[[int, str, str], bool] | None = None,
) -> list[Path]:
    """Give each file to whom it is for, and to nobody else; list those that were not so.

    `give` changes owner and group and tells whether it had to; in tests it is another.
    """
    give = give or give_to
    changed = []
    for kept in FILES:
        for path in _paths(machine, kept.path):
            # Never by its name: in a folder of another user that may lead elsewhere.
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                has_changed = give(descriptor, kept.user, kept.group)
                if stat.S_IMODE(os.fstat(descriptor).st_mode) != kept.mode:
                    os.fchmod(descriptor, kept.mode)
                    has_changed = True
            finally:
                os.close(descriptor)
            if has_changed:
                changed.append(path)
    return changed


def give_to(descriptor: int, user: str, group: str) -> bool:
    """Change an open file's owner and group; tell whether they were others."""
    try:
        wanted = (pwd.getpwnam(user).pw_uid, grp.getgrnam(group).gr_gid)
    except KeyError as error:
        raise ServerError(
            f"the machine has no {user}:{group}: run systemd-sysusers, or install the"
            " package again"
        ) from error
    found = os.fstat(descriptor)
    if (found.st_uid, found.st_gid) == wanted:
        return False
    os.fchown(descriptor, *wanted)
    return True


def _paths(machine: Machine, pattern: str) -> list[Path]:
    whole = machine.path(pattern)
    if "*" in whole.name:
        found = sorted(whole.parent.glob(whole.name))
        return [path for path in found if path.is_file() and not path.is_symlink()]
    return [whole] if whole.exists() else []
