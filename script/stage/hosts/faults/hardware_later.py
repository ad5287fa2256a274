# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hardware that is missing when the kiosk boots, and is plugged in later."""

from stage.hosts.faults.ground import Ground
from stage.hosts.faults.kiosk_says import failed_checks
from stage.hosts.hardware import PRINTER, SCREENS_UNIT, SOUND_FILE

BOOT_SECONDS = 90.0
PLUGGED_SECONDS = 120.0
_AS_KIOSK = (
    *("runuser", "-u", "guichet-kiosk", "--", "env"),
    *(
        "XDG_RUNTIME_DIR=/run/guichet-session",
        "SWAYSOCK=/run/guichet-session/sway.sock",
    ),
)


def screen_later(ground: Ground) -> None:
    """The second screen is away at boot; the call is on the first, then it is plugged in."""
    kiosk = ground.kiosk
    both = kiosk.read(SCREENS_UNIT)
    kiosk.write(SCREENS_UNIT, both.replace(b"OUTPUTS=2", b"OUTPUTS=1"))
    _boot_without(ground, "screens: one_screen")
    ground.end_call(ground.begin_call())
    kiosk.write(SCREENS_UNIT, both)
    kiosk.run(*_AS_KIOSK, "swaymsg", "create_output")
    _plugged_in(ground)


def printer_later(ground: Ground) -> None:
    """The printer is off at boot, and is switched on later."""
    printer = ground.hosts.host(PRINTER)
    printer.shut_down()
    _boot_without(ground, "printer: printer_away")
    ground.end_call(ground.begin_call())
    printer.boot()
    _plugged_in(ground)


def sound_later(ground: Ground) -> None:
    """No sound card at boot: the kiosk says so, and takes the one that is plugged in."""
    kiosk = ground.kiosk
    card = kiosk.read(SOUND_FILE)
    kiosk.run("rm", SOUND_FILE)
    _boot_without(ground, "sound: no_sound_card", is_registered=False)
    kiosk.write(SOUND_FILE, card)
    # PipeWire finds a card by itself; this one is in its settings.
    kiosk.run("systemctl", "restart", "guichet-sound")
    _plugged_in(ground)


def _boot_without(ground: Ground, missing: str, *, is_registered: bool = True) -> None:
    ground.kiosk.pull_plug()
    ground.kiosk.boot()
    if is_registered:
        ground.wait(
            lambda: ground.kiosk_phone.status()["registered"],
            "the kiosk registers without it",
            BOOT_SECONDS,
        )
    ground.wait(
        lambda: missing in failed_checks(ground.kiosk),
        f"the self-test says {missing}",
        BOOT_SECONDS,
    )
    ground.seen["self_test"] = failed_checks(ground.kiosk)


def _plugged_in(ground: Ground) -> None:
    with ground.timed("ready_seconds"):
        ground.wait(
            lambda: (
                not failed_checks(ground.kiosk)
                and ground.kiosk_phone.status()["registered"]
            ),
            "the kiosk is ready",
            PLUGGED_SECONDS,
        )
