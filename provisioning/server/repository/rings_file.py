# SPDX-License-Identifier: AGPL-3.0-or-later
"""What each ring is given, in a file that the pages read."""

import json

from provisioning.server.backup.result import write_result
from provisioning.server.machine import Machine
from provisioning.server.programs import Programs
from provisioning.server.repository.places import RepositoryPlaces
from provisioning.server.repository.rings import Rings, Trial
from provisioning.server.repository.store import PILOT, STABLE, Store


def read_rings(machine: Machine) -> Rings:
    """Give what the rings were given last; nothing where nothing was published."""
    try:
        return Rings.from_json(
            json.loads(RepositoryPlaces.of(machine).rings.read_text())
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Rings()


def write_rings(machine: Machine, store: Store, trial: Trial | None) -> Rings:
    """Note what the store gives each ring now, and what is tried."""
    newest = {
        suite: newest_of(
            machine.programs, [each.version for each in store.packages(suite)]
        )
        for suite in (PILOT, STABLE)
    }
    rings = Rings(newest[PILOT], newest[STABLE], trial)
    write_result(RepositoryPlaces.of(machine).rings, rings.as_json())
    return rings


def newest_of(programs: Programs, versions: list[str]) -> str:
    """Give the version that apt would take; empty where there is none."""
    newest = ""
    for version in versions:
        if not newest or is_newer(programs, version, newest):
            newest = version
    return newest


def is_newer(programs: Programs, version: str, than: str) -> bool:
    """Compare two versions as dpkg does."""
    ran = programs.try_to_run("dpkg", "--compare-versions", version, "gt", than)
    return ran.exit_code == 0
