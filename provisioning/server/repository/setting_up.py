# SPDX-License-Identifier: AGPL-3.0-or-later
"""The step of an installation that makes the repository."""

from provisioning.server.repository.places import RepositoryPlaces
from provisioning.server.repository.signing_key import ensure_signing_key
from provisioning.server.repository.store import Store
from provisioning.server.work import Work


def ensure_repository(work: Work) -> bool:
    """Have the repository there, empty perhaps; tell whether something was made."""
    places, programs = RepositoryPlaces.of(work.machine), work.machine.programs
    places.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    is_new = ensure_signing_key(places, programs)
    return Store(places, programs).ensure() or is_new
