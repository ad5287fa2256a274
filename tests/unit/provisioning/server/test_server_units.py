# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each unit of the server's package: its sandbox, that it goes on for ever, its user."""

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from provisioning.server.units import UNITS, enabled, services

DEBIAN = Path(__file__).parents[4] / "debian"
PREFIX = "guichet-server."
FILES = {
    path.name.removeprefix(PREFIX): path
    for suffix in ("service", "timer", "target")
    for path in DEBIAN.glob(f"{PREFIX}*.{suffix}")
}
OURS = [each for each in UNITS if each.name.endswith(".service")]
# Each service has all of these; one that has another value says why in a comment above.
PROTECTIONS = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "DevicePolicy": "closed",
    "ProtectClock": "yes",
    "ProtectControlGroups": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectProc": "invisible",
    "ProcSubset": "pid",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "KeyringMode": "private",
    "RemoveIPC": "yes",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
    "SystemCallFilter": "@system-service",
    "UMask": "0077",
}
# Who needs less, and what it needs instead. The reason stands in the unit.
EXCEPTIONS = {
    ("guichet-front.service", "CapabilityBoundingSet"): "CAP_NET_BIND_SERVICE",
    ("guichet-firewall.service", "CapabilityBoundingSet"): "CAP_NET_ADMIN",
    ("guichet-firewall.service", "RestrictAddressFamilies"): "AF_UNIX AF_NETLINK",
    (
        "guichet-certificate.service",
        "CapabilityBoundingSet",
    ): "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER",
    ("guichet-certificate.service", "RestrictAddressFamilies"): "AF_UNIX",
    (
        "guichet-backup.service",
        "CapabilityBoundingSet",
    ): "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_SETGID CAP_SETUID",
    (
        "guichet-promote.service",
        "CapabilityBoundingSet",
    ): "CAP_DAC_OVERRIDE CAP_SETGID CAP_SETUID",
    ("guichet-promote.service", "RestrictAddressFamilies"): "AF_UNIX",
    (
        "guichet-watch.service",
        "CapabilityBoundingSet",
    ): "CAP_DAC_OVERRIDE CAP_SETGID CAP_SETUID",
    ("guichet-watch.service", "ProtectClock"): "no",
    (
        "guichet-watch.service",
        "RestrictAddressFamilies",
    ): "AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    ("guichet-backup.service", "ProtectSystem"): "full",
    ("guichet-backup.service", "ProtectHome"): "read-only",
    ("guichet-certificate.service", "ProtectHome"): "read-only",
}
EXPOSURE_BELOW = 3.0


def settings_of(name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in re.findall(r"(?m)^(\w+)=(.*)$", FILES[name].read_text()):
        found[key].append(value)
    return found


def test_each_unit_of_the_package_is_listed_and_no_other() -> None:
    assert set(FILES) == {each.name for each in UNITS}


@pytest.mark.parametrize("unit", OURS, ids=lambda unit: unit.name)
@pytest.mark.parametrize("protection", PROTECTIONS)
def test_each_service_has_each_protection(unit, protection: str) -> None:
    expected = EXCEPTIONS.get((unit.name, protection), PROTECTIONS[protection])
    assert settings_of(unit.name)[protection][:1] == [expected]


@pytest.mark.parametrize("unit", OURS, ids=lambda unit: unit.name)
def test_no_service_may_make_privileged_system_calls(unit) -> None:
    filters = settings_of(unit.name)["SystemCallFilter"]
    assert filters[1] == "~@privileged @resources"
    # Where strangers' files are read, their readers keep themselves in.
    is_reader = unit.name == "guichet-web.service"
    # Whoever looks at the clock asks the kernel for it.
    allowed = (
        ["@chown @sandbox"]
        if is_reader
        else ["@chown", "@setuid", "@chown @setuid", "@setuid adjtimex"]
    )
    assert set(filters[2:]) <= set(allowed) and len(filters) <= 3
    assert not is_reader or len(filters) == 3
    if filters[2:]:
        last = f"SystemCallFilter={filters[2]}"
        before = FILES[unit.name].read_text().partition(last)[0]
        assert before.splitlines()[-1].startswith("# ")


@pytest.mark.parametrize("unit", OURS, ids=lambda unit: unit.name)
def test_each_service_has_its_own_user(unit) -> None:
    assert settings_of(unit.name)["User"] == [unit.user]


def test_who_may_not_read_the_settings_does_not_look_for_them() -> None:
    environment = settings_of("guichet-front.service")["Environment"]
    assert "GUICHET_CONFIG=/dev/null" in environment


@pytest.mark.parametrize("name", services())
def test_each_service_is_started_again_for_ever(name: str) -> None:
    settings = settings_of(name)
    assert settings["Restart"] == ["always"]
    assert settings["StartLimitIntervalSec"] == ["0"]
    assert 1 <= int(settings["RestartSec"][0]) <= 10
    assert settings["PartOf"] == ["guichet-server.target"]
    assert settings["WantedBy"] == ["guichet-server.target"]
    assert int(settings["TimeoutStopSec"][0]) >= 10


def test_each_timer_has_its_service_and_is_enabled() -> None:
    timers = [name for name in FILES if name.endswith(".timer")]
    for name in timers:
        assert name.replace(".timer", ".service") in FILES
        assert name in enabled()
        assert settings_of(name)["WantedBy"] == ["guichet-server.target"]


def test_an_upgrade_of_the_package_stops_no_service() -> None:
    # debhelper would stop each before it unpacks: calls would be cut.
    rules = (DEBIAN / "rules").read_text().replace("\\\n", " ")
    [installing] = re.findall(r"(?m)dh_installsystemd .*", rules)
    assert {"--no-start", "--no-stop-on-upgrade"} <= set(installing.split())


def test_the_server_comes_back_with_the_machine() -> None:
    assert settings_of("guichet-server.target")["WantedBy"] == ["multi-user.target"]
    assert settings_of("guichet-firewall.service")["Before"] == [
        "network-pre.target shutdown.target"
    ]


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd-analyze here"
)
@pytest.mark.parametrize("unit", OURS, ids=lambda unit: unit.name)
def test_systemd_finds_each_service_little_exposed(unit, tmp_path: Path) -> None:
    file = tmp_path / unit.name
    shutil.copyfile(FILES[unit.name], file)
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(file)],
        capture_output=True,
        text=True,
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", told.stdout)
    assert found, told.stderr
    assert float(found[1]) < EXPOSURE_BELOW
