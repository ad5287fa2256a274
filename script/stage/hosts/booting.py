# SPDX-License-Identifier: AGPL-3.0-or-later
"""The plug of a machine that works, pulled and put back: how long until telephones are back."""

import time

from stage.hosts.host_set import HostSet
from stage.hosts.installing import await_telephones

# Who has a counsellor's PC starts the telephone there.
BOOTED = ("kiosk", "server")


def boot_again(hosts: HostSet) -> dict[str, float]:
    """Pull the plug of each and boot it; give the seconds from then until all are registered."""
    seconds = {}
    for name in BOOTED:
        hosts.host(name).pull_plug()
        began = time.monotonic()
        hosts.host(name).boot()
        await_telephones(hosts)
        seconds[name] = round(time.monotonic() - began, 1)
    return seconds
