# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two kiosks whose plug is pulled: a small one on a bare host, and the one of a village.

Each is made once and switched off; every plug is that of a copy, which stands on what it wrote.
"""

from sip_endpoints.control import ControlError
from stage.hosts.cuts import Ground
from stage.hosts.host import Host
from stage.hosts.host_set import HostSet
from stage.hosts.small_kiosk import SmallVersion, begin, build, install, offer
from stage.hosts.village import KIOSK_BUNDLE, KIOSK_SOCKET, HostPhone
from stage.hosts.whole import OUTCOME, STEP, NotWhole
from stage.story import KIOSK
from stage.waiting import wait_for

SMALL, CUT = "small", "cut"
# Where the step of the one that is copied waits: at a boot it would be taken for cut off.
_STEP_ASIDE = "/root/step"
REGISTERS_SECONDS, PREPARE_SECONDS = 180.0, 600.0


def small_ground(host_set: HostSet, *, is_worse: bool = False) -> Ground:
    """Give a kiosk that is units, packages and steps alone: seconds a plug."""
    before, after = SmallVersion("1.0"), SmallVersion("1.1")
    if is_worse:
        after = SmallVersion("1.1", verdict="sleep 1; echo phone_stopped; exit 1")
    packages = [build(version, host_set.folder) for version in (before, after)]
    host = host_set.add(SMALL)
    host.boot()
    offer(host, packages)
    install(host, packages[0], before)
    host.shut_down()

    def fresh() -> Host:
        copy = _copy(host_set, SMALL)
        begin(copy, before, after)
        return copy

    return Ground(fresh, before.number, after.number, is_worse=is_worse)


def village_ground(host_set: HostSet) -> Ground:
    """Give the kiosk of an installed set, to which its server offers a newer version.

    It answers once it is registered at that server.
    """
    host = host_set.host("kiosk")
    host.run("rm", "--force", OUTCOME)
    host.run("guichet-kiosk", "prepare-update", timeout_seconds=PREPARE_SECONDS)
    told = host.ask("cat", STEP).stdout.decode().split()
    if len(told) != 5:
        raise NotWhole("the server offers this kiosk no newer version")
    host.run("mv", STEP, _STEP_ASIDE)
    host.shut_down()

    def fresh() -> Host:
        copy = _copy(host_set, "kiosk")
        copy.run("cp", _STEP_ASIDE, STEP)
        return copy

    return Ground(fresh, told[1], told[2], _await_registration)


def _copy(host_set: HostSet, above: str) -> Host:
    if CUT in host_set.hosts:
        host_set.host(CUT).forget()
    else:
        host_set.add(CUT, above=above)
    copy = host_set.host(CUT)
    copy.boot()
    return copy


def _await_registration(kiosk: Host) -> None:
    phone = HostPhone(KIOSK, kiosk, KIOSK_SOCKET, ("guichet-kiosk", KIOSK_BUNDLE))

    def is_registered() -> bool:
        try:
            return bool(phone.status()["registered"])
        except ControlError:
            # It is being started.
            return False

    wait_for(is_registered, "the kiosk is registered", REGISTERS_SECONDS, 0.2)
