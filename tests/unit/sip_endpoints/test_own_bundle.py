# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor's bundle is put in place once, and no path is typed after that."""

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sip_endpoints import counsellor_command
from sip_endpoints.own_bundle import own_bundle

BUNDLE = """[sip]
user = "counsellor-msa-1"
secret = "a secret"
server = "guichet.example.fr"
ca_file = "ca.pem"

[control]
socket = "counsellor-msa-1.sock"

[counsellor]
slug = "counsellor-msa-1"
organisations = ["msa"]
"""


@pytest.fixture
def received(tmp_path: Path) -> Path:
    folder = tmp_path / "Downloads"
    folder.mkdir()
    (folder / "ca.pem").write_text("the authority")
    bundle = folder / "counsellor-msa-1.toml"
    bundle.write_text(BUNDLE)
    return bundle


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path / ".config/guichet-counsellor"


def ask(*words: str) -> Result:
    return CliRunner().invoke(counsellor_command.main, words)


def test_a_bundle_and_its_authority_come_to_where_only_their_owner_reads(
    received: Path, home: Path
) -> None:
    result = ask("set-up", str(received))
    assert (result.exit_code, result.output) == (
        0,
        "C'est fait : lancez « guichet-counsellor run ».\n",
    )
    files = {file.name: file.read_text() for file in home.iterdir()}
    assert files == {"bundle.toml": BUNDLE, "ca.pem": "the authority"}
    assert stat.S_IMODE((home / "bundle.toml").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_bundle_that_holds_its_authority_needs_nothing_beside_it(
    received: Path, home: Path
) -> None:
    whole = BUNDLE.replace('ca_file = "ca.pem"', 'ca = "the authority"')
    received.write_text(whole)
    (received.parent / "ca.pem").unlink()
    assert ask("set-up", str(received)).exit_code == 0
    assert {file.name: file.read_text() for file in home.iterdir()} == {
        "bundle.toml": whole
    }


def test_a_bundle_without_its_authority_leaves_the_one_before(
    received: Path, home: Path
) -> None:
    ask("set-up", str(received))
    received.write_text(BUNDLE.replace("msa-1", "msa-2"))
    (received.parent / "ca.pem").unlink()
    result = ask("set-up", str(received))
    assert result.exit_code == 2
    assert f"there is no file {received.parent}/ca.pem" in result.output
    assert (home / "bundle.toml").read_text() == BUNDLE
    assert sorted(file.name for file in home.iterdir()) == ["bundle.toml", "ca.pem"]


def test_a_full_disk_leaves_the_bundle_before(
    received: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("set-up", str(received))
    received.write_text(BUNDLE.replace("a secret", "a newer secret"))

    def full(source: Path, target: Path) -> None:
        target.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sip_endpoints.own_bundle.shutil.copyfile", full)
    result = ask("set-up", str(received))
    assert result.exit_code == 2
    assert f"cannot write to {home}: No space left on device" in result.output
    assert (home / "bundle.toml").read_text() == BUNDLE
    assert sorted(file.name for file in home.iterdir()) == ["bundle.toml", "ca.pem"]


def test_a_kiosk_s_bundle_is_refused(received: Path, home: Path) -> None:
    received.write_text(BUNDLE.replace("[counsellor]", "[kiosk]"))
    result = ask("set-up", str(received))
    assert result.exit_code == 2
    assert "unknown table [kiosk]" in result.output
    assert not home.exists()


def test_the_bundle_in_place_set_up_again_stays(received: Path, home: Path) -> None:
    ask("set-up", str(received))
    result = ask("set-up", str(home / "bundle.toml"))
    assert result.exit_code == 0
    assert (home / "bundle.toml").read_text() == BUNDLE


@pytest.mark.parametrize(
    ("words", "order"),
    [
        (["status"], ("status", "")),
        (["call", "kiosk-guise"], ("call", "kiosk-guise")),
        (["digits", "*12#"], ("digits", "*12#")),
    ],
)
def test_orders_go_to_one_s_own_telephone_where_no_bundle_is_named(
    received: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    order: tuple[str, str],
) -> None:
    ask("set-up", str(received))
    given = []

    def note(settings: object, order: str, argument: str = "") -> None:
        given.append((order, argument))
        raise SystemExit

    monkeypatch.setattr(counsellor_command, "give_order", note)
    ask(*words)
    ask(words[0], str(received), *words[1:])
    assert given == [order, order]


def test_who_has_no_bundle_is_told_how_to_get_it_there(home: Path) -> None:
    result = ask("status")
    assert result.exit_code == 2
    assert f"there is no {home}/bundle.toml" in result.output
    assert "guichet-counsellor set-up FILE" in result.output


def test_a_word_that_is_missing_is_named(home: Path) -> None:
    result = ask("digits")
    assert result.exit_code == 2
    assert "Missing argument 'CODE'" in result.output


def test_settings_that_lie_elsewhere_are_found_there() -> None:
    found = own_bundle({"HOME": "/home/jeanne", "XDG_CONFIG_HOME": "/elsewhere"})
    assert found == Path("/elsewhere/guichet-counsellor/bundle.toml")
