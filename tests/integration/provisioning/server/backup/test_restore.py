# SPDX-License-Identifier: AGPL-3.0-or-later
"""A server comes back from its backup on a bare machine, whole and of this version."""

import json
import os
import tomllib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import make_url, select, text

from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from provisioning.database.engine import Database
from provisioning.database.schema import downgrade
from provisioning.server.backup import fetching, taking
from provisioning.server.backup.folder_around import FolderAround
from provisioning.server.backup.postgresql_copy import conninfo
from provisioning.server.main import main as guichet_server
from provisioning.server.repository.setting_up import RepositoryBack
from tests.integration.provisioning.server.backup.conftest import (
    LEFT_IN_WORK,
    SECRET,
    SmallSite,
)


def run(site: SmallSite, *arguments: str) -> Result:
    """Run guichet-server on the site's folder."""
    command, *others = arguments
    return CliRunner().invoke(
        guichet_server, [command, "--root", str(site.places.root), *others]
    )


def burn(site: SmallSite, paper: Path) -> list[str]:
    """Take everything away but the repository and the paper; give how to come back."""
    paper.write_text(site.places.passphrase_file.read_text())
    repository = paper.with_name("repository")
    site.places.repository.rename(repository)
    site.places.root.rename(paper.with_name("burnt"))
    url = make_url(site.url)
    if url.get_backend_name() == "postgresql":
        with psycopg.connect(
            conninfo(url.set(database="postgres")), autocommit=True
        ) as connection:
            connection.execute(f'DROP DATABASE "{url.database}"'.encode())
            connection.execute(f'CREATE DATABASE "{url.database}"'.encode())
    return ["--from", str(repository), "--passphrase-file", str(paper)]


def content_of(site: SmallSite) -> tuple[list[str], list[str]]:
    """Give the appointments' residents, and the documents' hashes."""
    database = Database(site.url)
    with database.read() as session:
        names = session.scalars(
            select(Appointment.resident_name).order_by(Appointment.id)
        ).all()
        documents = session.scalars(
            select(Document.sha256).order_by(Document.number)
        ).all()
    database.dispose()
    return list(names), list(documents)


def test_everything_is_back_on_a_bare_machine(
    either_site: SmallSite, tmp_path: Path
) -> None:
    site = either_site
    content = os.urandom(300_000)
    digest = site.add_document(1, content)
    site.places.prompts.mkdir(parents=True)
    (site.places.prompts / "attente.wav").write_bytes(b"a person's voice")
    english = site.places.prompts_in("en") / "attente.wav"
    english.parent.mkdir(parents=True)
    english.write_bytes(b"a voice")
    before = content_of(site)
    site.back_up()
    way = burn(site, tmp_path / "paper")

    result = run(site, "restore", "--json", *way)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["ok"] is True
    assert told["aside"] is None

    assert content_of(site) == before == (["M. Dupont"], [digest])
    shelf = site.documents / "content" / digest[:2]
    assert (shelf / digest).read_bytes() == content
    assert (site.places.settings / "documents.key").read_text() == "a key"
    assert (site.places.prompts / "attente.wav").read_bytes() == b"a person's voice"
    assert english.read_bytes() == b"a voice"
    settings = tomllib.loads(site.places.settings_file.read_text())
    assert settings["secret_key"] == SECRET
    assert site.places.settings_file.stat().st_mode & 0o777 == 0o640
    # It is settled: pages of before are refused, numbers go on elsewhere.
    assert settings["restored_at"] > told["made_at"][:19]
    assert told["settled"]["next_appointment"] > 1_000_000
    # The nightly backup goes on with the same passphrase.
    paper = (tmp_path / "paper").read_text()
    assert site.places.passphrase_file.read_text() == paper
    assert not (site.places.work / "restoration").exists()


def test_a_site_that_is_here_is_put_aside_only_when_asked(site: SmallSite) -> None:
    first = site.back_up()
    later = site.add_document(1, b"filed since")
    refused = run(site, "restore")
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert content_of(site)[1] == [later]

    result = run(site, "restore", first.kept.id, "--replace", "--json")
    assert result.exit_code == 0, result.output
    assert content_of(site) == (["M. Dupont"], [])
    aside = Path(json.loads(result.stdout)["aside"])
    assert (aside / "documents" / "content" / later[:2] / later).exists()
    kept = Database(f"sqlite:///{aside / 'database'}")
    with kept.read() as session:
        assert session.scalars(select(Document.sha256)).all() == [later]
    kept.dispose()


@pytest.mark.parametrize(
    ("packages", "exit_code", "said"),
    [
        (
            RepositoryBack(),
            0,
            "Publish again what was published: guichet-server publish",
        ),
        (RepositoryBack(("0.2.0",)), 0, ""),
        (RepositoryBack(trouble="aptly is away"), 1, "! the repository of packages"),
    ],
)
def test_the_end_says_whether_kiosks_have_their_packages(
    site: SmallSite,
    monkeypatch: pytest.MonkeyPatch,
    packages: RepositoryBack,
    exit_code: int,
    said: str,
) -> None:
    monkeypatch.setattr(FolderAround, "offer_packages", lambda _: packages)
    # The tables are brought to this version in the other tests.
    monkeypatch.setattr(FolderAround, "settle", lambda *_: {})
    site.back_up()
    result = run(site, "restore", "--replace")
    assert result.exit_code == exit_code, result.output
    assert said in result.output
    assert ("Packages are in no backup" in result.output) == (
        packages == RepositoryBack()
    )
    told = json.loads(run(site, "restore", "--replace", "--json").stdout)["packages"]
    assert told == packages.as_json()
    assert told["publish_again"] is (not packages.versions)


def test_a_dry_run_opens_the_backup_and_changes_nothing(site: SmallSite) -> None:
    site.add_document(1, b"a paper")
    taken = site.back_up()
    before = site.places.settings_file.read_bytes()
    result = run(site, "restore", "--dry-run", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["backup"] == taken.kept.id
    assert (told["appointments"], told["documents"]) == (1, 1)
    assert site.places.settings_file.read_bytes() == before
    assert {each.name for each in site.places.work.iterdir()} == LEFT_IN_WORK


def test_a_backup_of_an_older_version_is_brought_to_this_one(
    site: SmallSite, tmp_path: Path
) -> None:
    downgrade(site.url, revision="appointments_0017")
    site.back_up()
    way = burn(site, tmp_path / "paper")
    result = run(site, "restore", *way)
    assert result.exit_code == 0, result.output
    database = Database(site.url)
    with database.read() as session:
        versions = set(session.scalars(text("SELECT version_num FROM alembic_version")))
    database.dispose()
    assert "appointments_0017" not in versions
    assert content_of(site)[0] == ["M. Dupont"]


def test_a_backup_of_a_later_version_is_refused_with_what_to_install(
    site: SmallSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "version", lambda name: "99.1.0")
    site.back_up()
    way = burn(site, tmp_path / "paper")
    result = run(site, "restore", *way)
    assert result.exit_code == 1
    assert "install guichet-server 99.1.0 or a later one" in result.output
    assert not site.places.settings.exists()


def test_the_backup_that_a_later_version_makes_before_it_changes_anything_is_taken_back(
    site: SmallSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.places.version_file.write_text(f"{version('guichet-virtuel')}\n")
    with monkeypatch.context() as later:
        later.setattr(taking, "version", lambda name: "99.1.0")
        taken = site.back_up()
    assert taken.manifest.version == taken.kept.version == version("guichet-virtuel")
    way = burn(site, tmp_path / "paper")
    result = run(site, "restore", *way)
    assert result.exit_code == 0, result.output


def test_a_backup_of_a_later_build_of_this_version_names_no_version_to_install(
    site: SmallSite, tmp_path: Path
) -> None:
    database = Database(site.url)
    with database.write() as session:
        session.execute(
            text(
                "UPDATE alembic_version SET version_num = 'appointments_9999'"
                " WHERE version_num LIKE 'appointments_%'"
            )
        )
    database.dispose()
    site.back_up()
    way = burn(site, tmp_path / "paper")
    result = run(site, "restore", *way)
    assert result.exit_code == 1
    ours = version("guichet-virtuel")
    assert f"a later build of version {ours} wrote this backup" in result.output
    assert "install the newest packages of the server" in result.output
    assert "or a later one" not in result.output
    assert not site.places.settings.exists()


def test_a_revision_that_nobody_here_knows_is_refused_too() -> None:
    assert fetching.unknown_revisions(["appointments_0017", "appointments_9999"]) == [
        "appointments_9999"
    ]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Give a function that makes a step of the restoration fail, as a full disk would."""

    def make(step: str) -> None:
        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(FolderAround, step, fail)

    return make


@pytest.mark.parametrize("step", ["fill", "settle"])
def test_a_restoration_that_fails_leaves_all_as_it_was(
    site: SmallSite, failing: Callable[[str], None], step: str
) -> None:
    site.back_up()
    later = site.add_document(1, b"filed since")
    settings = site.places.settings_file.read_bytes()
    failing(step)
    result = run(site, "restore", "--replace")
    assert result.exit_code == 1
    assert "there is no room left" in result.output
    assert content_of(site) == (["M. Dupont"], [later])
    assert (site.documents / "content" / later[:2] / later).read_bytes() == (
        b"filed since"
    )
    assert site.places.settings_file.read_bytes() == settings
    assert site.back_up().manifest.documents == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["zzzzzzzz"], "there is no backup zzzzzzzz; there are "),
        (["--from", "/nowhere/at/all"], "there is no repository of backups at"),
    ],
)
def test_what_is_not_there_is_told(
    site: SmallSite, arguments: list[str], said: str
) -> None:
    site.back_up()
    result = run(site, "restore", "--replace", *arguments)
    assert result.exit_code == 1
    assert said in result.output
    assert content_of(site)[0] == ["M. Dupont"]


def test_a_wrong_paper_is_told(site: SmallSite, tmp_path: Path) -> None:
    site.back_up()
    way = burn(site, tmp_path / "paper")
    (tmp_path / "paper").write_text("what-somebody-misread")
    result = run(site, "restore", *way)
    assert result.exit_code == 1
    assert "does not open the repository" in result.output
    assert not site.places.settings.exists()
