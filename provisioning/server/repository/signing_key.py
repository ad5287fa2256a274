# SPDX-License-Identifier: AGPL-3.0-or-later
"""The key that signs the repository: made once on this machine, and kept with its secrets."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from provisioning.server.programs import Programs
from provisioning.server.repository.places import (
    RepositoryPlaces,
    readable_by_all,
)

# Kiosks know the key by itself; the name is for people who look at it.
OWNER = "Guichet virtuel"


def ensure_signing_key(places: RepositoryPlaces, programs: Programs) -> bool:
    """Make the key and its public half where they are missing; tell whether they were.

    Raises ProgramFailed.
    """
    is_new = not (places.key_folder / "private-keys-v1.d").is_dir()
    if is_new:
        places.key_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _gpg(
            *(places, programs, "--passphrase", ""),
            *("--quick-generate-key", OWNER, "ed25519", "sign", "never"),
        )
    if is_new or not places.public_key.exists():
        return renew_public_key(places, programs)
    return False


def renew_public_key(places: RepositoryPlaces, programs: Programs) -> bool:
    """Have the public half be that of the key; tell whether it was another, or none."""
    key = _gpg(places, programs, "--armor", "--export")
    if places.public_key.exists() and places.public_key.read_text() == key:
        return False
    with readable_by_all():
        places.public_key.parent.mkdir(parents=True, exist_ok=True)
        places.public_key.write_text(key)
    return True


@contextmanager
def signing_home(places: RepositoryPlaces, programs: Programs) -> Iterator[Path]:
    """Give a copy of the key's folder, for as long as something is signed.

    GnuPG puts locks and sockets beside its keys: a backup would fall over those.
    """
    with TemporaryDirectory(prefix="guichet-key-", ignore_cleanup_errors=True) as made:
        home = Path(made) / "home"
        shutil.copytree(places.key_folder, home)
        try:
            yield home
        finally:
            _stop_agent(home, programs)


def _gpg(places: RepositoryPlaces, programs: Programs, *arguments: str) -> str:
    home = ("--homedir", str(places.key_folder))
    try:
        return programs.run("gpg", *home, "--batch", "--quiet", *arguments)
    finally:
        _stop_agent(places.key_folder, programs)


def _stop_agent(home: Path, programs: Programs) -> None:
    """End GnuPG's agent, which would stay behind and hold the key."""
    programs.try_to_run("gpgconf", "--homedir", str(home), "--kill", "all")
