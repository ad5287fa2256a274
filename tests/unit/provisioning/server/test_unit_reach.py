# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each unit of the server x each file that its program opens: user, group, mode, sandbox."""

import re
import tomllib
from collections import defaultdict
from pathlib import Path, PurePosixPath

import pytest

from provisioning.server.answers import answers_of
from provisioning.server.files import FILES, KeptFile
from provisioning.server.units import UNITS

DEBIAN = Path(__file__).parents[4] / "debian"
SETTINGS = "/etc/guichet/guichet.toml"
KEY = "/etc/guichet/documents.key"
DOCUMENTS = "/var/lib/guichet/documents"
DATABASE = "/var/lib/guichet/database"
SOCKETS = "/run/guichet"
HEAD = "/var/lib/guichet-journal"
BACKUPS = "/var/lib/guichet-backup"
KEPT_STATE = "/var/lib/guichet"
# What each program opens: to read it, and to write in it.
READS = {
    "guichet-web.service": {SETTINGS, KEY, DOCUMENTS, DATABASE},
    "guichet-live.service": {SETTINGS, DATABASE},
    "guichet-dispatcher.service": {SETTINGS, DATABASE},
    # A CV goes out by e-mail: its document is unsealed here.
    "guichet-messages.service": {SETTINGS, KEY, DOCUMENTS, DATABASE},
    "guichet-webhooks.service": {SETTINGS, DATABASE},
    "guichet-reminders.service": {SETTINGS, DATABASE},
    "guichet-prune.service": {SETTINGS, KEY, DOCUMENTS, DATABASE},
    "guichet-journal.service": {SETTINGS, DATABASE, HEAD},
    "guichet-backup.service": {SETTINGS, KEY, DOCUMENTS, DATABASE, BACKUPS},
    "guichet-front.service": {"/etc/guichet/tls/server.key"},
    "guichet-asterisk.service": {
        "/etc/guichet/tls/server.key",
        "/etc/guichet/asterisk/etc",
        DATABASE,
    },
    "guichet-promote.service": {SETTINGS, DATABASE},
    "guichet-watch.service": {
        SETTINGS,
        DATABASE,
        KEPT_STATE,
        "/etc/guichet/server.toml",
        "/etc/guichet/asterisk/etc",
        "/etc/guichet/backup.passphrase",
    },
    "guichet-certificate.service": {
        "/etc/guichet/server.toml",
        "/etc/guichet/tls/server.key",
    },
    "guichet-firewall.service": {"/etc/guichet/firewall.nft"},
    "guichet-logs.service": {"/etc/guichet/asterisk"},
}
WRITES = {
    "guichet-web.service": {DOCUMENTS, DATABASE, SOCKETS},
    "guichet-live.service": {DATABASE, SOCKETS},
    "guichet-dispatcher.service": {DATABASE, SOCKETS},
    "guichet-messages.service": {DATABASE},
    "guichet-webhooks.service": {DATABASE},
    "guichet-reminders.service": {DATABASE},
    "guichet-prune.service": {DOCUMENTS, DATABASE},
    "guichet-journal.service": {DATABASE, HEAD},
    "guichet-backup.service": {BACKUPS},
    "guichet-promote.service": {"/var/lib/guichet-repository"},
    "guichet-certificate.service": {"/etc/guichet/tls"},
    "guichet-watch.service": {DATABASE, KEPT_STATE},
    "guichet-asterisk.service": {"/var/lib/guichet-asterisk", DATABASE},
    "guichet-logs.service": {"/var/log/guichet-asterisk"},
}
NOT_WRITTEN = {
    # It reads what it sends, and never touches it.
    ("guichet-messages.service", DOCUMENTS),
    ("guichet-messages.service", KEY),
    ("guichet-web.service", SETTINGS),
    ("guichet-web.service", KEY),
}
# Who opens no document, whatever goes wrong in it.
SHUT_OUT = ("guichet-asterisk.service", "guichet-front.service")
HIDES = ("InaccessiblePaths", "TemporaryFileSystem", "RootDirectory", "RootImage")
KEPT = {each.path: each for each in FILES}
OURS = [each for each in UNITS if each.name.endswith(".service")]


def settings_of(name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    file = DEBIAN / f"guichet-server.{name}"
    for key, value in re.findall(r"(?m)^(\w+)=(.*)$", file.read_text()):
        found[key] += value.split()
    return found


def groups_of(name: str) -> set[str]:
    """Give the groups of a unit's process: systemd-sysusers', and those that it names."""
    settings = settings_of(name)
    [user] = settings["User"]
    # `Group` takes the place of the user's own; those of the database of groups stay.
    groups = set(settings["Group"] or [user]) | set(settings["SupplementaryGroups"])
    members = (DEBIAN / "guichet-server.sysusers").read_text()
    return groups | set(re.findall(rf"(?m)^m {re.escape(user)} (\S+)$", members))


def allows(name: str, kept: KeptFile, permission: int) -> bool:
    """Tell whether the file's mode lets the unit in: 4 to read, 2 to write, 1 to enter."""
    [user] = settings_of(name)["User"]
    if user == "root":
        return True
    if kept.user == user:
        return bool(kept.mode >> 6 & permission)
    if kept.group in groups_of(name):
        return bool(kept.mode >> 3 & permission)
    return bool(kept.mode & permission)


def lies_in(path: str, folders: list[str]) -> bool:
    return any(
        PurePosixPath(path).is_relative_to(folder.lstrip("-+").partition(":")[0])
        for folder in folders
    )


def is_writable(name: str, path: str) -> bool:
    """Tell whether the unit's sandbox lets it write there, its user's rights aside."""
    settings = settings_of(name)
    if lies_in(path, settings["ReadOnlyPaths"]):
        return False
    if lies_in(path, settings["ReadWritePaths"]):
        return True
    protected = {"strict": "/", "full": "/etc"}.get(settings["ProtectSystem"][0])
    return protected is None or not lies_in(path, [protected])


def test_each_service_says_what_it_reads() -> None:
    assert {each.name for each in OURS} == set(READS)
    assert set(WRITES) <= set(READS)


@pytest.mark.parametrize(
    ("name", "path"), sorted((name, path) for name in READS for path in READS[name])
)
def test_each_service_can_read_what_its_program_opens(name: str, path: str) -> None:
    kept = KEPT[path]
    assert allows(name, kept, 4)
    for folder in PurePosixPath(path).parents:
        if str(folder) in KEPT:
            assert allows(name, KEPT[str(folder)], 1)
    settings = settings_of(name)
    for hidden in HIDES:
        assert not lies_in(path, settings[hidden])


@pytest.mark.parametrize(
    ("name", "path"), sorted((name, path) for name in WRITES for path in WRITES[name])
)
def test_each_service_can_write_where_its_program_writes(name: str, path: str) -> None:
    assert allows(name, KEPT[path], 2)
    assert is_writable(name, path)


def test_what_the_example_of_answers_names_is_read_each_day() -> None:
    page = (DEBIAN.parent / "docs/install.md").read_text()
    [example] = re.findall(r"(?s)```toml\n(name = .*?)```", page)
    chosen = re.sub(r'(?m)^kind = "own".*\n', "", example)
    chosen = re.sub(r'(?m)^# (kind = "files"|certificate|key|authority)', r"\1", chosen)
    given = answers_of(tomllib.loads(chosen), "docs/install.md").certificate
    assert given.kind == "files" and given.certificate and given.key
    settings = settings_of("guichet-certificate.service")
    out_of_reach = ["/tmp", "/var/tmp"] if settings["PrivateTmp"] == ["yes"] else []
    if settings["ProtectHome"] != ["read-only"]:
        out_of_reach += ["/root", "/home", "/run/user"]
    # It said that /root/guichet.pem, of this very page, is not there.
    for path in (given.certificate, given.key, given.authority, "/root/guichet.pem"):
        assert not lies_in(str(path), out_of_reach)


@pytest.mark.parametrize(("name", "path"), sorted(NOT_WRITTEN))
def test_what_is_only_read_is_closed_to_writing(name: str, path: str) -> None:
    assert not (is_writable(name, path) and allows(name, KEPT[path], 2))


@pytest.mark.parametrize("path", [SETTINGS, KEY, DOCUMENTS])
@pytest.mark.parametrize("name", SHUT_OUT)
def test_who_has_no_business_with_documents_cannot_read_them(
    name: str, path: str
) -> None:
    assert not allows(name, KEPT[path], 4)
