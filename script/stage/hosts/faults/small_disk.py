# SPDX-License-Identifier: AGPL-3.0-or-later
"""A small disk for a host, so that it can be full: what the host wrote moves onto it."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stage.hosts.faults.ground import Ground
from stage.hosts.host import Host, HostFailed
from stage.waiting import PATIENCE

PARTS = ("upper", "work")
FREE_MEGABYTES = 300
COPY_SECONDS = 300.0
# What the file system keeps for itself, and gives nobody.
LEFT_KILOBYTES = 1000
# What eats the disk up, such as a log that nobody limits.
EATER = "/var/tmp/eater"


@contextmanager
def small_disk(ground: Ground, name: str) -> Iterator[Host]:
    """Reboot a host with some 300 MB left on its disk; at the end it has its own again."""
    host, folder = ground.hosts.host(name), ground.hosts.folder / name
    image, disk = folder / "disk.img", folder / "disk"
    host.pull_plug()
    used = int(
        _run("du", "--summarize", "--block-size=1M", folder / "upper").split()[0]
    )
    disk.mkdir()
    # An ext4 of so many small files needs a tenth more than they hold.
    _run("truncate", f"--size={int(used * 1.12) + FREE_MEGABYTES}M", image)
    _run("mkfs.ext4", "-q", "-m", "0", "-i", "8192", image)
    _run("mount", "-o", "loop", image, disk)
    try:
        _move(folder, disk)
        for part in PARTS:
            (folder / part).symlink_to(disk / part)
        host.boot()
        yield host
    finally:
        host.pull_plug()
        for part in PARTS:
            if (folder / part).is_symlink():
                (folder / part).unlink()
        _move(disk, folder)
        _run("umount", disk)
        disk.rmdir()
        image.unlink()
        host.boot()


def fill(host: Host) -> None:
    """Leave not one byte on the host's disk."""
    host.ask("sh", "-c", f"cat /dev/zero >{EATER}")
    free = host.run("df", "--output=avail", "--block-size=1K", "/").split()[1]
    if int(free) > LEFT_KILOBYTES:
        raise HostFailed(f"{host.name}: {free} KB are left on a disk that was filled")


def make_room(host: Host) -> None:
    """Take away what filled the disk."""
    host.run("rm", "--force", EATER)


def _move(source: Path, target: Path) -> None:
    for part in PARTS:
        if (source / part).is_dir() and not (source / part).is_symlink():
            _run("cp", "--archive", source / part, target)
            shutil.rmtree(source / part)


def _run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(each) for each in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COPY_SECONDS * PATIENCE,
    )
    if done.returncode != 0:
        raise HostFailed(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout
