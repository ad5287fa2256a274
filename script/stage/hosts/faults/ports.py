# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody on the network tries every port of server and kiosk: open is what the page says."""

import json

from provisioning.server.ports import HTTP, HTTPS, SIP_TLS
from stage.hosts.faults.ground import Ground

SSH = 22
SCAN_SECONDS = 400.0
# Told to the counsellor's PC, which has a Python of Debian's. What is dropped answers nothing.
_SCAN = """
import asyncio, json, resource, sys

_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
at_once = min(6000, most - 100)
resource.setrlimit(resource.RLIMIT_NOFILE, (at_once + 100, most))

async def tried(host, port, room):
    async with room:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 3)
        except OSError:
            return None
        writer.close()
        return port

async def all_of(host):
    room = asyncio.Semaphore(at_once)
    found = await asyncio.gather(*(tried(host, port, room) for port in range(1, 65536)))
    return [port for port in found if port]

print(json.dumps({host: asyncio.run(all_of(host)) for host in sys.argv[1:]}))
"""


def ports_tried(ground: Ground) -> None:
    """Each TCP port of server and kiosk is tried from a counsellor's PC, in a call."""
    appointment = ground.begin_call()
    addresses = {
        name: ground.hosts.network.address(ground.hosts.number(name))
        for name in ("server", "kiosk")
    }
    with ground.timed("scan_seconds"):
        told = ground.hosts.host("counsellor").run(
            *("python3", "-c", _SCAN, *addresses.values()), timeout_seconds=SCAN_SECONDS
        )
    found = json.loads(told)
    open_ports = {name: found[address] for name, address in addresses.items()}
    ground.seen["open"] = open_ports
    # No SSH listens on these hosts; where it does, the firewall lets it through.
    ground.expect(
        set(open_ports["server"]) - {SSH} == {HTTP, HTTPS, SIP_TLS},
        f"the server answers at {open_ports['server']}",
    )
    ground.expect(
        open_ports["kiosk"] == [], f"the kiosk answers: {open_ports['kiosk']}"
    )
    ground.expect_call(appointment)
    ground.end_call(appointment)
