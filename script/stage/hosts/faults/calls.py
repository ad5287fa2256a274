# SPDX-License-Identifier: AGPL-3.0-or-later
"""Faults that cut a call off, or would: plugs, lines, addresses."""

import time
from collections.abc import Callable

from provisioning.server.units import ASTERISK, FRONT
from stage.hosts.faults.ground import Ground
from stage.hosts.installing import sit_down
from stage.waiting import wait_for

CUT_SECONDS = 60.0
KIOSK_NOTICES_SECONDS = 30.0
# Longer than either end bears silence.
MOVED_SECONDS = 40.0


def plug_of_kiosk(ground: Ground) -> None:
    """The kiosk's plug is pulled in a call and put back at once."""

    def pull() -> None:
        ground.kiosk.pull_plug()
        ground.kiosk.boot()

    _cut_off(ground, pull)


def plug_of_counsellor(ground: Ground) -> None:
    """The counsellor's PC loses its current; the person starts the telephone again."""

    def pull() -> None:
        counsellor = ground.hosts.host("counsellor")
        counsellor.pull_plug()
        counsellor.boot()
        sit_down(counsellor)

    _cut_off(ground, pull)


def plug_of_server(ground: Ground) -> None:
    """The server's plug is pulled: the kiosk hangs up by itself."""

    def pull() -> None:
        kiosk = ground.kiosk_phone
        ground.server.pull_plug()
        wait_for(
            lambda: kiosk.call() is None,
            "the kiosk hangs up by itself",
            KIOSK_NOTICES_SECONDS,
            0.2,
        )
        ground.server.boot()

    _cut_off(ground, pull)


def asterisk_killed(ground: Ground) -> None:
    """Asterisk is killed in a call: both ends notice, and it is there again by itself."""

    def kill() -> None:
        ground.server.run("systemctl", "kill", "--signal=KILL", ASTERISK)
        for phone in (ground.kiosk_phone, ground.counsellor_phone):
            ground.wait(
                lambda: phone.call() is None,
                f"{phone.slug} hangs up by itself",
                KIOSK_NOTICES_SECONDS,
            )

    _cut_off(ground, kill)


def front_reloaded(ground: Ground) -> None:
    """In a call the front reads its settings anew, thrice, and is then started anew."""
    appointment = ground.begin_call()
    for _ in range(3):
        ground.server.run("systemctl", "reload", FRONT)
    ground.server.run("systemctl", "restart", FRONT)
    ground.expect_call(appointment)
    ground.expect_pictures()
    with ground.timed("noticed_seconds"):
        ground.end_call(appointment)
    # The screens have found it again: who comes next is called.
    with ground.timed("booked_to_call_seconds"):
        appointment = ground.begin_call()
    ground.end_call(appointment)


def line_of_kiosk(ground: Ground) -> None:
    """The kiosk's line is cut for a minute, and nobody is told."""

    def cut() -> None:
        ground.hosts.network.cut("kiosk")
        time.sleep(CUT_SECONDS)
        ground.hosts.network.mend("kiosk")

    _cut_off(ground, cut)


def address_of_kiosk(ground: Ground) -> None:
    """The kiosk gets other addresses, as a router gives at night: calls live through it.

    Nor is the next call missed, where people hang up and book again at that very moment.
    """
    appointment = ground.begin_call()
    _move(ground)
    time.sleep(MOVED_SECONDS)
    ground.expect_call(appointment)
    ground.expect_pictures()
    _move(ground)
    with ground.timed("noticed_seconds"):
        ground.end_call(appointment)
    with ground.timed("booked_to_call_seconds"):
        appointment = ground.begin_call()
    ground.end_call(appointment)


def _move(ground: Ground) -> None:
    now = ground.hosts.number("kiosk")
    ground.hosts.move("kiosk", now + 1 if now % 10 == 0 else now - 1)


def _cut_off(ground: Ground, happen: Callable[[], None]) -> None:
    appointment = ground.begin_call()
    with ground.timed("noticed_seconds"):
        happen()
        ground.wait_state_after(appointment)
