# SPDX-License-Identifier: AGPL-3.0-or-later
"""The server's machine is lost; a bare one becomes the server from last night's backup."""

from stage.hosts.host_set import HostSet
from stage.hosts.installing import (
    INSTALL_SERVER,
    SERVER_PACKAGES,
    VillageInstallation,
    await_telephones,
)
from stage.hosts.village import SECRETS

_PASSPHRASE = "/etc/guichet/backup.passphrase"
_BACKUPS = "/var/backups"
_REPOSITORY = "guichet"


def restore_on_bare_machine(
    host_set: HostSet, installation: VillageInstallation
) -> None:
    """Back up, lose the machine, restore; return once the telephones are back."""
    server = host_set.host("server")
    installation.type_in("server", "guichet-server backup")
    # The paper that lies in another building, and the disk that stands there.
    passphrase = server.read(_PASSPHRASE)
    kept = server.ask("tar", f"--directory={_BACKUPS}", "--create", _REPOSITORY).stdout
    # What people were handed when the village was opened: they have it still.
    handed_out = server.read(f"{SECRETS}/accounts.toml")

    server = host_set.stand_on("server")
    server.boot()
    installation.hand("server", *SERVER_PACKAGES)
    server.write("/root/paper", passphrase, "600")
    server.run("mkdir", "/root/disk")
    server.ask("tar", "--directory=/root/disk", "--extract", content=kept)

    installation.type_in("server", INSTALL_SERVER)
    installation.type_in(
        "server",
        f"guichet-server restore --from /root/disk/{_REPOSITORY}"
        " --passphrase-file /root/paper",
    )
    server.run("mkdir", "--mode=700", SECRETS)
    server.write(f"{SECRETS}/accounts.toml", handed_out, "600")
    await_telephones(host_set)
