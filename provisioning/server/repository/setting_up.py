# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes the repository: by an installation, or around the key that a backup brought back."""

from dataclasses import dataclass
from typing import Any

from provisioning.server.errors import ServerError
from provisioning.server.repository.places import RepositoryPlaces
from provisioning.server.repository.signing_key import (
    ensure_signing_key,
    renew_public_key,
)
from provisioning.server.repository.store import SUITES, Store
from provisioning.server.work import Work


def ensure_repository(work: Work) -> bool:
    """Have the repository there, empty perhaps; tell whether something was made."""
    places, programs = RepositoryPlaces.of(work.machine), work.machine.programs
    places.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    is_new = ensure_signing_key(places, programs)
    return Store(places, programs).ensure() or is_new


@dataclass(frozen=True)
class RepositoryBack:
    """The repository after a restoration: packages are in no backup."""

    # What kiosks are given: nothing on a bare machine.
    versions: tuple[str, ...] = ()
    trouble: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it for a script."""
        return {
            "versions": list(self.versions),
            "publish_again": not self.versions,
            "trouble": self.trouble or None,
        }

    def in_words(self) -> list[str]:
        """Say what is to be done."""
        if self.trouble:
            return [
                f"! the repository of packages is not there ({self.trouble}): run"
                " guichet-server install"
            ]
        if self.versions:
            return []
        return [
            "Packages for kiosks are in no backup: kiosks keep the version that they have,"
            " and are given none. Publish again what was published: guichet-server publish"
            " FILE."
        ]


def bring_back_repository(work: Work) -> RepositoryBack:
    """Have the repository there, signed by the key that came back.

    Kiosks read it without a fault while it is empty. What is there of the site before, perhaps
    signed by another key, is signed anew.
    """
    places, programs = RepositoryPlaces.of(work.machine), work.machine.programs
    store, was_signed = Store(places, programs), places.public_key.exists()
    try:
        ensure_repository(work)
        if renew_public_key(places, programs) and was_signed:
            store.sign_again()
        found = {each.version for suite in SUITES for each in store.packages(suite)}
    except ServerError as error:
        return RepositoryBack(trouble=str(error))
    return RepositoryBack(tuple(sorted(found)))
