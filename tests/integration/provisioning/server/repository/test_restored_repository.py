# SPDX-License-Identifier: AGPL-3.0-or-later
"""A restored server has the key of its repository, and no packages: what a kiosk's apt meets."""

import shutil
from pathlib import Path

import pytest

from provisioning.server.machine import Machine
from provisioning.server.programs import ProgramFailed, SystemPrograms
from provisioning.server.repository.places import RepositoryPlaces
from provisioning.server.repository.setting_up import (
    RepositoryBack,
    bring_back_repository,
)
from provisioning.server.repository.store import PILOT, STABLE, SUITES, Store
from provisioning.server.work import Work
from tests.folders import Folders
from tests.integration.provisioning.server.repository.packages import (
    NEW,
    OLD,
    WITH_APTLY,
    Apt,
    made_package,
)
from tests.unit.provisioning.server.machines import some_answers

pytestmark = WITH_APTLY


@pytest.fixture
def bare(tmp_path_factory: Folders, places: RepositoryPlaces) -> Machine:
    """Give another machine, on which the key alone is back."""
    machine = Machine(root=tmp_path_factory.mktemp("r"))
    key = RepositoryPlaces.of(machine).key_folder
    shutil.copytree(places.key_folder, key)
    return machine


def test_apt_reads_the_empty_repository_by_the_key_that_it_knows(
    store: Store, places: RepositoryPlaces, bare: Machine, tmp_path: Path
) -> None:
    store.add([made_package(tmp_path, OLD)])
    back = bring_back_repository(Work(bare, some_answers()))
    assert back == RepositoryBack()
    restored = RepositoryPlaces.of(bare)
    assert restored.public_key.read_text() == places.public_key.read_text()
    for suite in SUITES:
        assert Apt(tmp_path / suite, restored, suite).versions() == []


def test_what_is_published_again_is_taken_as_before(
    bare: Machine, tmp_path: Path
) -> None:
    work = Work(bare, some_answers())
    bring_back_repository(work)
    restored = RepositoryPlaces.of(bare)
    store = Store(restored, bare.programs)
    store.add([made_package(tmp_path, NEW)])
    assert Apt(tmp_path / "apt", restored, PILOT).versions() == ["0.3.0"]
    assert bring_back_repository(work) == RepositoryBack(("0.3.0",))


def test_what_the_site_before_had_signed_is_signed_by_the_key_that_is_back(
    machine: Machine,
    store: Store,
    places: RepositoryPlaces,
    tmp_path: Path,
    tmp_path_factory: Folders,
) -> None:
    store.add([made_package(tmp_path, OLD)])
    store.promote("0.2.0")
    other = Machine(root=tmp_path_factory.mktemp("r"))
    bring_back_repository(Work(other, some_answers()))
    theirs = RepositoryPlaces.of(other)
    shutil.rmtree(places.key_folder)
    shutil.copytree(theirs.key_folder, places.key_folder)

    back = bring_back_repository(Work(machine, some_answers()))

    assert back == RepositoryBack(("0.2.0",))
    assert places.public_key.read_text() == theirs.public_key.read_text()
    assert Apt(tmp_path / "apt", places, STABLE).versions() == ["0.2.0"]


def test_fault_a_repository_that_cannot_be_made_is_told_and_undoes_no_restoration(
    bare: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise ProgramFailed("aptly: no space left on device")

    monkeypatch.setattr(SystemPrograms, "run", fail)
    back = bring_back_repository(Work(bare, some_answers()))
    assert "no space left" in back.trouble
    assert "run guichet-server install" in back.in_words()[0]
