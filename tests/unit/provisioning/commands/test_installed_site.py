# SPDX-License-Identifier: AGPL-3.0-or-later
"""On a server nobody types its database, nor how it is reached."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioning.cli import main
from provisioning.commands.installed_site import read_installed_site
from provisioning.database.schema import upgrade_directory


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the settings of a server that is installed."""
    monkeypatch.delenv("GUICHET_DATABASE_URL", raising=False)
    url = f"sqlite:///{tmp_path / 'guichet.db'}"
    upgrade_directory(url)
    file = tmp_path / "guichet.toml"
    file.write_text(
        f'database_url = "{url}"\nsip_server = "guichet.example.fr"\n'
        'site_url = "https://guichet.example.fr"\nsecret_key = "x"\n'
    )
    monkeypatch.setenv("GUICHET_CONFIG", str(file))
    return file


def test_its_database_and_its_name_need_not_be_typed(
    settings: Path, tmp_path: Path
) -> None:
    run = CliRunner().invoke
    relay = ["add-relay", "guise", "--name", "Guise", "--commune", "Guise"]
    assert run(main, relay).exit_code == 0
    kiosk = ["add-kiosk", "kiosk-guise", "--relay", "guise", "--secrets-dir"]
    done = run(main, [*kiosk, str(tmp_path / "secrets")])
    assert done.exit_code == 0, done.output
    bundle = (tmp_path / "secrets" / "kiosk-guise.toml").read_text()
    assert 'server = "guichet.example.fr"' in bundle
    assert "https://guichet.example.fr/borne" in bundle


def test_a_softphone_needs_its_counsellor_alone(settings: Path) -> None:
    with settings.open("a") as file:
        file.write("sip_plain_port = 5060\n")
    run = CliRunner().invoke
    caf = ["add-organisation", "caf", "--name", "Allocations", "--short-name", "CAF"]
    ada = ["--counsellor", "Ada", "--softphone", "--in-clear"]
    assert run(main, [*caf, *ada]).exit_code == 0
    link = run(main, ["softphone", "counsellor-caf-1"])
    assert link.output.startswith("link: https://guichet.example.fr/telephone/")
    sheet = run(
        main, ["softphone", "counsellor-caf-1", "--sheet", "--transport", "udp"]
    )
    assert "server: guichet.example.fr\nport: 5060\n" in sheet.output


def test_a_database_that_is_named_is_used_and_nothing_else_is_taken(
    settings: Path, tmp_path: Path
) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    upgrade_directory(other)
    run = CliRunner().invoke
    relay = ["add-relay", "guise", "--name", "Guise", "--commune", "Guise"]
    assert run(main, ["--database-url", other, *relay]).exit_code == 0
    assert json.loads(run(main, ["list", "relays", "--json"]).output)["relays"] == []


@pytest.mark.parametrize("content", [None, "no toml =", "sip_port = "])
def test_where_no_site_is_nothing_is_assumed(
    tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "guichet.toml"
    if content is not None:
        file.write_text(content)
    assert read_installed_site(file).database_url is None
    assert read_installed_site(file).options == {}
