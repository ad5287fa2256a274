# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision` as it is installed: a program of its own, from nothing to a CAF."""

import json
import os
import subprocess
import sys
from pathlib import Path

from stage.waiting import PATIENCE

REPOSITORY = Path(__file__).parents[3]
PROGRAM = Path(sys.executable).parent / "guichet-provision"


def run(folder: Path, *arguments: str, exit_code: int = 0) -> tuple[str, str]:
    """Run the program in `folder` on its database; give stdout and stderr."""
    url = f"sqlite:///{folder / 'guichet.db'}"
    done = subprocess.run(
        [PROGRAM, *arguments],
        cwd=folder,
        env=os.environ | {"GUICHET_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60 * PATIENCE,
    )
    assert done.returncode == exit_code, done.stderr
    return done.stdout, done.stderr


def test_the_installed_program_takes_a_site_from_nothing_to_a_fourth_organisation(
    tmp_path: Path,
):
    demo = str(REPOSITORY / "script" / "demo-inventory.toml")
    run(tmp_path, "diff", demo, exit_code=2)
    assert run(tmp_path, "upgrade-database") == ("upgraded\n", "")
    sip = ("--secrets-dir", "secrets", "--sip-server", "127.0.0.1")
    applied = json.loads(run(tmp_path, "apply", demo, *sip, "--json")[0])
    assert applied["changed"] and len(applied["files"]) == 7
    assert run(tmp_path, "diff", demo) == ("nothing to change\n", "")
    name = "Caisse d'allocations familiales"
    caf = ("add-organisation", "caf", "--name", name, "--counsellor", "Ève")
    added = json.loads(run(tmp_path, *caf, *sip, "--json")[0])
    assert added["files"] == ["secrets/counsellor-caf-1.toml"]
    shown = json.loads(run(tmp_path, "list", "organisations", "--json")[0])
    assert {"slug": "caf", "name": name}.items() <= shown["organisations"][0].items()
    _, complaint = run(tmp_path, "remove", "caf", exit_code=1)
    assert complaint.startswith("Error: organisation caf is not removed")
