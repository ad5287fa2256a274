# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision` on a database of the test's own."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioning.cli import main
from provisioning.database.schema import upgrade
from tests.folders import Folders

INVENTORY = """
[sip]
server = "sip.example"

[[relays]]
slug = "guise"
name = "Relais de Guise"
commune = "Guise"

[[kiosks]]
slug = "kiosk-guise"
relay = "guise"

[[organisations]]
slug = "msa"
name = "Mutualité sociale agricole"
short_name = "MSA"

[[counters]]
slug = "msa-1"
name = "Guichet 1"
organisation = "msa"

[[counsellors]]
slug = "counsellor-msa-1"
name = "Conseillère"
organisation = "msa"

[[users]]
email = "mairie@guise.example"
name = "Mairie de Guise"
role = "secretary"
relay = "guise"
"""

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def _upgraded(tmp_path_factory: Folders) -> Path:
    folder = tmp_path_factory.mktemp("upgraded")
    upgrade(f"sqlite:///{folder}/made.db")
    with closing(sqlite3.connect(folder / "made.db")) as made:
        made.execute("VACUUM INTO ?", [f"{folder}/upgraded.db"])
    return folder / "upgraded.db"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _upgraded: Path) -> Run:
    """Run a command on an upgraded, empty database in `tmp_path`, where it also stands."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(_upgraded, tmp_path / "guichet.db")
    url = f"sqlite:///{tmp_path / 'guichet.db'}"
    (tmp_path / "inventory.toml").write_text(INVENTORY)

    def run_command(*arguments: str, exit_code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["--database-url", url, *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == exit_code, result.output
        return result

    return run_command
