# SPDX-License-Identifier: AGPL-3.0-or-later
"""The repository with the real aptly and GnuPG, read by the real apt."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from provisioning.server.machine import Machine
from provisioning.server.programs import SystemPrograms
from provisioning.server.repository.places import RepositoryPlaces
from provisioning.server.repository.signing_key import ensure_signing_key
from provisioning.server.repository.store import PILOT, STABLE, Package, Store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("aptly") and shutil.which("gpg")),
        reason="needs aptly and GnuPG (script/setup --test)",
    ),
]
OLD, NEW = (
    Package("guichet-kiosk", version, "amd64") for version in ("0.2.0", "0.3.0")
)


@pytest.fixture
def places(tmp_path_factory: pytest.TempPathFactory) -> RepositoryPlaces:
    # GnuPG's agent listens on a socket there: a short path.
    return RepositoryPlaces.of(Machine(root=tmp_path_factory.mktemp("r")))


@pytest.fixture
def store(places: RepositoryPlaces) -> Store:
    places.folder.mkdir(parents=True)
    assert ensure_signing_key(places, SystemPrograms())
    made = Store(places, SystemPrograms())
    assert made.ensure()
    return made


def _deb(folder: Path, package: Package) -> Path:
    tree = folder / package.version
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        f"Package: {package.name}\nVersion: {package.version}\n"
        f"Architecture: {package.architecture}\nMaintainer: nobody <n@example.invalid>\n"
        "Description: a kiosk\n"
    )
    file = folder / f"{package.name}_{package.version}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", tree, file],
        check=True,
        capture_output=True,
    )
    return file


class _Apt:
    """An apt of the test's own, that knows this repository alone."""

    def __init__(self, folder: Path, places: RepositoryPlaces, suite: str) -> None:
        for name in ("state/lists/partial", "cache/archives/partial", "etc/apt"):
            (folder / name).mkdir(parents=True)
        (folder / "status").touch()
        source = folder / "etc" / "guichet.list"
        public = places.folder / "public"
        source.write_text(
            f"deb [signed-by={places.public_key}] file:{public} {suite} main\n"
        )
        self._options = [
            *("-o", f"Dir::State={folder}/state"),
            *("-o", f"Dir::State::status={folder}/status"),
            *("-o", f"Dir::Cache={folder}/cache"),
            *("-o", f"Dir::Etc={folder}/etc/apt"),
            *("-o", f"Dir::Etc::sourcelist={source}"),
            *("-o", "Dir::Etc::sourceparts=/dev/null"),
            *("-o", "APT::Architecture=amd64"),
            *("-o", "APT::Sandbox::User=root"),
        ]

    def versions(self) -> list[str]:
        """Read the lists anew and give the versions, the newest first."""
        self._run("apt-get", "update", "--error-on=any")
        lines = self._run("apt-cache", "madison", OLD.name).splitlines()
        return [line.split("|")[1].strip() for line in lines]

    def _run(self, program: str, *arguments: str) -> str:
        ran = subprocess.run(
            [program, *self._options, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout


def test_pilots_are_given_a_version_first_and_all_keep_the_one_before(
    store: Store, places: RepositoryPlaces, tmp_path: Path
) -> None:
    pilot = _Apt(tmp_path / "pilot", places, PILOT)
    others = _Apt(tmp_path / "others", places, STABLE)
    assert pilot.versions() == []

    store.add([_deb(tmp_path, OLD)], "one")
    assert pilot.versions() == ["0.2.0"]
    assert others.versions() == []
    store.promote()
    store.add([_deb(tmp_path, NEW)], "two")

    assert pilot.versions() == ["0.3.0", "0.2.0"]
    assert others.versions() == ["0.2.0"]
    store.promote()
    assert others.versions() == ["0.3.0", "0.2.0"]
    assert sorted(store.packages(STABLE)) == [OLD, NEW]


def test_a_version_that_is_withdrawn_is_given_to_nobody(
    store: Store, places: RepositoryPlaces, tmp_path: Path
) -> None:
    store.add([_deb(tmp_path, OLD), _deb(tmp_path, NEW)], "one")
    store.promote()

    store.withdraw("0.3.0", "two")

    for suite in (PILOT, STABLE):
        assert store.packages(suite) == [OLD]
        assert _Apt(tmp_path / suite, places, suite).versions() == ["0.2.0"]


def test_what_is_there_is_left_as_it_is(store: Store, places: RepositoryPlaces) -> None:
    key = places.public_key.read_text()

    assert not store.ensure()
    assert not ensure_signing_key(places, SystemPrograms())

    assert places.public_key.read_text() == key
    assert (places.key_folder.stat().st_mode & 0o077) == 0


def test_a_set_up_that_was_cut_off_is_completed(
    store: Store, places: RepositoryPlaces
) -> None:
    subprocess.run(
        ["aptly", f"-config={places.configuration}", "publish", "drop", STABLE],
        check=True,
        capture_output=True,
    )
    assert store.ensure()
    assert store.packages(STABLE) == []


def test_apt_refuses_what_another_key_signed(
    store: Store, places: RepositoryPlaces, tmp_path: Path
) -> None:
    store.add([_deb(tmp_path, OLD)], "one")
    apt = _Apt(tmp_path / "apt", places, PILOT)
    assert apt.versions() == ["0.2.0"]
    shutil.rmtree(places.key_folder)

    ensure_signing_key(places, SystemPrograms())

    with pytest.raises(AssertionError, match="NO_PUBKEY|not signed|Missing key"):
        apt.versions()


def test_no_agent_stays_behind_with_the_key(
    store: Store, places: RepositoryPlaces
) -> None:
    deadline = time.monotonic() + 10
    while True:
        found = subprocess.run(
            ["pgrep", "-f", f"gpg-agent.*{places.key_folder}"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        if not found or time.monotonic() > deadline:
            break
    assert found == ""
