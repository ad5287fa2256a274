# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whoever may write where the pages do gets nothing of root's by a restoration."""

import os
import stat
from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import make_url

from provisioning.server.backup.documents import give_to
from provisioning.server.main import main as guichet_server
from tests.integration.provisioning.server.backup.conftest import SmallSite


def test_nothing_is_written_where_a_link_in_the_databases_place_leads(
    site: SmallSite, tmp_path: Path
) -> None:
    site.back_up()
    elsewhere = tmp_path / "run-by-root"
    file = Path(make_url(site.url).database or "")
    file.rename(file.with_name("away"))
    file.symlink_to(elsewhere)
    command = ["restore", "--root", str(site.places.root), "--replace"]
    restored = CliRunner().invoke(guichet_server, command)
    assert restored.exit_code == 0, restored.output
    assert not elsewhere.exists()
    assert file.is_file() and not file.is_symlink()


def test_a_link_among_the_documents_gives_nothing_away(tmp_path: Path) -> None:
    of_root = tmp_path / "of-root"
    of_root.write_text("nobody's business")
    of_root.chmod(0o644)
    shelf = tmp_path / "documents" / "content" / "aa"
    shelf.mkdir(parents=True)
    (shelf / "kept").write_text("a paper")
    (shelf / "link").symlink_to(of_root)
    give_to(tmp_path / "documents", os.getuid(), os.getgid())
    assert stat.S_IMODE(of_root.stat().st_mode) == 0o644
    assert stat.S_IMODE((shelf / "kept").stat().st_mode) == 0o600
    assert stat.S_IMODE(shelf.stat().st_mode) == 0o700
    assert (shelf / "link").is_symlink()
