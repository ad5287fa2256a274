# SPDX-License-Identifier: AGPL-3.0-or-later
"""`lp` as the peer of a row that prints, and what both of them wait for."""

from collections.abc import Sequence
from pathlib import Path

from stage.kiosk_devices import KioskDevices
from stage.processes import run_once
from stage.waiting import wait_for

PRINT_SECONDS = 30.0


def run_lp(devices: KioskDevices, file: Path) -> None:
    """Hand the file to the kiosk's CUPS, as a person at a terminal does."""
    cups = devices.cups
    run_once(
        ["lp", "-h", f"127.0.0.1:{cups.port}", "-d", cups.queue, str(file)],
        directory=file.parent,
    )


def wait_printed(devices: KioskDevices, count: int) -> None:
    """Return once so many prints came out and nothing is going on."""
    wait_for(
        lambda: len(devices.cups.printed_files()) >= count,
        f"{count} prints came out",
        PRINT_SECONDS,
    )
    devices.cups.wait_idle()
    # The bridge is done too: its next job must not wait for the end of this one.
    wait_for(devices.is_idle, "the bridge is idle", PRINT_SECONDS)


def milliseconds_between(
    began: Sequence[float], ended: Sequence[float]
) -> tuple[float, ...]:
    """Give how long each took, of moments in seconds."""
    return tuple((end - begin) * 1000 for begin, end in zip(began, ended, strict=True))
