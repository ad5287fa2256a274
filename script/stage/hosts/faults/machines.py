# SPDX-License-Identifier: AGPL-3.0-or-later
"""Another PC with what belongs to a kiosk: its disk that was stolen, its name that it takes."""

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

from stage.hosts.faults.asterisk_says import contacts
from stage.hosts.faults.ground import Ground
from stage.hosts.faults.kiosk_api import status_with_token
from stage.hosts.faults.server_database import run_in_database
from stage.hosts.hardware import put_hardware
from stage.hosts.host import Host
from stage.hosts.host_set import SITE
from stage.hosts.installing import VillageInstallation, provision
from stage.hosts.village import KIOSK_BUNDLE, KIOSK_SOCKET, HostPhone
from stage.story import KIOSK
from stage.waiting import PATIENCE

OTHER = "other-pc"
TOLD_SECONDS = 120.0
OUT_SECONDS = 30.0
ENROL_SECONDS = 240.0
COPY_SECONDS = 300.0
UNAUTHORISED = 401
_ALERTS = """
from booking_web.tables.alerts import Alert
print(*session.scalars(select(Alert.kind).where(Alert.ended_at.is_(None))))
"""


def disk_stolen(ground: Ground) -> None:
    """A stolen disk runs in another PC: told to the administrator, and revoked out at once."""
    token = _token(ground)
    other = _copy_of_kiosk(ground)
    # The number of the board tells PCs apart, and hosts share this machine's: the system's
    # number, which is the other half of a kiosk's identity, differs here instead.
    etc = _upper(ground, OTHER) / "etc"
    etc.mkdir(exist_ok=True)
    (etc / "machine-id").write_bytes(b"")
    other.boot()
    with ground.timed("told_seconds"):
        ground.wait(
            lambda: "other_machine" in run_in_database(ground.server, _ALERTS),
            "the administrator is told of another machine",
            TOLD_SECONDS,
        )
    with ground.timed("revoked_seconds"):
        provision(ground.server, f"revoke {KIOSK}")
    _see_out(ground, other, token)
    other.pull_plug()
    # The relay's own PC, with a new disk or its old one, is let in again by a code.
    ground.kiosk.boot()
    made = json.loads(provision(ground.server, f"enrolment-code {KIOSK} --json"))
    with ground.timed("enrolled_again_seconds"):
        ground.kiosk.run(
            *("guichet-kiosk", "enrol", SITE, made["code"]),
            timeout_seconds=ENROL_SECONDS,
        )


def hardware_replaced(ground: Ground) -> None:
    """A new PC becomes the kiosk under the old name; the old one comes on again, and is out."""
    token, package = _token(ground), _package(ground)
    old = _copy_of_kiosk(ground)
    kiosk = ground.hosts.stand_on("kiosk")
    kiosk.boot()
    put_hardware(kiosk, ground.hosts.folder)
    installation = VillageInstallation(
        ground.hosts, {"guichet-kiosk": package}, ground.tell
    )
    installation.hand("kiosk", "guichet-kiosk")
    with ground.timed("installed_seconds"):
        installation.install_kiosk()
    old.boot()
    _see_out(ground, old, token)
    old.pull_plug()


def _copy_of_kiosk(ground: Ground) -> Host:
    """Pull the kiosk's plug; give another PC, still off, with a copy of its disk."""
    ground.kiosk.pull_plug()
    if OTHER not in ground.hosts.hosts:
        ground.hosts.add(OTHER)
    other = ground.hosts.stand_on(OTHER, ground.hosts.layers("kiosk"))
    shutil.rmtree(_upper(ground, OTHER))
    subprocess.run(
        ["cp", "--archive", _upper(ground, "kiosk"), _upper(ground, OTHER)],
        check=True,
        timeout=COPY_SECONDS * PATIENCE,
    )
    return other


def _see_out(ground: Ground, machine: Host, token: str) -> None:
    """Raise NotEndured unless nothing of the server's is open to a machine."""
    with ground.timed("out_seconds"):
        ground.wait(
            lambda: status_with_token(machine, token) == UNAUTHORISED,
            "its token opens nothing",
            OUT_SECONDS,
        )
        address = ground.hosts.network.address(ground.hosts.number(machine.name))
        ground.wait(
            lambda: address not in contacts(ground.server),
            "Asterisk would call it no longer",
            OUT_SECONDS,
        )
    # It asks Asterisk again within the minute.
    phone = HostPhone(KIOSK, machine, KIOSK_SOCKET, ("guichet-kiosk", KIOSK_BUNDLE))
    ground.wait(
        lambda: not phone.status()["registered"], "its telephone knows", TOLD_SECONDS
    )
    ground.seen["its_phone_says"] = phone.status()["registration"]["reason"]


def _token(ground: Ground) -> str:
    bundle = tomllib.loads(ground.kiosk.read(KIOSK_BUNDLE).decode())
    return str(bundle["kiosk"]["token"])


def _package(ground: Ground) -> Path:
    """Give a copy of the package by which the kiosk was installed."""
    path = ground.kiosk.run("sh", "-c", "ls /root/guichet-kiosk_*.deb").strip()
    copy = ground.hosts.folder / Path(path).name
    copy.write_bytes(ground.kiosk.read(path))
    return copy


def _upper(ground: Ground, name: str) -> Path:
    return ground.hosts.folder / name / "upper"
