# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's secrets, and its name, are replaced: it takes both by itself."""

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
OTHER_NAME = "kiosk-wassigny-mairie"


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


def kiosk_renamed(ground: Ground) -> None:
    """The kiosk gets another slug while it is free, is called by it, and gets its own back."""
    refused = ground.begin_call()
    told = ground.server.ask("guichet-provision", "rename", KIOSK, OTHER_NAME)
    ground.expect(told.returncode == 1, "a kiosk in a call was given another name")
    ground.expect_call(refused)
    ground.end_call(refused)
    with ground.timed("in_force_seconds"):
        _rename(ground, KIOSK, OTHER_NAME)
    appointment = ground.begin_call()
    ground.expect_call(appointment)
    ground.end_call(appointment)
    _rename(ground, OTHER_NAME, KIOSK)


def _rename(ground: Ground, name: str, other: str) -> None:
    provision(ground.server, f"rename {name} {other}")
    ground.wait(
        lambda: (
            _bundle(ground)["sip"]["user"] == other
            and ground.kiosk_phone.status()["registered"]
        ),
        f"the kiosk is registered as {other}",
        HEARD_SECONDS + IN_FORCE_SECONDS,
    )


def _heard(ground: Ground) -> int:
    journal = ("journalctl", "--boot", "--unit=guichet-agent", "--output=cat")
    return ground.kiosk.run(*journal).count('"kind": "rotate"')


def _bundle(ground: Ground) -> dict[str, dict[str, object]]:
    return tomllib.loads(ground.kiosk.read(KIOSK_BUNDLE).decode())
