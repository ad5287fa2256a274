# SPDX-License-Identifier: AGPL-3.0-or-later
"""The key that signs the repository: made once on this machine, and kept with its secrets."""

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
        gpg(
            *(places, programs, "--passphrase", ""),
            *("--quick-generate-key", OWNER, "ed25519", "sign", "never"),
        )
    if is_new or not places.public_key.exists():
        key = gpg(places, programs, "--armor", "--export")
        with readable_by_all():
            places.public_key.parent.mkdir(parents=True, exist_ok=True)
            places.public_key.write_text(key)
        return True
    return False


def gpg(places: RepositoryPlaces, programs: Programs, *arguments: str) -> str:
    """Run GnuPG with the keys of the repository alone; raises ProgramFailed."""
    home = ("--homedir", str(places.key_folder))
    try:
        return programs.run("gpg", *home, "--batch", "--quiet", *arguments)
    finally:
        stop_agent(places, programs)


def stop_agent(places: RepositoryPlaces, programs: Programs) -> None:
    """End GnuPG's agent, which would stay behind and hold the key."""
    home = ("--homedir", str(places.key_folder))
    programs.try_to_run("gpgconf", *home, "--kill", "all")
