# SPDX-License-Identifier: AGPL-3.0-or-later
"""The passphrase of the backups: made with the server, and shown once."""

from provisioning.server.backup.choices import prepare_backups
from provisioning.server.backup.places import Places
from provisioning.server.work import Work


def make_passphrase(work: Work) -> bool:
    """Have backups possible from now on; tell whether anything was missing."""
    new = prepare_backups(Places(work.machine.root))
    work.passphrase = new or ""
    return new is not None


def in_words(passphrase: str) -> str:
    """Say what a new passphrase is for."""
    return (
        f"The passphrase of the backups:\n\n    {passphrase}\n\n"
        "Write it on paper and keep it away from this machine. Whoever has it and a backup"
        " can read everything;\nwithout it nobody can restore anything, not even we."
    )
