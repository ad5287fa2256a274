# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk takes a new version of ours while people want to talk there."""

import json
import time

from stage.hosts.faults.backups import backup, later_tables, restore
from stage.hosts.faults.ground import Ground
from stage.hosts.faults.server_says import reported_at
from stage.hosts.upgrading import later_version
from stage.hosts.whole import (
    LISTS_READ,
    OUTCOME,
    PACKAGE,
    PHONE,
    STEP,
    await_end,
    whole_version,
)
from stage.story import KIOSK

HEARD_SECONDS, FETCHED_SECONDS, JUDGED_SECONDS = 180.0, 180.0, 180.0
# All that is done before a call is waited for.
READY_SECONDS = 10.0
# A machine reports each minute; what is due begins with a report, Debian's updates first.
REPORT_SECONDS, BY_DAY_SECONDS = 90.0, 600.0
_OURS, _DEBIANS = "guichet-update.service", "apt-daily-upgrade.service"
_BEGAN = "ExecMainStartTimestampMonotonic"
_KEPT = "/root/updates"
_SERVER = "guichet-server"


def update_in_call(ground: Ground) -> None:
    """A version is taken in a call, and people book again while the telephone restarts."""
    kiosk = ground.kiosk
    version = _offer(ground)
    appointment = ground.begin_call()
    # As its timer does by night.
    kiosk.run("systemctl", "start", "--no-block", _OURS)
    ground.wait(
        lambda: kiosk.run("find", "/var/cache/apt/archives", "-name", f"*{version}*"),
        "the kiosk has fetched the version",
        FETCHED_SECONDS,
    )
    time.sleep(READY_SECONDS)
    ground.expect_call(appointment)
    ground.end_call(appointment)
    ground.wait(
        lambda: kiosk.ask("systemctl", "is-active", PHONE).returncode != 0,
        "the telephone ends for the new version",
        JUDGED_SECONDS,
        0.02,
    )
    with ground.timed("booked_to_call_seconds"):
        appointment = ground.begin_call()
    ground.end_call(appointment)
    with ground.timed("judged_seconds"):
        await_end(kiosk)
    whole_version(kiosk, [version])
    last = json.loads(kiosk.read(OUTCOME))
    ground.seen["update"] = last["state"]
    ground.expect(
        (last["state"], last["to"]) == ("done", version), f"the kiosk says {last}"
    )


def kiosk_off_by_night(ground: Ground) -> None:
    """A kiosk that was off by night takes Debian's updates and ours by day, after a call."""
    kiosk = ground.kiosk
    version = _offer(ground)
    appointment = ground.begin_call()
    # As if two nights had passed since it read the server's lists.
    kiosk.run("touch", "--date=2 days ago", LISTS_READ)
    # What is due begins with a report's answer: the second one comes after it did.
    _await_report(ground)
    _await_report(ground)
    ground.expect_call(appointment)
    ground.expect(
        kiosk.ask("systemctl", "is-active", _DEBIANS, _OURS).returncode
        and kiosk.ask("test", "-e", STEP).returncode,
        "an update was begun in a call",
    )
    ground.end_call(appointment)
    with ground.timed("updated_seconds"):
        ground.wait(
            lambda: json.loads(kiosk.read(OUTCOME))["to"] == version,
            "the kiosk is updated by itself",
            BY_DAY_SECONDS,
        )
    whole_version(kiosk, [version])
    last = json.loads(kiosk.read(OUTCOME))
    ground.expect(last["state"] == "done", f"the kiosk says {last}")
    began = {
        unit: int(
            kiosk.run("systemctl", "show", f"--property={_BEGAN}", "--value", unit)
        )
        for unit in (_DEBIANS, _OURS)
    }
    ground.expect(
        0 < began[_DEBIANS] < began[_OURS],
        f"Debian's updates did not come first: {began}",
    )


def server_taken_back(ground: Ground) -> None:
    """A bad version of the server is taken back: apt says why not, and a backup brings it."""
    server = ground.server
    name = server.run("sh", "-c", "ls guichet-server_*.deb").split()[0]
    folder = ground.hosts.folder / "taken-back"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(server.read(f"/root/{name}"))
    server.put([later_version(folder / name, folder)], _KEPT)
    # As apt has it made where the tables change.
    kept = backup(ground)
    server.run("sh", "-c", f"apt-get install --yes {_KEPT}/guichet-server_*.deb")
    with later_tables(ground):
        refused = server.ask(
            *("apt-get", "install", "--yes", "--allow-downgrades", f"./{name}"),
            timeout_seconds=JUDGED_SECONDS,
        )
        said = (refused.stdout + refused.stderr).decode()
        ground.expect(
            refused.returncode != 0 and "which this version does not know" in said,
            f"a version that does not know the tables was installed: {said}",
        )
        with ground.timed("back_seconds"):
            restore(ground, kept)
    server.run("dpkg", "--configure", "--pending")
    whole = server.run(
        "dpkg-query", "--show", "--showformat=${Status}|${Version}", _SERVER
    )
    status, _, version = whole.partition("|")
    ground.expect(
        status == "install ok installed" and version == name.split("_")[1],
        f"the package is {whole}",
    )


def _offer(ground: Ground) -> str:
    """Publish what the kiosk has under a later version; return once it is offered there."""
    kiosk, server = ground.kiosk, ground.server
    kiosk.run("mkdir", "-p", _KEPT)
    kiosk.run("dpkg-repack", PACKAGE, directory=_KEPT)
    name = kiosk.run("ls", _KEPT).split()[0]
    folder = ground.hosts.folder / "updates"
    folder.mkdir(exist_ok=True)
    packed = folder / name
    packed.write_bytes(kiosk.read(f"{_KEPT}/{name}"))
    later = later_version(packed, folder)
    server.put([later], _KEPT)
    server.run("guichet-server", "publish", f"{_KEPT}/{later.name}")
    server.run("guichet-server", "promote", "--now")
    version = later.name.split("_")[1]
    ground.wait(
        lambda: version in kiosk.run("guichet-kiosk", "update", "--json"),
        "the kiosk is offered the version",
        HEARD_SECONDS,
    )
    return version


def _await_report(ground: Ground) -> None:
    before = reported_at(ground.server, KIOSK)
    ground.wait(
        lambda: reported_at(ground.server, KIOSK) != before,
        "the kiosk reports to the server",
        REPORT_SECONDS,
    )
