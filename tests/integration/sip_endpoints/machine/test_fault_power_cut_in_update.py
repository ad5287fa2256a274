# SPDX-License-Identifier: AGPL-3.0-or-later
"""The plug is pulled in the middle of an update: the kiosk answers, by one version or the other.

A few plugs here, each at another stage; `script/hosts cuts` pulls as many as one likes.
"""

import os

import pytest

from stage.hosts.control_group import NoControlGroups
from stage.hosts.cut_grounds import small_ground
from stage.hosts.cuts import pull_plugs
from stage.hosts.host_set import HostSet
from stage.hosts.network import NoNetwork

pytestmark = [pytest.mark.real, pytest.mark.slow]
COUNT = 4


@pytest.mark.parametrize(("is_worse", "seed"), [(False, 3), (True, 2)])
def test_it_answers_and_is_whole(is_worse: bool, seed: int) -> None:
    try:
        hosts = HostSet.make(f"p{os.getpid()}")
    except (NoNetwork, NoControlGroups) as error:
        pytest.skip(str(error))
    try:
        ground = small_ground(hosts, is_worse=is_worse)
        cuts = pull_plugs(ground, COUNT, seed, print)
    finally:
        hosts.remove()
    assert len(cuts) == COUNT
    if is_worse:
        assert {cut.version for cut in cuts} == {"1.0"}
