# SPDX-License-Identifier: AGPL-3.0-or-later
"""Nobody answers for names any more: what runs goes on, and what boots comes back after."""

import time

from stage.hosts.faults.ground import Ground

# Longer than a registration lasts.
SILENCE_SECONDS = 100.0
LOOK_EVERY_SECONDS = 5.0
BACK_SECONDS = 60.0


def names_silent(ground: Ground) -> None:
    """The DNS is silent in a call, at the next booking, and when the kiosk boots."""
    appointment = ground.begin_call()
    ground.hosts.network.silence_names()
    try:
        end = time.monotonic() + SILENCE_SECONDS
        while time.monotonic() < end:
            ground.expect_call(appointment)
            time.sleep(LOOK_EVERY_SECONDS)
        ground.end_call(appointment)
        with ground.timed("booked_to_call_seconds"):
            appointment = ground.begin_call()
        ground.end_call(appointment)
        ground.kiosk.pull_plug()
        ground.kiosk.boot()
    finally:
        ground.hosts.network.answer_names()
    with ground.timed("registered_after_boot_seconds"):
        ground.wait(
            lambda: ground.kiosk_phone.status()["registered"],
            "the kiosk registers once names are answered",
            BACK_SECONDS,
        )
