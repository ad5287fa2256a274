# SPDX-License-Identifier: AGPL-3.0-or-later
"""The files that a kiosk or a counsellor starts from."""

import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_bridge.settings import load_settings
from provisioning.bundles.bundle import (
    Access,
    DeviceNames,
    accounts_with,
    bundle_of,
    renewed_bundle,
)
from provisioning.bundles.staged_files import staged_files
from provisioning.directory.credentials import AccountPassword, SipSecret
from provisioning.directory.errors import DirectoryError
from provisioning.inventory.plan import Kind
from provisioning.inventory.toml_text import to_toml

DIRECTORY = {
    Kind.RELAY: {"guise": {"name": "Relais de Guise", "commune": "Guise"}},
    Kind.KIOSK: {"kiosk-guise": {"relay": "guise"}},
    Kind.COUNSELLOR: {"counsellor-msa-1": {"name": "Ève", "organisation": "msa"}},
}
KIOSK = SipSecret("kiosk-guise", "old", "old-token", "old-code")
ACCESS = Access("sip.example", 5061, web_url="https://web.example/")

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
keys = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
values = (
    text | st.booleans() | st.integers(-(2**62), 2**62) | st.lists(text, max_size=3)
)


def test_a_kiosks_bundle_holds_all_that_it_starts_from():
    document = bundle_of(KIOSK, DIRECTORY, ACCESS, DeviceNames(audio="null"))
    assert tomllib.loads(to_toml(document)) == {
        "sip": {
            "user": "kiosk-guise",
            "display_name": "Guichet virtuel Guise",
            "secret": "old",
            "server": "sip.example",
            "port": 5061,
            "transport": "tls",
            "ca_file": "ca.pem",
        },
        "media": {"rtp_port_first": 0, "rtp_port_count": 0, "audio": "null"},
        "control": {"socket": "kiosk-guise.sock"},
        "kiosk": {
            "slug": "kiosk-guise",
            "screen_url": "https://web.example/borne/rattacher?code=old-code",
            "token": "old-token",
        },
    }


def test_a_counsellors_bundle_names_the_organisation_and_has_no_token():
    secret = SipSecret("counsellor-msa-1", "s")
    document = bundle_of(secret, DIRECTORY, ACCESS, DeviceNames())
    assert document["counsellor"] == {
        "slug": "counsellor-msa-1",
        "organisations": ["msa"],
    }
    assert document["sip"]["display_name"] == "Ève"
    assert "kiosk" not in document


def test_a_renewed_bundle_keeps_what_it_had_but_for_secret_and_token(tmp_path: Path):
    path = tmp_path / "kiosk.toml"
    document = bundle_of(KIOSK, DIRECTORY, ACCESS, DeviceNames())
    document["media"]["camera"] = "C920"
    path.write_text(to_toml(document))
    secret = SipSecret("kiosk-guise", "new", "new-token", "new-code")
    renewed = renewed_bundle(path, secret)
    assert renewed["sip"]["secret"] == "new"
    assert renewed["kiosk"]["token"] == "new-token"
    assert renewed["kiosk"]["screen_url"] == (
        "https://web.example/borne/rattacher?code=new-code"
    )
    assert renewed["media"] == document["media"]
    assert renewed["sip"]["server"] == "sip.example"


def test_a_kiosk_with_a_printer_has_what_its_bridge_starts_from(tmp_path: Path):
    names = DeviceNames(printer="guichet", scanner="")
    document = bundle_of(KIOSK, DIRECTORY, ACCESS, names)
    assert document["bridge"] == {
        "socket": "kiosk-guise-bridge.sock",
        "data_dir": "kiosk-guise-bridge",
        "server_url": "https://web.example",
        "token": "old-token",
        "printer": "guichet",
        "scanner": "",
    }
    path = tmp_path / "kiosk.toml"
    path.write_text(to_toml(document))
    read = load_settings(path, {})
    assert read.printer == "guichet"
    assert read.data_dir == tmp_path / "kiosk-guise-bridge"
    renewed = renewed_bundle(path, SipSecret("kiosk-guise", "new", "new-token"))
    assert renewed["bridge"]["token"] == "new-token"


def test_a_counsellor_has_no_devices_and_a_bridge_needs_the_web_application():
    names = DeviceNames(printer="guichet")
    secret = SipSecret("counsellor-msa-1", "s")
    assert "bridge" not in bundle_of(secret, DIRECTORY, ACCESS, names)
    with pytest.raises(DirectoryError, match="--web-url"):
        bundle_of(KIOSK, DIRECTORY, Access("sip.example"), names)


def test_somebody_elses_bundle_is_left_alone(tmp_path: Path):
    path = tmp_path / "kiosk.toml"
    path.write_text(to_toml(bundle_of(KIOSK, DIRECTORY, ACCESS, DeviceNames())))
    with pytest.raises(DirectoryError, match="is not the bundle of kiosk-wassigny"):
        renewed_bundle(path, SipSecret("kiosk-wassigny", "new", "new-token"))


def test_new_accounts_join_those_of_the_file(tmp_path: Path):
    path = tmp_path / "accounts.toml"
    path.write_text(to_toml({"a@b.fr": "one"}))
    assert accounts_with(path, (AccountPassword("c@d.fr", "two"),)) == {
        "a@b.fr": "one",
        "c@d.fr": "two",
    }


@given(
    plain=st.dictionaries(text, values, max_size=3),
    tables=st.dictionaries(keys, st.dictionaries(keys, values, max_size=3), max_size=3),
)
def test_whatever_is_written_as_toml_is_read_back_the_same(plain, tables):
    document = {**plain, **tables}
    assert tomllib.loads(to_toml(document)) == document


def test_published_files_are_for_the_owner_alone(tmp_path: Path):
    path = tmp_path / "secrets" / "kiosk.toml"
    with staged_files() as files:
        files.add(path, b"x = 1\n")
        assert not path.exists()
        assert files.publish() == [path]
    assert path.read_bytes() == b"x = 1\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_nothing_is_left_of_files_that_were_not_published(tmp_path: Path):
    (tmp_path / "kiosk.toml").write_text("old")
    with pytest.raises(RuntimeError), staged_files() as files:
        files.add(tmp_path / "kiosk.toml", b"new")
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["kiosk.toml"]
    assert (tmp_path / "kiosk.toml").read_text() == "old"


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DirectoryError, match="a file cannot be written"):
        with staged_files() as files:
            files.add(tmp_path / "file" / "kiosk.toml", b"new")
