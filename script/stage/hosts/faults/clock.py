# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk boots with a clock that is a year wrong, and is set right later.

A host has no clock of its own: libfaketime shows another one to the kiosk's units, and to the
self-test as it is started here.
"""

from stage.hosts.archives import fetch
from stage.hosts.faults.ground import Ground
from stage.hosts.faults.kiosk_says import failed_checks_of
from stage.hosts.host import Host

SHOWN = "/etc/guichet-shown-clock"
LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
UNITS = ("guichet-phone", "guichet-bridge", "guichet-agent", "guichet-self-test@")
INSTALL_SECONDS = 300.0
BACK_SECONDS = 90.0
_DROP_IN = f"""\
[Service]
Environment=LD_PRELOAD={LIBRARY} FAKETIME_TIMESTAMP_FILE={SHOWN} FAKETIME_NO_CACHE=1
Environment=FAKETIME_DONT_FAKE_MONOTONIC=1
"""


def clock_behind(ground: Ground) -> None:
    """The kiosk's clock is a year behind at boot: it says so, and is back once it is right."""
    _wrong(ground, "-1y")


def clock_ahead(ground: Ground) -> None:
    """The kiosk's clock is three years ahead at boot: it says so, and is back once right."""
    _wrong(ground, "+3y")


def _wrong(ground: Ground, shown: str) -> None:
    kiosk = ground.kiosk
    _install(ground)
    for unit in UNITS:
        kiosk.write(_drop_in(unit), _DROP_IN.encode())
    kiosk.write(SHOWN, f"{shown}\n".encode())
    try:
        kiosk.pull_plug()
        kiosk.boot()
        with ground.timed("told_seconds"):
            ground.wait(
                lambda: "clock: clock_off" in failed_checks_of(kiosk, "asked"),
                "the self-test says that the clock is wrong",
                BACK_SECONDS,
            )
        ground.seen["self_test"] = failed_checks_of(kiosk, "asked")
        ground.expect(
            not ground.kiosk_phone.status()["registered"],
            "the kiosk registered by a certificate that its clock refuses",
        )
        ground.seen["phone_says"] = ground.kiosk_phone.status()["registration"]
        # As a time server does, while all of it runs.
        kiosk.write(SHOWN, b"+0\n")
        with ground.timed("registered_seconds"):
            ground.wait(
                lambda: ground.kiosk_phone.status()["registered"],
                "the kiosk registers by itself",
                BACK_SECONDS,
            )
    finally:
        for unit in UNITS:
            kiosk.run("rm", "--force", _drop_in(unit))
        kiosk.run("systemctl", "daemon-reload")
        kiosk.run("systemctl", "restart", *UNITS[:3])


def _drop_in(unit: str) -> str:
    return f"/etc/systemd/system/{unit}.service.d/shown-clock.conf"


def _install(ground: Ground) -> None:
    kiosk: Host = ground.kiosk
    if kiosk.ask("test", "-e", LIBRARY).returncode == 0:
        return
    fetch(kiosk, ("libfaketime",), ground.hosts.folder / "kiosk")
    kiosk.run(
        *("apt-get", "install", "--yes", "libfaketime"),
        timeout_seconds=INSTALL_SECONDS,
    )
