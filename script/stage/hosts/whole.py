# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk is after its plug was pulled in the middle of an update."""

from collections.abc import Collection

from stage.hosts.host import Host
from stage.waiting import wait_for

PACKAGE, PHONE = "guichet-kiosk", "guichet-phone.service"
STEP = "/var/lib/guichet-update/step"
LISTS_READ = "/var/lib/guichet-update/lists-read"
OUTCOME = "/var/lib/guichet-update/last.json"
# Two minutes for its units, and a version that is put back or judged anew.
ANSWERS_SECONDS, ENDS_SECONDS = 120.0, 600.0


class NotWhole(Exception):
    """The kiosk does not answer, or its package is neither version; the text says what is."""


def whole_version(kiosk: Host, versions: Collection[str]) -> str:
    """Give the version that the kiosk runs; raise NotWhole unless it is wholly one of these."""
    form = "${db:Status-Abbrev}|${Version}"
    told = kiosk.ask("dpkg-query", "--show", f"--showformat={form}", PACKAGE)
    status, _, version = told.stdout.decode().partition("|")
    if status != "ii " or version not in versions:
        raise NotWhole(f"{PACKAGE} is {status!r} {version!r}")
    for question in (("dpkg", "--audit"), ("dpkg", "--verify", PACKAGE)):
        said = kiosk.ask(*question).stdout.decode().strip()
        if said:
            raise NotWhole(f"{' '.join(question)}: {said}")
    return version


def await_phone(kiosk: Host) -> None:
    """Return once the telephone's unit runs."""
    wait_for(
        lambda: kiosk.ask("systemctl", "is-active", PHONE).returncode == 0,
        f"{PHONE} runs",
        ANSWERS_SECONDS,
        0.2,
    )


def await_end(kiosk: Host) -> None:
    """Return once nothing of an update is under way any more."""
    wait_for(
        lambda: kiosk.ask("test", "-e", STEP).returncode != 0,
        "the update has ended",
        ENDS_SECONDS,
        0.5,
    )
