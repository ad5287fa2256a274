# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cameras, as the kernel lists them."""

from pathlib import Path

from sip_endpoints.machine.devices.found import Found, Kind

_CLASS = "sys/class/video4linux"


def find_cameras(root: Path = Path("/")) -> list[Found]:
    """Give the cameras; of one that has several nodes (pictures, data) the first."""
    found = []
    for node in sorted((root / _CLASS).glob("video*"), key=_number):
        try:
            name = (node / "name").read_text(encoding="utf-8").strip()
            is_first = (node / "index").read_text(encoding="ascii").strip() == "0"
        except (OSError, UnicodeDecodeError):
            # Unplugged just now.
            continue
        if is_first:
            found.append(Found(Kind.CAMERA, name, name, f"/dev/{node.name}"))
    return found


def _number(node: Path) -> int:
    digits = node.name.removeprefix("video")
    return int(digits) if digits.isdigit() else 0
