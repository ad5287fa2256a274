# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each unit of the kiosk's package: its sandbox, that it goes on for ever, its user."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sip_endpoints.machine.system.firewall import firewall_text
from sip_endpoints.machine.system.units import (
    APPLY,
    ENABLED,
    ENROLMENT,
    MEMBERS,
    RECOVERY,
    SELF_TEST,
    TARGET,
    UPDATE,
)

DEBIAN = Path(__file__).parents[4] / "debian"
PREFIX = "guichet-kiosk."
FILES = {
    path.name.removeprefix(PREFIX): path.read_text(encoding="utf-8")
    for suffix in ("service", "timer", "target")
    for path in DEBIAN.glob(f"{PREFIX}*.{suffix}")
}
SERVICES = sorted(name for name in FILES if name.endswith(".service"))
# apt and dpkg run programs that other packages bring, which may change all of a machine: no
# sandbox would hold what they do without breaking some of them. And what is the command itself,
# as an administrator would type it.
UNBOUND = {UPDATE, RECOVERY, ENROLMENT}
# Of 100; the brief of each unit's looser line stands above it.
MOST_EXPOSED = 30


def values(unit: str, key: str) -> list[str]:
    return re.findall(rf"(?m)^{key}=(.*)$", FILES[unit])


def test_what_the_commands_start_is_what_the_package_installs() -> None:
    named = {*MEMBERS, *ENABLED, APPLY, ENROLMENT, UPDATE, SELF_TEST.format("")}
    assert named == set(FILES)


@pytest.mark.parametrize("unit", SERVICES)
def test_what_serves_is_started_again_for_ever(unit: str) -> None:
    if values(unit, "Type") == ["oneshot"]:
        assert values(unit, "Restart") == []
        return
    assert values(unit, "Restart") == ["always"]
    assert values(unit, "StartLimitIntervalSec") == ["0"]
    assert values(unit, "RestartSec") != []


@pytest.mark.parametrize("unit", SERVICES)
def test_a_full_disk_ends_nobody_who_draws(unit: str) -> None:
    """Mesa's cache is a mapped file: where it cannot grow, its process dies by SIGBUS."""
    if any(
        "WAYLAND" in each or "SWAYSOCK" in each for each in values(unit, "Environment")
    ):
        assert "MESA_SHADER_CACHE_DISABLE=true" in values(unit, "Environment")


def test_where_memory_ends_the_call_goes_last_and_the_pages_first() -> None:
    """What begins anew by itself within seconds goes before what a resident would miss."""

    def score(unit: str) -> int:
        return int((values(f"guichet-{unit}.service", "OOMScoreAdjust") or ["0"])[0])

    assert score("phone") == score("session") < score("bridge") < score("screen")
    # No limit of its own ends a call.
    for unit in ("phone", "session", "bridge"):
        assert values(f"guichet-{unit}.service", "MemoryMax") == []


@pytest.mark.parametrize("unit", ["screen", "bridge", "captions"])
def test_a_process_that_grows_too_large_takes_nothing_else_of_its_unit_along(
    unit: str,
) -> None:
    """A page, a scan, an engine: their parent notices and goes on."""
    assert values(f"guichet-{unit}.service", "OOMPolicy") == ["continue"]


@pytest.mark.parametrize("unit", SERVICES)
def test_each_runs_as_a_user_of_the_package_or_says_why_as_root(unit: str) -> None:
    users = (DEBIAN / f"{PREFIX}sysusers").read_text(encoding="utf-8")
    (user,) = values(unit, "User")
    if unit in UNBOUND:
        assert user == "root"
    elif user == "root":
        assert values(unit, "CapabilityBoundingSet")[-1].startswith("CAP_")
    else:
        assert f"\nu {user} " in users
        assert values(unit, "CapabilityBoundingSet") == [""]


def test_systemd_takes_the_users_names() -> None:
    """A colon in one, as in /etc/passwd, is refused, and the package is not installed."""
    users = (DEBIAN / f"{PREFIX}sysusers").read_text(encoding="utf-8")
    described = re.findall(r'"(.*)"', users)
    assert len(described) == 2
    assert not any(":" in each for each in described)


def test_the_target_brings_all_of_the_kiosk_up_and_takes_it_down() -> None:
    brought = " ".join([*values(TARGET, "Wants"), *values(TARGET, "Upholds")]).split()
    assert sorted(brought) == sorted(MEMBERS)
    for unit in MEMBERS:
        assert values(unit, "PartOf") == [TARGET]


@pytest.mark.parametrize("unit", sorted(set(SERVICES) - UNBOUND))
def test_each_service_has_a_sandbox(unit: str, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not here")
    name = unit.replace("@", "@x")
    (tmp_path / name).write_text(FILES[unit], encoding="utf-8")
    judged = subprocess.run(
        [program, "security", "--offline=yes", f"--threshold={MOST_EXPOSED}", name],
        cwd=tmp_path,
        env={"SYSTEMD_UNIT_PATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout.splitlines()[-1:] + [judged.stderr]


def test_the_work_on_scanned_pages_may_step_behind_the_call() -> None:
    filters = values("guichet-bridge.service", "SystemCallFilter")
    # The last word on a call is the one that counts (systemd.exec(5)).
    assert filters.index("setpriority") > filters.index("~@privileged @resources")


def test_what_runs_apt_starts_by_itself_before_all_others_or_by_its_timer() -> None:
    before = " ".join(values(RECOVERY, "Before")).split()
    assert {TARGET, *MEMBERS, APPLY, UPDATE} <= set(before)
    assert values(RECOVERY, "WantedBy") == ["multi-user.target"]
    assert values(UPDATE, "WantedBy") == []


def test_nft_takes_the_firewall(tmp_path: Path) -> None:
    program = shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin")
    if program is None:
        pytest.skip("nft is not here")
    file = tmp_path / "firewall.nft"
    file.write_text(firewall_text(["10.2.0.0/16", "fd00::/8"]), encoding="utf-8")
    checked = subprocess.run(
        [program, "--check", "--file", file],
        capture_output=True,
        text=True,
        check=False,
    )
    if "Operation not permitted" in checked.stderr:
        pytest.skip("only root may ask nft")
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("unit", ["guichet-screen.service", "guichet-phone.service"])
def test_who_takes_part_in_the_wipe_reaches_the_bridges_socket(unit: str) -> None:
    (groups,) = values(unit, "SupplementaryGroups")
    assert "guichet-bridge" in groups.split()
    # The folder hands its group down to the socket, and lets nobody else in.
    (mode,) = values("guichet-bridge.service", "RuntimeDirectoryMode")
    assert mode == "2750"


def test_each_unit_may_empty_what_it_has_to_wipe() -> None:
    home, runtime = "/var/lib/guichet-kiosk/home", "/run/guichet-session"
    (writable,) = values("guichet-screen.service", "ReadWritePaths")
    assert {home, runtime} <= set(writable.split())
    # It looks for what is left of the browser among the processes.
    assert values("guichet-screen.service", "ProtectProc") == []
    assert values("guichet-bridge.service", "StateDirectory") == ["guichet-bridge"]
    # CUPS's folder of files may be entered by lp alone.
    (groups,) = values("guichet-bridge.service", "SupplementaryGroups")
    assert "lp" in groups.split()
    for unit in ("guichet-bridge.service", "guichet-screen.service"):
        assert values(unit, "PrivateTmp") == ["yes"]


def test_captions_may_speak_to_this_machine_alone_and_come_after_the_call() -> None:
    unit = "guichet-captions.service"
    assert values(unit, "IPAddressDeny") == ["any"]
    assert values(unit, "IPAddressAllow") == ["localhost"]
    assert values(unit, "CPUQuota") == ["100%"]
    assert values(unit, "MemoryMax") != []
    # Where memory ends, the engine goes and the service lives to say so.
    assert values(unit, "OOMPolicy") == ["continue"]
    assert values(unit, "LimitCORE") == ["0"]
    assert values(unit, "Before") == ["guichet-screen.service"]
    assert values(unit, "ConditionPathExists") == ["/etc/guichet-kiosk/captions.toml"]
