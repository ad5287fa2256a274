# SPDX-License-Identifier: AGPL-3.0-or-later
"""A set that was settled is returned to: nothing of what was written since is there."""

import pytest

from stage.hosts.host import HostFailed
from stage.hosts.host_set import HostSet
from stage.hosts.settled import begin_again, settle

pytestmark = pytest.mark.real


def test_a_settled_set_is_returned_to_as_often_as_one_likes(host_set: HostSet) -> None:
    host_set.add("server").boot()
    host_set.host("server").write("/root/first", b"kept")
    settle(host_set)
    assert not host_set.host("server").is_up
    begin_again(host_set)
    other = host_set.add("other-pc")
    other.boot()
    server = host_set.host("server")
    server.write("/root/second", b"kept from now on")
    server.write("/root/first", b"changed")

    settle(host_set)
    begin_again(host_set)
    server = host_set.host("server")
    assert server.read("/root/first") == b"changed"
    server.run("rm", "/root/first", "/root/second")
    server.write("/root/third", b"forgotten")
    begin_again(host_set)

    server = host_set.host("server")
    assert server.read("/root/first") == b"changed"
    assert server.read("/root/second") == b"kept from now on"
    with pytest.raises(HostFailed):
        server.read("/root/third")


def test_a_machine_that_came_later_is_off_and_one_that_is_bare_has_nothing(
    host_set: HostSet,
) -> None:
    host_set.add("kiosk").boot()
    host_set.host("kiosk").write("/root/first", b"kept")
    settle(host_set)
    begin_again(host_set)
    host_set.add("pc-2").boot()
    bare = host_set.stand_on("kiosk")
    bare.boot()
    with pytest.raises(HostFailed):
        bare.read("/root/first")

    begin_again(host_set)
    assert not host_set.host("pc-2").is_up
    assert host_set.host("kiosk").read("/root/first") == b"kept"
    settle(host_set)
    begin_again(host_set)
    assert not host_set.host("pc-2").is_up
