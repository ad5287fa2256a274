# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every command that the product installs says how it is used, whatever is set."""

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

HELPING = Path(__file__).with_name("helping.py")
PROGRAMS = sorted(
    program.name
    for program in entry_points(group="console_scripts")
    if program.name.startswith("guichet-")
)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_command_helps_where_nothing_is_set(name: str, tmp_path: Path) -> None:
    told = subprocess.run(
        # Not beside the folders of tests that are named like our packages.
        [sys.executable, "-P", HELPING, name],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if not k.startswith("GUICHET_")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == ""
    assert not list(tmp_path.iterdir())


def test_the_product_s_programs_are_all_looked_at() -> None:
    assert len(PROGRAMS) == 7
