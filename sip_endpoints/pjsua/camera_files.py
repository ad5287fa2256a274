# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: whether this process holds a camera, as the kernel sees it."""

import os
from pathlib import Path

OWN_FILES = Path("/proc/self/fd")
CAMERAS = "/dev/video"


def holds_camera(files: Path = OWN_FILES) -> bool:
    """Say whether one of the open files is a camera's (V4L2)."""
    return any(_target(each).startswith(CAMERAS) for each in files.iterdir())


def _target(file: Path) -> str:
    try:
        return os.readlink(file)
    except OSError:
        # Closed meanwhile, as the file of this very folder is.
        return ""
