# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every program says which version it is, wherever and however it is asked."""

from configparser import ConfigParser
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest
from click.testing import CliRunner

SETTINGS = Path(__file__).resolve().parents[2] / "setup.cfg"
PROGRAMS = sorted(
    (
        program
        for program in entry_points(group="console_scripts")
        if program.name.startswith("guichet-")
    ),
    key=lambda program: program.name,
)


@pytest.fixture(scope="module")
def version() -> str:
    settings = ConfigParser(interpolation=None)
    settings.read(SETTINGS, encoding="utf-8")
    return settings["metadata"]["version"]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_each_program_says_the_version_of_setup_cfg(
    program: EntryPoint, version: str
) -> None:
    # Loaded twice, as by a program that runs another: the option stays one.
    program.load()
    main = program.load()
    result = CliRunner().invoke(main, ["--version"], prog_name=program.name)
    assert (result.exit_code, result.output) == (
        0,
        f"{program.name}, version {version}\n",
    )
    named = [parameter.name for parameter in main.params]
    assert named.count("version") == 1
