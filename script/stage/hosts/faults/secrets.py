# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's secrets are replaced in a call: nobody notices, and the former open nothing."""

import tomllib

from stage.hosts.faults.ground import Ground
from stage.hosts.faults.kiosk_api import status_with_token
from stage.hosts.installing import provision
from stage.hosts.village import KIOSK_BUNDLE
from stage.story import KIOSK

# The agent reports each minute, and the server answers with what it asks.
HEARD_SECONDS = 90.0
IN_FORCE_SECONDS = 60.0
UNAUTHORISED = 401


def secret_rotated(ground: Ground) -> None:
    """In a call the kiosk's secrets are rotated: it goes on, and ends by a good-bye."""
    before = _bundle(ground)
    appointment = ground.begin_call()
    heard = _heard(ground)
    provision(ground.server, f"rotate {KIOSK}")
    with ground.timed("heard_seconds"):
        ground.wait(
            lambda: _heard(ground) > heard, "the kiosk hears of it", HEARD_SECONDS
        )
    ground.expect_call(appointment)
    ground.expect(_bundle(ground) == before, "in the call new secrets came in force")
    ground.end_call(appointment)
    with ground.timed("in_force_seconds"):
        ground.wait(
            lambda: (
                _bundle(ground) != before and ground.kiosk_phone.status()["registered"]
            ),
            "the kiosk is registered with new secrets",
            IN_FORCE_SECONDS,
        )
        token = str(before["kiosk"]["token"])
        ground.wait(
            lambda: status_with_token(ground.kiosk, token) == UNAUTHORISED,
            "the former token opens nothing",
            IN_FORCE_SECONDS,
        )


def _heard(ground: Ground) -> int:
    journal = ("journalctl", "--boot", "--unit=guichet-agent", "--output=cat")
    return ground.kiosk.run(*journal).count('"kind": "rotate"')


def _bundle(ground: Ground) -> dict[str, dict[str, object]]:
    return tomllib.loads(ground.kiosk.read(KIOSK_BUNDLE).decode())
