# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hosts boot with a systemd of their own, see each other, and nothing else."""

import pytest

from stage.hosts.host import Host, HostFailed
from stage.hosts.host_set import HostSet

pytestmark = pytest.mark.real
CAP_SYS_TIME = 1 << 25


@pytest.fixture(scope="module")
def server(host_set: HostSet) -> Host:
    """Give a host that is up."""
    host = host_set.add("server")
    assert host.boot() == "running"
    return host


@pytest.fixture(scope="module")
def kiosk(host_set: HostSet) -> Host:
    """Give another one."""
    host = host_set.add("kiosk")
    assert host.boot() == "running"
    return host


def test_a_host_has_a_systemd_of_its_own_and_no_unit_fails(server: Host) -> None:
    assert server.run("cat", "/proc/1/comm") == "systemd\n"
    assert server.failed_units() == []
    assert server.run("hostname") == "server\n"


def test_a_host_holds_debian_alone_with_its_package_lists(server: Host) -> None:
    assert "trixie" in server.read("/etc/os-release").decode()
    assert "Candidate: 1." in server.run("apt-cache", "policy", "nginx")
    settings = server.run("ls", "/etc/apt/apt.conf.d", "/etc/apt/preferences.d")
    assert "99mmdebstrap" not in settings


def test_hosts_know_each_other_by_name(server: Host, kiosk: Host) -> None:
    kiosk.run("ping", "-c", "1", "-W", "2", "guichet.example.fr")
    server.run("ping", "-c", "1", "-W", "2", "kiosk")


def test_nothing_leads_out(server: Host) -> None:
    # An address that documentation alone uses (RFC 5737): the bridge says there is no way.
    with pytest.raises(HostFailed, match="Unreachable"):
        server.run("ping", "-c", "1", "-W", "2", "192.0.2.1")


@pytest.mark.parametrize("process", ["1", "self"])
def test_a_host_cannot_touch_this_machines_clock(server: Host, process: str) -> None:
    status = server.read(f"/proc/{process}/status").decode()
    powers = dict(line.split(":\t") for line in status.splitlines() if "Cap" in line)
    for kind in ("CapEff", "CapPrm", "CapInh", "CapBnd"):
        assert not int(powers[kind], 16) & CAP_SYS_TIME


def test_a_browsers_sandbox_can_be_made(server: Host) -> None:
    server.run("unshare", "--user", "--map-root-user", "--pid", "--fork", "true")


def test_what_was_written_outlives_the_plug(kiosk: Host) -> None:
    kiosk.write("/var/lib/kept", b"kept")
    number = kiosk.read("/etc/machine-id")
    kiosk.pull_plug()
    assert not kiosk.is_up
    kiosk.boot()
    assert kiosk.read("/var/lib/kept") == b"kept"
    assert kiosk.read("/etc/machine-id") == number != b""


def test_a_host_is_switched_off_in_order(kiosk: Host) -> None:
    kiosk.shut_down()
    assert not kiosk.is_up
    kiosk.boot()
    assert "Stopped" in kiosk.run("journalctl", "--boot", "-1", "--no-pager")


def test_a_failed_command_says_what_it_said(server: Host) -> None:
    with pytest.raises(HostFailed, match="server: ls /nowhere ended with 2:.*"):
        server.run("ls", "/nowhere")


def test_a_line_is_cut_and_mended(host_set: HostSet, server: Host, kiosk: Host) -> None:
    ping = ("ping", "-c", "1", "-W", "1", "203.0.113.10")
    host_set.network.cut("kiosk")
    assert kiosk.ask(*ping).returncode == 1
    host_set.network.mend("kiosk")
    assert kiosk.ask(*ping).returncode == 0


def test_an_address_changes_and_the_name_follows(
    host_set: HostSet, server: Host, kiosk: Host
) -> None:
    host_set.move("kiosk", 77)
    assert "203.0.113.77" in kiosk.run("ip", "-brief", "address", "show", "eth0")
    assert "203.0.113.77" in server.run("getent", "hosts", "kiosk")


def test_names_fall_silent_and_are_answered_again(
    host_set: HostSet, server: Host
) -> None:
    host_set.network.silence_names()
    assert server.ask("timeout", "1", "getent", "hosts", "kiosk").returncode == 124
    host_set.network.answer_names()
    assert server.ask("getent", "hosts", "kiosk").returncode == 0
