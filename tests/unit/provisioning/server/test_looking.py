# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the server is: what `status` tells, which units `logs` shows, who may look."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioning.asterisk.certificates import ensure_certificates
from provisioning.server import looking
from provisioning.server.errors import ServerError
from provisioning.server.looking import installed_answers, require_root
from provisioning.server.main import main
from provisioning.server.state import LAST_BACKUP, state_lines, state_of
from tests.unit.provisioning.server.machines import machine_in

CONSOLE = "/usr/sbin/guichet-asterisk"
# Of Debian 13's apt: a correction, two security updates, a package that is new here.
SIMULATED = """Reading package lists...
Inst libc6 [2.41-12+deb13u4] (2.41-12+deb13u5 Debian:13.8/stable [amd64]) []
Inst openssl [3.5.1-1] (3.5.1-1+deb13u1 Debian-Security:13/stable-security [amd64])
Inst libbrotli1 [1.1.0-2] (1.1.0-3 Debian:13/stable, Debian-Security:13/stable-security [all]) []
Inst linux-image-6.12.50 (6.12.50-1 Debian-Security:13/stable-security [amd64])
Conf openssl (3.5.1-1+deb13u1 Debian-Security:13/stable-security [amd64])
"""


def test_the_state_of_a_server_that_works(tmp_path: Path) -> None:
    machine, programs = machine_in(tmp_path)
    ensure_certificates(machine.layout.tls, ("guichet.example.fr",))
    backup = machine.path(LAST_BACKUP)
    backup.parent.mkdir(parents=True)
    backup.write_text(json.dumps({"ended_at": "2026-11-27T02:31:00+00:00"}))
    conf = f"{CONSOLE} -C {machine.layout.asterisk / 'asterisk.conf'} -rx"
    programs.answer(f"{conf} core show channels", "4 active channels\n2 active calls\n")
    operator = (
        "  Contact:  guichet_trunk/sip:sip.operator.example:5061;tran d1 NonQual nan\n"
    )
    shown = f"{operator}\nObjects found: 32\n"
    programs.answer(f"{conf} pjsip show contacts", shown)
    programs.answer(f"{conf} core show version", "Asterisk 22.10.1 built by\n")
    programs.answer("systemctl is-active", "active\n")
    programs.answer("dpkg-query", "0.2.0")
    programs.answer("apt-get --simulate", SIMULATED)
    state = state_of(machine)
    assert (state["calls"], state["registered"], state["asterisk"]) == (
        2,
        31,
        "22.10.1",
    )
    assert state["packages"]["guichet-server"] == "0.2.0"
    assert state["units"]["guichet-web.service"] == "active"
    lines = state_lines(state)
    assert "registered    31 telephones" in lines
    assert "last backup   2026-11-27T02:31:00+00:00" in lines
    assert "Debian        security updates that wait: libbrotli1, openssl" in lines


def test_what_cannot_be_told_is_told_so(tmp_path: Path) -> None:
    machine, programs = machine_in(tmp_path)
    programs.answer(CONSOLE, exit_code=1)
    programs.answer("systemctl is-active", "inactive\n", exit_code=3)
    programs.answer("apt-get", exit_code=100)
    state = state_of(machine)
    assert state["calls"] is None and state["registered"] is None
    assert state["certificate_ends"] is None and state["last_backup"] is None
    lines = state_lines(state)
    assert "Debian        security updates: unknown" in lines
    assert "calls         unknown" in lines and "last backup   never" in lines


@pytest.mark.parametrize("name", ["web", "guichet-web", "guichet-web.service"])
def test_a_unit_is_known_by_its_short_name(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(looking.os, "execvp", lambda _, words: asked.append(words))
    arguments = ["logs", "--unit", name, "--since", "-1h", "--follow", "--json"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    [words] = asked
    assert words[-2:] == ["--unit", "guichet-web.service"]
    assert {"--follow", "--since", "-1h", "json"} <= set(words)


def test_without_a_name_all_services_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(looking.os, "execvp", lambda _, words: asked.append(words))
    assert CliRunner().invoke(main, ["logs"]).exit_code == 0
    assert {"guichet-asterisk.service", "guichet-prune.service"} <= set(asked[0])
    assert not any(word.endswith(".timer") for word in asked[0])


def test_a_unit_that_is_not_ours_is_refused_with_those_that_are() -> None:
    told = CliRunner().invoke(main, ["logs", "--unit", "nginx"])
    assert told.exit_code == 2
    assert "there are asterisk, web, live, front, dispatcher" in " ".join(
        told.stderr.split()
    )


def test_a_machine_that_is_no_server_is_told_how_to_become_one(tmp_path: Path) -> None:
    machine, _ = machine_in(tmp_path)
    with pytest.raises(ServerError, match="guichet-server install guichet.example.fr"):
        installed_answers(machine)


def test_only_root_can_look_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking.os, "geteuid", lambda: 1000)
    with pytest.raises(ServerError, match="run it as root"):
        require_root()
