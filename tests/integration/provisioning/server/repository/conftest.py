# SPDX-License-Identifier: AGPL-3.0-or-later
"""A machine in a folder, with a repository that is empty yet."""

import pytest

from provisioning.server.machine import Machine
from provisioning.server.repository.places import RepositoryPlaces
from provisioning.server.repository.setting_up import ensure_repository
from provisioning.server.repository.store import Store
from provisioning.server.work import Work
from tests.folders import Folders
from tests.unit.provisioning.server.machines import some_answers


@pytest.fixture
def machine(tmp_path_factory: Folders) -> Machine:
    # GnuPG's agent listens on a socket there: a short path.
    made = Machine(root=tmp_path_factory.mktemp("r"))
    assert ensure_repository(Work(made, some_answers()))
    return made


@pytest.fixture
def places(machine: Machine) -> RepositoryPlaces:
    return RepositoryPlaces.of(machine)


@pytest.fixture
def store(machine: Machine, places: RepositoryPlaces) -> Store:
    return Store(places, machine.programs)
