# SPDX-License-Identifier: AGPL-3.0-or-later
"""The files of a site: rendered, kept when nothing changes, private, and checked."""

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import booking_web.tables.rate_limits  # noqa: F401 - its table belongs to the schema
from provisioning.asterisk import own_name
from provisioning.asterisk.layout import SiteLayout
from provisioning.asterisk.site import (
    AsteriskProgram,
    SiteError,
    SiteOptions,
    write_site,
)
from provisioning.commands.site import site
from provisioning.database.engine import Base, Database
from stage.appointments import put_directory

OPTIONS = SiteOptions(
    bind="127.0.0.1",
    names=(),
    sip_tls_port=5061,
    ami_port=5038,
    rtp_first=10000,
    rtp_last=10999,
    database_url="sqlite:////srv/guichet.db",
)


@pytest.fixture
def asterisk(tmp_path: Path) -> AsteriskProgram:
    stock = tmp_path / "stock"
    for name in ("documentation", "moh", "sounds/fr_CA_f_June/digits"):
        (stock / name).mkdir(parents=True)
    (stock / "sounds/fr_CA_f_June/queue-thereare.wav").touch()
    return AsteriskProgram(
        program=("asterisk",),
        version="22.10.1",
        modules_dir=Path("/usr/lib/asterisk/modules"),
        data_dir=stock,
        sqlite_odbc_driver="/usr/lib/libsqlite3odbc.so",
        postgresql_odbc_driver="/usr/lib/psqlodbcw.so",
    )


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "site"


def test_writing_the_same_site_again_changes_nothing(
    directory: Path, asterisk: AsteriskProgram
) -> None:
    first = write_site(SiteLayout.single(directory), OPTIONS, asterisk)
    assert directory / "asterisk/etc/pjsip.conf" in first
    before = {p: p.read_bytes() for p in directory.rglob("*") if p.is_file()}
    assert write_site(SiteLayout.single(directory), OPTIONS, asterisk) == []
    assert {p: p.read_bytes() for p in directory.rglob("*") if p.is_file()} == before


def test_another_port_changes_its_files_and_keeps_every_secret(
    directory: Path, asterisk: AsteriskProgram
) -> None:
    write_site(SiteLayout.single(directory), OPTIONS, asterisk)
    before = tomllib.loads((directory / "guichet.toml").read_text())
    changed = write_site(
        SiteLayout.single(directory), replace(OPTIONS, ami_port=5039), asterisk
    )
    names = {path.name for path in changed}
    assert names == {"manager.conf", "guichet.toml"}
    after = tomllib.loads((directory / "guichet.toml").read_text())
    assert after == {**before, "ami_port": 5039}


def test_what_the_administrator_added_to_the_settings_stays(
    directory: Path, asterisk: AsteriskProgram
) -> None:
    write_site(SiteLayout.single(directory), OPTIONS, asterisk)
    file = directory / "guichet.toml"
    file.write_text(file.read_text() + 'help_keys = "F1"\n')
    write_site(SiteLayout.single(directory), OPTIONS, asterisk)
    assert tomllib.loads(file.read_text())["help_keys"] == "F1"


def test_secrets_and_keys_are_for_their_owner_alone(
    directory: Path, asterisk: AsteriskProgram
) -> None:
    write_site(SiteLayout.single(directory), OPTIONS, asterisk)
    private = ["guichet.toml", "tls/server.key", "tls/ca.key", "asterisk/odbc.ini"]
    private += ["asterisk/etc/manager.conf"]
    for name in private:
        assert (directory / name).stat().st_mode & 0o077 == 0, name
    assert directory.stat().st_mode & 0o077 == 0


def test_the_logs_that_grow_with_each_registration_are_rotated(
    directory: Path, asterisk: AsteriskProgram
) -> None:
    write_site(SiteLayout.single(directory), OPTIONS, asterisk)
    written = (directory / "asterisk/etc/logger.conf").read_text()
    files = re.findall(r"(?m)^(\w+) => \[json\]", written)
    logs = {directory / "asterisk/log" / name for name in files if name != "console"}
    lines = (directory / "asterisk/logrotate.conf").read_text().splitlines()
    assert logs == {Path(line[1:-1]) for line in lines if line.startswith('"')}
    stripped = [line.strip() for line in lines]
    assert {"daily", "maxsize 20M", "rotate 14", "compress"} <= set(stripped)
    told = stripped[stripped.index("postrotate") + 1]
    configured = directory / "asterisk/asterisk.conf"
    assert told == f'asterisk -C {configured} -rx "logger reload" > /dev/null'


def test_the_name_with_which_events_begin_is_the_sites_own(
    directory: Path, asterisk: AsteriskProgram
) -> None:
    def name_of(site: Path) -> str:
        write_site(SiteLayout.single(site), OPTIONS, asterisk)
        [name] = re.findall(
            r"(?m)^systemname = (.*)$", (site / "asterisk/asterisk.conf").read_text()
        )
        return str(name)

    here, elsewhere = name_of(directory), name_of(directory.with_name("other"))
    assert re.fullmatch("guichet-[0-9a-f]{16}", here)
    assert here != elsewhere and here == name_of(directory)


def test_only_tls_is_offered_unless_the_administrator_allows_more(
    directory: Path, asterisk: AsteriskProgram
) -> None:
    write_site(SiteLayout.single(directory), OPTIONS, asterisk)
    pjsip = (directory / "asterisk/etc/pjsip.conf").read_text()
    assert "protocol = tls" in pjsip
    assert "protocol = udp" not in pjsip and "protocol = tcp" not in pjsip
    modules = (directory / "asterisk/etc/modules.conf").read_text()
    assert "websocket" not in modules
    write_site(
        SiteLayout.single(directory),
        replace(OPTIONS, sip_port=5060, ws_port=8088),
        asterisk,
    )
    pjsip = (directory / "asterisk/etc/pjsip.conf").read_text()
    for protocol in ("udp", "tcp", "ws"):
        assert f"protocol = {protocol}\n" in pjsip
    http = (directory / "asterisk/etc/http.conf").read_text().splitlines()
    # Not at the address of SIP: the front alone comes there.
    assert {"bindport = 8088", "bindaddr = 127.0.0.1"} <= set(http)
    assert {"enable_static = no", "enable_status = no"} <= set(http)
    assert "webenabled = no" in (directory / "asterisk/etc/manager.conf").read_text()
    modules = (directory / "asterisk/etc/modules.conf").read_text()
    assert "res_pjsip_transport_websocket.so" in modules and "res_ari" not in modules
    settings = tomllib.loads((directory / "guichet.toml").read_text())
    assert settings["ws_port"] == 8088
    write_site(SiteLayout.single(directory), OPTIONS, asterisk)
    settings = tomllib.loads((directory / "guichet.toml").read_text())
    assert "ws_port" not in settings


def test_postgresql_is_reached_by_its_own_settings(
    directory: Path, asterisk: AsteriskProgram
) -> None:
    url = "postgresql+psycopg://guichet:s%40cret@db.example:5433/counter"
    write_site(
        SiteLayout.single(directory), replace(OPTIONS, database_url=url), asterisk
    )
    odbc = (directory / "asterisk/odbc.ini").read_text()
    for line in (
        "Driver = postgresql",
        "Servername = db.example",
        "Port = 5433",
        "Database = counter",
        "Username = guichet",
        "Password = s@cret",
    ):
        assert line in odbc.splitlines()


def test_a_recording_by_a_person_is_not_overwritten(
    directory: Path, asterisk: AsteriskProgram
) -> None:
    write_site(SiteLayout.single(directory), OPTIONS, asterisk)
    recording = directory / "asterisk/data/sounds/fr/guichet/en-pause.wav"
    recording.write_bytes(b"a human voice")
    write_site(SiteLayout.single(directory), OPTIONS, asterisk)
    assert recording.read_bytes() == b"a human voice"
    english = directory / "asterisk/data/sounds/en/guichet/aucun-conseiller.wav"
    assert english.read_bytes()[:4] == b"RIFF"
    # A number that cannot be said would end the call of who waits.
    for spoken in ("queue-thereare", "queue-callswaiting", "digits/2", "digits/90"):
        assert (english.parents[1] / f"{spoken}.wav").read_bytes()[:4] == b"RIFF"
    numbers = directory / "asterisk/data/sounds/fr/queue-thereare.wav"
    assert numbers.resolve().parent == asterisk.data_dir / "sounds/fr_CA_f_June"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rtp_last": 10001}, "widen"),
        ({"ami_port": 5061}, "same port"),
        ({"database_url": "sqlite:///relative.db"}, "absolute"),
        ({"database_url": "mysql://x/y"}, "mysql"),
    ],
)
def test_impossible_options_are_refused_with_a_sentence(
    directory: Path,
    asterisk: AsteriskProgram,
    change: dict[str, int | str],
    sentence: str,
) -> None:
    options = replace(OPTIONS, **change)  # type: ignore[arg-type]
    with pytest.raises(SiteError, match=sentence):
        write_site(SiteLayout.single(directory), options, asterisk)


def test_a_folder_too_deep_for_a_socket_is_refused(
    tmp_path: Path, asterisk: AsteriskProgram
) -> None:
    with pytest.raises(SiteError, match="shorter folder"):
        write_site(SiteLayout.single(tmp_path / ("deep" * 30)), OPTIONS, asterisk)


def test_the_command_names_the_changed_files(
    directory: Path, asterisk: AsteriskProgram, tmp_path: Path
) -> None:
    found = tmp_path / "asterisk.json"
    values = {**vars(asterisk), "modules_dir": "/m", "data_dir": str(asterisk.data_dir)}
    found.write_text(json.dumps(values))
    arguments = [str(directory), "--asterisk", str(found), "--json"]
    arguments += ["--database-url", OPTIONS.database_url]
    result = CliRunner().invoke(site, arguments)
    assert result.exit_code == 0, result.output
    assert str(directory / "guichet.toml") in json.loads(result.stdout)["changed"]
    again = CliRunner().invoke(site, arguments)
    assert json.loads(again.stdout) == {"changed": [], "calls_at_once": 125}


def test_the_command_says_what_to_run_when_asterisk_is_unknown(
    directory: Path, tmp_path: Path
) -> None:
    arguments = [str(directory), "--asterisk", str(tmp_path / "missing.json")]
    arguments += ["--database-url", OPTIONS.database_url]
    result = CliRunner().invoke(site, arguments)
    assert result.exit_code == 1
    assert "run script/setup" in result.output


def run_site(
    directory: Path, asterisk: AsteriskProgram, tmp_path: Path, *options: str
) -> Result:
    found = tmp_path / "asterisk.json"
    values = {**vars(asterisk), "modules_dir": "/m", "data_dir": str(asterisk.data_dir)}
    found.write_text(json.dumps(values))
    arguments = [str(directory), "--asterisk", str(found), *options]
    if "--database-url" not in options:
        arguments += ["--database-url", OPTIONS.database_url]
    return CliRunner().invoke(site, arguments)


@pytest.mark.parametrize(
    ("kiosks", "rtp_last", "calls"), [(10, 10999, 125), (300, 12999, 375)]
)
def test_the_range_of_ports_follows_the_kiosks(
    directory: Path,
    asterisk: AsteriskProgram,
    tmp_path: Path,
    kiosks: int,
    rtp_last: int,
    calls: int,
) -> None:
    url = f"sqlite:///{tmp_path / 'guichet.db'}"
    database = Database(url)
    Base.metadata.create_all(database.engine)
    with database.write() as session:
        put_directory(session, kiosks)
    database.dispose()
    result = run_site(directory, asterisk, tmp_path, "--database-url", url)
    assert result.exit_code == 0, result.output
    rtp = (directory / "asterisk/etc/rtp.conf").read_text()
    assert f"rtpstart = 10000\nrtpend = {rtp_last}\n" in rtp
    settings = tomllib.loads((directory / "guichet.toml").read_text())
    assert settings["calls_at_once"] == calls >= kiosks


def test_a_site_says_what_it_carries_and_sets_it(
    directory: Path, asterisk: AsteriskProgram, tmp_path: Path
) -> None:
    result = run_site(directory, asterisk, tmp_path, "--kiosks", "200")
    assert "carries 250 calls at once (RTP 10000-11999, 5800 descriptors)" in (
        result.stderr
    )
    configuration = (directory / "asterisk/asterisk.conf").read_text()
    assert "maxfiles = 5800\n" in configuration
    narrow = run_site(
        *(directory, asterisk, tmp_path, "--kiosks", "200", "--rtp-last", "10079")
    )
    assert "carries 10 calls at once" in narrow.stderr
    assert "there are 200 kiosks" in narrow.stderr
    settings = tomllib.loads((directory / "guichet.toml").read_text())
    assert settings["calls_at_once"] == 10


@pytest.mark.parametrize(
    ("hosts", "name_services", "knows"),
    [
        ("127.0.1.1 counter.example counter", "hosts: files dns", True),
        ("127.0.1.1 Counter # this machine", "hosts: files dns", True),
        ("127.0.0.1 localhost", "hosts: files dns", False),
        ("127.0.0.1 localhost # counter", "hosts: files dns", False),
        ("127.0.0.1 localhost", "hosts: files myhostname dns", True),
        ("127.0.0.1 localhost", "hosts: files dns myhostname", False),
        ("127.0.1.1 counter", "hosts: dns", False),
        ("127.0.1.1 counter", "hosts: files mdns4_minimal [NOTFOUND=return] dns", True),
        ("127.0.1.1 counter", "passwd: files", True),
    ],
)
def test_a_machine_that_does_not_know_its_own_name_is_told_so(
    directory: Path,
    asterisk: AsteriskProgram,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hosts: str,
    name_services: str,
    knows: bool,
) -> None:
    (tmp_path / "hosts").write_text(f"{hosts}\n")
    (tmp_path / "nsswitch.conf").write_text(f"{name_services}\n")
    monkeypatch.setattr(own_name, "HOSTS", tmp_path / "hosts")
    monkeypatch.setattr(own_name, "NAME_SERVICES", tmp_path / "nsswitch.conf")
    monkeypatch.setattr(own_name.socket, "gethostname", lambda: "counter")
    if knows:
        write_site(SiteLayout.single(directory), OPTIONS, asterisk)
        return
    with pytest.raises(SiteError, match='add the line "127.0.1.1 counter"'):
        write_site(SiteLayout.single(directory), OPTIONS, asterisk)
    assert not directory.exists()
