# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision trunk`: what IT gives, what Asterisk and the pages get, and no secret told."""

import json
import stat
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from booking_web.base.settings import load_settings
from provisioning.asterisk.certificates import ensure_certificates
from provisioning.cli import main

SECRET = "a;secret=>it's"
SETTINGS = (
    'database_url = "sqlite://"\nsecret_key = "kept"\nmail_from = "a@b.example"\n'
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    etc = tmp_path / "asterisk" / "etc"
    etc.mkdir(parents=True)
    (etc / "pjsip.conf").touch(mode=0o640)
    (tmp_path / "guichet.toml").write_text(SETTINGS)
    return tmp_path


def run(site: Path, *arguments: str, said: str = "") -> Result:
    command = ["trunk", arguments[0], "--site", str(site), *arguments[1:]]
    result = CliRunner().invoke(main, command, input=said)
    assert SECRET not in result.output
    return result


def add(site: Path, *more: str, said: str = f"{SECRET}\n") -> Result:
    known = ("--user", "mairie", "--secret-file", "-", "--caller-number", "0323000000")
    return run(site, "add", "sip.operator.example", *known, *more, said=said)


def sections(site: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Read what Asterisk is given: sections by their name and type."""
    text = (site / "asterisk/etc/pjsip_trunk.conf").read_text()
    found: dict[tuple[str, str], dict[str, str]] = {}
    for part in text.split("\n[")[1:]:
        name, *lines = part.splitlines()
        pairs = dict(line.split(" = ", 1) for line in lines if line)
        found[name.rstrip("]"), pairs["type"]] = pairs
    return found


def test_a_line_is_added_shown_changed_and_removed(site: Path) -> None:
    assert add(site).exit_code == 0
    found = sections(site)
    endpoint = found["guichet_trunk", "endpoint"]
    # Nobody is let in by it, and it is called with its certificate looked at.
    assert (endpoint["identify_by"], endpoint["context"]) == ("ip", "guichet-trunk")
    assert found["transport-trunk", "transport"]["verify_server"] == "yes"
    contact = "sip:sip.operator.example:5061\\;transport=tls"
    assert found["guichet_trunk", "aor"]["contact"] == contact
    assert found["guichet_trunk", "auth"]["password"] == "a\\;secret=>it's"
    assert ("guichet_trunk", "registration") not in found
    file = site / "asterisk/etc/pjsip_trunk.conf"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    modules = (site / "asterisk/etc/modules_trunk.conf").read_text()
    assert modules.count("load = ") == 1
    settings = load_settings(site / "guichet.toml", {})
    assert settings.trunk_caller_number == "0323000000"
    # What stood there stays.
    assert settings.mail_from == "a@b.example" and settings.secret_key == "kept"
    assert "operator: sip:sip.operator.example:5061" in run(site, "show").output

    assert add(site).output.strip() == ""
    options = ("--register", "--dials", "international", "--prefix", "+262")
    changed = json.loads(add(site, *options, "--json").stdout)["changed"]
    assert len(changed) == 3
    assert ("guichet_trunk", "registration") in sections(site)
    assert "trunk_foreign_prefixes" in tomllib.loads(
        (site / "guichet.toml").read_text()
    )

    assert run(site, "remove").exit_code == 0
    assert not file.exists()
    assert load_settings(site / "guichet.toml", {}).trunk_caller_number is None
    assert "there is no telephone line" in run(site, "show").output
    assert run(site, "remove").output == ""


def test_a_dry_run_says_which_files_would_change_and_changes_none(site: Path) -> None:
    names = ["pjsip_trunk.conf", "modules_trunk.conf", "guichet.toml"]
    told = json.loads(add(site, "--dry-run", "--json").stdout)
    assert [Path(each).name for each in told["changed"]] == names
    assert not (site / "asterisk/etc/pjsip_trunk.conf").exists()
    assert (site / "guichet.toml").read_text() == SETTINGS
    add(site)
    assert len(run(site, "remove", "--dry-run").output.splitlines()) == 3
    assert "operator" in run(site, "show").output


def test_the_password_is_asked_for_where_no_file_holds_it(site: Path) -> None:
    known = ("--user", "mairie", "--caller-number", "0323000000")
    result = run(site, "add", "sip.example", *known, said=f"{SECRET}\n")
    assert result.exit_code == 0
    assert sections(site)["guichet_trunk", "auth"]["password"] == "a\\;secret=>it's"


def test_an_exchange_that_knows_the_site_by_its_address_needs_no_password(
    site: Path,
) -> None:
    known = ("--caller-number", "0323000000", "--transport", "udp")
    assert run(site, "add", "10.0.0.5", *known, "--exit-digits", "0").exit_code == 0
    found = sections(site)
    assert ("guichet_trunk", "auth") not in found
    assert "outbound_auth" not in found["guichet_trunk", "endpoint"]
    assert "qualify_frequency" in found["guichet_trunk", "aor"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--caller-number", "0323\n[x]"), SECRET),
        (("--user", "mairie]\n[x"), SECRET),
        (("--exit-digits", "0*"), SECRET),
        (("--prefix", "32"), SECRET),
        (("--bind", "0.0.0.0\n[x]"), SECRET),
        (("--bind", "localhost"), SECRET),
        (("--srtp", "--transport", "udp"), SECRET),
        ((), "two\nlines"),
        ((), "a blank"),
        ((), ""),
    ],
)
def test_what_would_end_a_line_of_the_file_is_refused(site: Path, more, said) -> None:
    result = add(site, *more, said=said)
    assert result.exit_code == 2 and "two" not in result.output
    assert not (site / "asterisk/etc/pjsip_trunk.conf").exists()
    assert (site / "guichet.toml").read_text() == SETTINGS


@pytest.mark.parametrize("host", ["a b", "x;y", "host\n[x]", "-x", "[::1]", ""])
def test_a_host_that_is_none_is_refused(site: Path, host: str) -> None:
    known = ("--caller-number", "0323000000")
    assert run(site, "add", *known, "--", host).exit_code == 2


def test_the_operator_s_own_authority_is_copied_to_where_asterisk_reads(
    site: Path, tmp_path: Path
) -> None:
    ensure_certificates(tmp_path / "operator", ("sip.operator.example",))
    given, kept = tmp_path / "operator/ca.pem", site / "asterisk/etc"
    assert add(site, "--authorities", str(given)).exit_code == 0
    [copied] = kept.glob("*.pem")
    assert copied.read_bytes() == given.read_bytes()
    assert stat.S_IMODE(copied.stat().st_mode) == 0o640
    transport = sections(site)["transport-trunk", "transport"]
    assert transport["ca_list_file"] == str(copied.resolve())
    # Anything else would keep Asterisk from opening the line, without a word here.
    refused = add(site, "--authorities", str(site / "guichet.toml"))
    assert refused.exit_code == 2 and "no certificate" in refused.output
    assert add(site).exit_code == 0
    assert list(kept.glob("*.pem")) == []


def test_without_a_site_it_says_so(tmp_path: Path) -> None:
    result = run(tmp_path, "show")
    assert result.exit_code == 2 and "there is no site" in result.output
