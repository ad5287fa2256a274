# SPDX-License-Identifier: AGPL-3.0-or-later
"""A set of bare hosts of a test file's own."""

import os
from collections.abc import Iterator

import pytest

from stage.hosts.control_group import NoControlGroups
from stage.hosts.host_set import HostSet
from stage.hosts.network import NoNetwork


@pytest.fixture(scope="module")
def host_set() -> Iterator[HostSet]:
    """Give an empty set; skip where this machine cannot make one."""
    try:
        made = HostSet.make(f"t{os.getpid()}")
    except (NoNetwork, NoControlGroups) as error:
        pytest.skip(str(error))
    yield made
    made.remove()
